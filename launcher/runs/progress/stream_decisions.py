"""How a stream moved its executors, from the lines of progress in its run's folder."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from launcher.records.store import RunFolder
from sparkjobs.streaming.progress.batch_progress import Decided, from_line
from sparkjobs.streaming.progress.progress_file import OLDER

# Most lines have none: they need not be parsed.
_SIGN = b'"decisions": ['


def decisions_of(folder: RunFolder) -> tuple[Decided, ...]:
    """The decisions, oldest first; none of a run that is no stream, or whose executors did not follow."""
    files = (folder.progress.with_name(OLDER), folder.progress)
    return tuple(one for file in files for one in _of_file(file))


def _of_file(path: Path) -> Iterator[Decided]:
    try:
        with path.open("rb") as stream:
            for line in stream:
                if _SIGN in line:
                    yield from _of_line(line)
    except FileNotFoundError:
        return


def _of_line(line: bytes) -> tuple[Decided, ...]:
    try:
        found = from_line(line.decode("utf-8", "replace"))
        return tuple(one for one in found.decisions if one.at_ms)
    except ValueError:  # a line that was cut off, or a time that is none (``at_ms``)
        return ()
