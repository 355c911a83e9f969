"""The files that make up one event log, on a disk."""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import pairwise
from pathlib import Path

from launcher.spec.units import counted
from sparkjobs.errors import EventLogError

IN_PROGRESS = ".inprogress"
COMPACTED = ".compact"
# Utils.sanitizeDirName
_SEPARATORS, _UNSAFE = re.compile("[ :/]"), re.compile("[.${}'\"]")
_LOCAL = re.compile(r"(?:eventlog_v2_)?local-(?P<ms>\d{13})(?:\.\w+)?(?:\.inprogress)?")
_ROLLED = re.compile(r"events_(?P<number>\d+)_.*")


def rolled_number(name: str) -> int | None:
    """The number of a part of a rolled log; ``None`` for other files."""
    match = _ROLLED.fullmatch(name)
    return int(match["number"]) if match else None


def in_order(names: Iterable[str], place: str) -> list[str]:
    """The parts of a rolled log, the oldest first.

    Args:
        names: what lies in its folder.
        place: the folder, for errors.

    Raises:
        EventLogError: none of them is a part of a log, two are of one number, or Spark has dropped tasks from
            one.
    """
    numbered = sorted((number, name) for name in names if (number := rolled_number(name)) is not None)
    for _, name in numbered:
        refuse_compacted(name, place)
    if not numbered:
        raise EventLogError(f"{place}: no rolled event log in it", "Name a file, or an eventlog_v2_ folder.")
    for (number, one), (other_number, other) in pairwise(numbered):
        if number == other_number:
            raise EventLogError(f"{place}: {one} and {other} are of one number", "Take one of them away.")
    return [name for _, name in numbered]


def refuse_compacted(name: str, place: str) -> None:
    """Spark's history server drops finished tasks from such a file: sums of it are wrong.

    Raises:
        EventLogError: it is one.
    """
    if name.removesuffix(IN_PROGRESS).endswith(COMPACTED):
        raise EventLogError(
            f"{place}: {name} is a compacted event log, from which tasks were dropped",
            "Set spark.history.fs.eventLog.rolling.maxFilesToRetain higher to keep whole logs.",
        )


def missing_parts(names: Iterable[str]) -> tuple[str, ...]:
    """Which numbers are missing in between or before, one sentence for each gap."""
    there = [number for name in names if (number := rolled_number(name)) is not None]
    before = [0, *there]
    return tuple(
        f"{counted(high - low - 1, 'part')} missing before number {high}"
        for low, high in zip(before, there, strict=False)
        if high - low > 1
    )


def log_of(application_id: str, names: Iterable[str]) -> str | None:
    """The log of an application among others, of its last attempt; ``None`` without one.

    Source of the names: Spark's ``EventLogFileWriter`` and ``RollingEventLogFilesWriter``.
    """
    own = _UNSAFE.sub("_", _SEPARATORS.sub("-", application_id)).lower()
    named = re.compile(rf"(?:eventlog_v2_)?{re.escape(own)}(?:_(?P<attempt>\d+))?(?:\.\w+)?(?:\.inprogress)?")
    found = [(int(match["attempt"] or 0), name) for name in names if (match := named.fullmatch(name))]
    return max(found)[1] if found else None


def local_logs(names: Iterable[str], since_ms: int) -> list[str]:
    """The logs of local mode that began at a moment or later, the newest first: their ids tell the time."""
    found = [(int(match["ms"]), name) for name in names if (match := _LOCAL.fullmatch(name))]
    return [name for ms, name in sorted(found, reverse=True) if ms >= since_ms]


def local_parts(path: Path) -> list[Path]:
    """The files of a log, the oldest first; a log that was renamed at its end is found by either name.

    Raises:
        EventLogError: the folder holds no log, or tasks were dropped from it.
    """
    if path.is_dir():
        return [path / name for name in in_order((part.name for part in path.iterdir()), str(path))]
    ended = path.with_name(path.name.removesuffix(IN_PROGRESS))
    refuse_compacted(path.name, str(path.parent))
    growing = path.with_name(ended.name + IN_PROGRESS)
    return [growing if growing.exists() and not ended.exists() else ended]
