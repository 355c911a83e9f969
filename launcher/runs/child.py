"""Start spark-submit so that it and the driver's Python die with the supervisor, and tell when they begin."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from launcher.planning.render.spark_defaults import escaped
from launcher.planning.submit.command import Submission, argv
from launcher.runs.run_request import RunRequest
from launcher.runs.run_settings import split_secrets

DIE_WITH_PARENT = Path(__file__).with_name("die_with_parent.py")
_PYTHON_KEY = "spark.pyspark.driver.python"


@dataclass(frozen=True)
class Prepared:
    """What is about to be started.

    Attributes:
        argv: the spark-submit argument list, as shown and recorded.
        environ: its environment.
        marker: the file that the driver's Python writes when it begins.
        properties: the file with the secrets; ``None`` when there are none.
    """

    argv: tuple[str, ...]
    environ: Mapping[str, str]
    marker: Path
    properties: Path | None


def prepare(request: RunRequest, folder: Path, scratch: Path, environ: Mapping[str, str]) -> Prepared:
    """Lay out the files of one attempt and make the argument list.

    Args:
        request: what to run.
        folder: the run's; programs lie there, for a temporary folder may forbid them.
        scratch: the run's temporary folder; secrets lie there, which must not outlive the run.
        environ: of the child.
    """
    marker = folder / "driver"
    marker.unlink(missing_ok=True)
    settings, hidden = split_secrets(request.settings)
    settings = {key: value for key, value in settings.items() if key not in request.carried}
    hidden |= request.carried
    properties = _write_properties(scratch, hidden) if hidden else None
    child = dict(environ)
    if request.deploy_mode == "client":
        real = settings.pop(_PYTHON_KEY, None) or child.get("PYSPARK_DRIVER_PYTHON") or sys.executable
        child["PYSPARK_DRIVER_PYTHON"] = str(_write_door(folder, marker, real))
    submission = Submission(
        request.binary, settings, request.main, request.arguments, properties, request.options
    )
    return Prepared(tuple(argv(submission)), child, marker, properties)


def start(prepared: Prepared, cwd: str, pass_fds: Sequence[int]) -> subprocess.Popen[bytes]:
    """Start it. To be called in the main thread: the tie is to the thread that forks.

    Raises:
        OSError: it cannot be started.
    """
    _refuse_missing(prepared.argv[0], prepared.environ)
    tied = [sys.executable, "-S", "-E", str(DIE_WITH_PARENT), "-"]
    return subprocess.Popen(
        [*tied, *prepared.argv], env=dict(prepared.environ), cwd=cwd, stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, pass_fds=tuple(pass_fds), start_new_session=True,
    )  # fmt: skip


def _refuse_missing(binary: str, environ: Mapping[str, str]) -> None:
    import shutil

    if shutil.which(binary, path=environ.get("PATH")) is None:
        raise FileNotFoundError(f"{binary} is no program that can be started")


def _write_properties(folder: Path, hidden: Mapping[str, str]) -> Path:
    path = folder / "secret.properties"
    text = "".join(f"{key} {escaped(value)}\n" for key, value in hidden.items())
    _write_private(path, text, 0o600)
    return path


def _write_door(folder: Path, marker: Path, python: str) -> Path:
    """spark-submit wants one program as the driver's Python: a script that ties the real one to its JVM."""
    path = folder / "driver-python"
    words = " ".join(map(_quoted, (sys.executable, "-S", "-E", str(DIE_WITH_PARENT), str(marker), python)))
    _write_private(path, f'#!/bin/sh\nexec {words} "$@"\n', 0o700)
    return path


def _quoted(word: str) -> str:
    return "'" + word.replace("'", "'\\''") + "'"


def _write_private(path: Path, text: str, mode: int) -> None:
    path.unlink(missing_ok=True)
    with os.fdopen(
        os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "w", encoding="utf-8"
    ) as stream:
        stream.write(text)
