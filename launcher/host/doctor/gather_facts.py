"""Look at the machine: the doctor's only part that does."""

from __future__ import annotations

import importlib.util
import re
import socket
import sys
import tempfile
from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from launcher.environment import running_interpreter
from launcher.host.compatibility import TABLE_NAME, read_table
from launcher.host.doctor.host_facts import DiskSpace, Facts, JarSetState
from launcher.host.jars.jar_cache import look
from launcher.host.jars.jar_lock import LOCK_NAME, JarLock, read_lock
from launcher.host.java.choose_java import choose
from launcher.host.java.find import find
from launcher.machine import free_disk_bytes, memory
from launcher.places import config_file, places

DISTRIBUTIONS = {"spark": "pyspark", "delta": "delta-spark"}


def gather(environ: Mapping[str, str], start: Path) -> Facts:
    """Collect the facts.

    Args:
        environ: the environment to judge.
        start: where the search for configuration begins.
    """
    versions = _versions()
    home = _spark_home(environ)
    return Facts(
        platform=platform_of(sys.platform, _os_release()),
        java=choose(find(environ)),
        python=sys.version_info[:3],
        venv_works=all(importlib.util.find_spec(name) is not None for name in ("venv", "ensurepip")),
        versions=versions,
        version_complaints=_complaints(environ, start, versions),
        spark_home=str(home or ""),
        spark_home_version=spark_version(home) if home else "",
        spark_home_origin="SPARK_HOME" if environ.get("SPARK_HOME") else "pyspark",
        jars=_jar_states(environ, start),
        jar_folder=str(places(environ).jars),
        memory=memory(),
        disks=_disks(environ, start),
        hostname=socket.gethostname(),
        hostname_error=_lookup_error(socket.gethostname()),
    )


def platform_of(system: str, os_release: str) -> str:
    """Which commands fit: ``debian`` (and Ubuntu), ``fedora`` (and RHEL), ``macos`` or ``other``."""
    if system == "darwin":
        return "macos"
    match = re.findall(r"^ID(?:_LIKE)?=\"?([^\"\n]+)", os_release, re.MULTILINE)
    families = " ".join(match).split()
    return next((name for name in ("debian", "fedora") if name in families), "other")


def spark_version(home: Path) -> str:
    """Version of a Spark folder, told by the name of its core jar; empty when it has none."""
    names = [path.name for path in (home / "jars").glob("spark-core_*.jar")]
    match = re.fullmatch(r"spark-core_[\d.]+-(.+)\.jar", names[0]) if names else None
    return match.group(1) if match else ""


def _os_release() -> str:
    path = Path("/etc/os-release")
    return path.read_text(encoding="utf-8", errors="replace") if path.is_file() else ""


def _versions() -> dict[str, str]:
    found = {part: _version(name) for part, name in DISTRIBUTIONS.items()}
    return {part: text for part, text in found.items() if text}


def _version(distribution: str) -> str:
    try:
        return version(distribution)
    except PackageNotFoundError:
        return ""


def _complaints(environ: Mapping[str, str], start: Path, versions: dict[str, str]) -> tuple[str, ...]:
    if set(versions) != set(DISTRIBUTIONS):
        return ()
    table = read_table(config_file(TABLE_NAME, environ, start))
    return tuple(table.complaints(versions))


def _spark_home(environ: Mapping[str, str]) -> Path | None:
    given = environ.get("SPARK_HOME")
    return Path(given) if given else running_interpreter().spark_home


def _jar_states(environ: Mapping[str, str], start: Path) -> tuple[JarSetState, ...]:
    lock = read_lock(config_file(LOCK_NAME, environ, start))
    return tuple(_jar_state(name, lock, places(environ).jars) for name in lock.sets)


def _jar_state(name: str, lock: JarLock, folder: Path) -> JarSetState:
    entries = look(folder, lock.sets[name].jars)
    by_state = {
        state: tuple(entry.jar.file for entry in entries if entry.state == state)
        for state in ("missing", "wrong")
    }
    return JarSetState(name, len(entries), by_state["missing"], by_state["wrong"])


def _disks(environ: Mapping[str, str], start: Path) -> tuple[DiskSpace, ...]:
    wanted = {
        "the working folder": start,
        "Spark's scratch space": Path(
            environ.get("SPARK_LOCAL_DIRS", "").split(",")[0] or tempfile.gettempdir()
        ),
        "the jar cache": places(environ).jars,
    }
    return tuple(DiskSpace(purpose, str(path), free_disk_bytes(path)) for purpose, path in wanted.items())


def _lookup_error(hostname: str) -> str:
    try:
        socket.gethostbyname(hostname)
    except OSError as error:
        return str(error)
    return ""
