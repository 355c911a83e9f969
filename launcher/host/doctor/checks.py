"""The doctor's checks: from facts to lines, one small function each."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

from launcher.host.doctor import mends
from launcher.host.doctor.host_facts import DiskSpace, Facts, JarSetState
from launcher.host.doctor.mends import Mend
from launcher.host.jars.jar_lock import DEFAULT_SET

GIB = 1024**3
LEAST_MEMORY_BYTES = 2 * GIB
LEAST_DISK_BYTES = 2 * GIB
LEAST_PYTHON = (3, 10)


@dataclass(frozen=True)
class Line:
    """One line of the report.

    Attributes:
        check: what was looked at.
        state: ``ok``, ``problem``, or ``note`` for what is worth knowing and no problem.
        text: what was found.
        mend: for a problem, the command that mends it by platform.
    """

    check: str
    state: Literal["ok", "problem", "note"]
    text: str
    mend: Mend = field(default_factory=dict)


def examine(facts: Facts) -> list[Line]:
    """Every check, in the order in which a person would mend things."""
    return [line for check in CHECKS for line in check(facts)]


def healthy(lines: list[Line]) -> bool:
    """Whether no line is a problem."""
    return all(line.state != "problem" for line in lines)


def _python(facts: Facts) -> list[Line]:
    text = ".".join(map(str, facts.python))
    if facts.python[:2] < LEAST_PYTHON:
        return [Line("python", "problem", f"{text}; 3.10 or later is needed", mends.VENV)]
    return [Line("python", "ok", text)]


def _venv(facts: Facts) -> list[Line]:
    if not facts.venv_works:
        return [Line("python3-venv", "problem", "this Python cannot make virtual environments", mends.VENV)]
    return [Line("python3-venv", "ok", "virtual environments can be made")]


def _java(facts: Facts) -> list[Line]:
    notes = [Line("java", "note", f"passed over: {reason}") for reason in facts.java.passed_over]
    java = facts.java.java
    if java is None:
        text = "no Java 17 or 21 (looked at JAVA_HOME, PATH and the usual folders)"
        return [Line("java", "problem", text, mends.JAVA), *notes]
    return [Line("java", "ok", f"{java.version} in {java.home} (from {java.origin})"), *notes]


def _versions(facts: Facts) -> list[Line]:
    missing = [
        name for part, name in (("spark", "pyspark"), ("delta", "delta-spark")) if part not in facts.versions
    ]
    if missing:
        return [Line("packages", "problem", f"not installed: {', '.join(missing)}", mends.PACKAGES)]
    if facts.version_complaints:
        return [Line("packages", "problem", text, mends.PACKAGES) for text in facts.version_complaints]
    return [Line("packages", "ok", "pyspark {spark} with Delta {delta}".format(**facts.versions))]


def _spark_home(facts: Facts) -> list[Line]:
    wanted = facts.versions.get("spark", "")
    if not wanted or not facts.spark_home:
        return []  # the packages' check has said it
    where = f"{facts.spark_home} (from {facts.spark_home_origin})"
    if not facts.spark_home_version:
        return [Line("SPARK_HOME", "problem", f"{where} is no Spark", mends.SPARK_HOME)]
    if facts.spark_home_version != wanted:
        text = f"{where} is Spark {facts.spark_home_version}, but pyspark is {wanted}"
        return [Line("SPARK_HOME", "problem", text, mends.SPARK_HOME)]
    return [Line("SPARK_HOME", "ok", where)]


def _jars(facts: Facts) -> list[Line]:
    return [_jar_line(state, facts.jar_folder) for state in facts.jars]


def _jar_line(state: JarSetState, folder: str) -> Line:
    check, mend = f"jars {state.name}", mends.fetch(state.name)
    if state.wrong:
        return Line(check, "problem", f"not what the lock says: {', '.join(state.wrong)} in {folder}", mend)
    if not state.missing:
        return Line(check, "ok", f"{state.total} intact in {folder}")
    unused = len(state.missing) == state.total and state.name != DEFAULT_SET
    if unused:
        return Line(check, "note", f"not fetched; when needed: sparkjob jars fetch {state.name}")
    return Line(check, "problem", f"{len(state.missing)} of {state.total} not in {folder}", mend)


def _memory(facts: Facts) -> list[Line]:
    text = f"{facts.memory.limit_bytes / GIB:.1f} GiB ({facts.memory.origin})"
    if facts.memory.limit_bytes < LEAST_MEMORY_BYTES:
        return [Line("memory", "problem", f"{text}; at least 2 GiB are needed", mends.MEMORY)]
    return [Line("memory", "ok", text)]


def _disk(facts: Facts) -> list[Line]:
    return [_disk_line(disk) for disk in facts.disks]


def _disk_line(disk: DiskSpace) -> Line:
    text = f"{disk.free_bytes / GIB:.1f} GiB free for {disk.purpose} ({disk.path})"
    if disk.free_bytes < LEAST_DISK_BYTES:
        return Line("disk", "problem", f"{text}; at least 2 GiB are needed", mends.free_space(disk.path))
    return Line("disk", "ok", text)


def _hostname(facts: Facts) -> list[Line]:
    if facts.hostname_error:
        text = f"{facts.hostname!r} does not resolve: {facts.hostname_error}"
        return [Line("hostname", "problem", text, mends.HOSTNAME)]
    return [Line("hostname", "ok", f"{facts.hostname} resolves")]


CHECKS: tuple[Callable[[Facts], list[Line]], ...] = (
    _python,
    _venv,
    _java,
    _versions,
    _spark_home,
    _jars,
    _memory,
    _disk,
    _hostname,
)
