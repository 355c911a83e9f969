"""How a stream runs, from the lines of progress in its run's folder."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from statistics import median
from typing import Any

from launcher.records.store import RunFolder
from sparkjobs.streaming.progress.batch_progress import BatchProgress, document
from sparkjobs.streaming.progress.behind import Behind, behind
from sparkjobs.streaming.progress.progress_file import OLDER, newest_text, parsed

# Batches by which rate and latency are told.
_NEWEST = 20
_TAIL_BYTES = 1 << 18


@dataclass(frozen=True)
class StreamFigures:
    """How a stream runs.

    Attributes:
        batches: batches of this run.
        newest: the newest of them.
        rows_per_s: rows by the time of the newest batches; ``None``: too few.
        latency_s: of these the median of the seconds from the look that found a row to its commit.
        slowest_s: of these the longest.
        behind: whether it falls behind its input.
    """

    batches: int
    newest: BatchProgress
    rows_per_s: float | None
    latency_s: float
    slowest_s: float
    behind: Behind | None

    def document(self) -> dict[str, Any]:
        """As JSON."""
        return {**asdict(self), "newest": document(self.newest)}


def figures_of(folder: RunFolder) -> StreamFigures | None:
    """The figures of a run; ``None``: it is no stream, or has done no batch."""
    lines = list(parsed(newest_text(folder.progress, _TAIL_BYTES).splitlines()))
    if not lines:
        return None
    older = folder.progress.with_name(OLDER)
    return summed(lines, _count(folder.progress) + _count(older))


def summed(lines: Sequence[BatchProgress], batches: int) -> StreamFigures:
    """The figures of a stream. Pure.

    Args:
        lines: the newest batches, oldest first.
        batches: how many there were in all.
    """
    newest = lines[-_NEWEST:]
    spent = [line.seconds.total for line in newest]
    return StreamFigures(
        batches, newest[-1], _rate(newest), round(median(spent), 3), max(spent), behind(lines)
    )


def _rate(lines: Sequence[BatchProgress]) -> float | None:
    """Rows of all but the first by the time from its end to that of the last."""
    seconds = _moment(lines[-1].ts) - _moment(lines[0].ts)
    if seconds <= 0:
        return None
    return round(sum(line.rows or 0 for line in lines[1:]) / seconds, 1)


def _moment(ts: str) -> float:
    # Before Python 3.11 fromisoformat knows no "Z".
    return datetime.fromisoformat(ts.replace("Z", "+00:00")).timestamp()


def _count(path: Path) -> int:
    try:
        with path.open("rb") as stream:
            return sum(chunk.count(b"\n") for chunk in iter(lambda: stream.read(1 << 20), b""))
    except FileNotFoundError:
        return 0
