"""Answers of earlier questions, by what the answer depends on."""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Mapping
from pathlib import Path

import msgspec

from launcher.host.jars.jar_lock import LOCK_NAME, read_lock
from launcher.places import config_file, places
from launcher.planning.plan_request import Qualification
from launcher.spec.application import Application
from sparkjobs import __version__
from sparkjobs.qualify.answer import Answer

JAR_SET = "rapids-slim"
_SUFFIX = ".json"


def key(application: Application, versions: Mapping[str, str]) -> str:
    """Name of an answer: the script's content, or the job's name, its arguments and the versions.

    Raises:
        OSError: the script cannot be read.
    """
    script = hashlib.sha256(Path(application.path).read_bytes()).hexdigest() if application.path else ""
    parts = [
        application.kind,
        application.name,
        script,
        list(application.arguments),
        sorted(versions.items()),
    ]
    return hashlib.sha256(msgspec.json.encode(parts)).hexdigest()


def versions(environ: Mapping[str, str], spark: str, start: Path) -> dict[str, str]:
    """The versions that an answer depends on: ours, Spark's and RAPIDS'."""
    jars = read_lock(config_file(LOCK_NAME, environ, start)).named(JAR_SET).jars
    return {"sparkjobs": __version__, "spark": spark, "rapids": jars[0].version}


def folder(environ: Mapping[str, str]) -> Path:
    """Where answers are kept."""
    return places(environ).cache / "qualify"


def load(where: Path, name: str) -> Answer | None:
    """An answer; ``None`` when there is none that can be read."""
    try:
        return msgspec.json.decode((where / (name + _SUFFIX)).read_bytes(), type=Answer)
    except (OSError, msgspec.DecodeError):
        return None


def keep(where: Path, name: str, answer: Answer) -> None:
    """Keep an answer; readers see all of it or nothing."""
    where.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(prefix=".", dir=where)
    with os.fdopen(handle, "w", encoding="utf-8") as stream:
        stream.write(answer.to_json())
    Path(temporary).replace(where / (name + _SUFFIX))


def cached(
    application: Application, environ: Mapping[str, str], spark: str, start: Path
) -> Qualification | None:
    """What ``sparkjob qualify`` found earlier for this very application; starts nothing.

    Args:
        application: the script or job with its arguments.
        environ: tells the cache's folder.
        spark: version of the Spark that would run it.
        start: absolute folder where the search for configuration begins.
    """
    from launcher.qualify.suitability import judge

    try:
        name = key(application, versions(environ, spark, start))
    except OSError:
        return None
    answer = load(folder(environ), name)
    return None if answer is None else judge(answer).qualification
