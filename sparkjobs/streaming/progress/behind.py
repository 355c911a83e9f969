"""Whether a stream falls behind its input, and what eats the time. Pure but for the log."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass

from sparkjobs.streaming.progress.batch_progress import PHASES, BatchProgress

log = logging.getLogger("sparkjobs")
# Fewer may be one large arrival.
LEAST_BATCHES = 5
_KEPT = 1000


@dataclass(frozen=True)
class Behind:
    """A stream that does not catch up.

    Attributes:
        batches: for so many batches in a row.
        phase: the phase that took most of their time.
        seconds: its seconds in the mean of these batches.
        share: its share of their time, from 0 to 1.
    """

    batches: int
    phase: str
    seconds: float
    share: float

    @property
    def text(self) -> str:
        """For people."""
        return (
            f"behind for {self.batches} batches: {self.phase} takes {self.seconds:.1f} s a batch, "
            f"{self.share:.0%} of the time"
        )


def behind(lines: Sequence[BatchProgress]) -> Behind | None:
    """Whether the newest batches left their input waiting, each no less of it than the one before.

    Args:
        lines: the batches, oldest first.
    """
    count = 0
    for before, now in zip(reversed(lines[:-1]), reversed(lines), strict=False):
        if not now.lag or before.lag is None or now.lag < before.lag:
            break
        count += 1
    if count < LEAST_BATCHES:
        return None
    newest = lines[-count:]
    spent = {phase: sum(getattr(line.seconds, phase) for line in newest) for phase in PHASES}
    phase = max(spent, key=lambda name: spent[name])
    total = sum(spent.values())
    return Behind(count, phase, spent[phase] / count, spent[phase] / total if total else 0.0)


class Warner:
    """A listener that says so in the log when a stream falls behind: after 5 batches, 10, 20, 40, ..."""

    def __init__(self) -> None:
        self._lines: list[BatchProgress] = []
        self._next = LEAST_BATCHES

    def batch_done(self, progress: BatchProgress) -> None:
        """Look at the newest batches."""
        self._lines = [*self._lines[-_KEPT:], progress]
        found = behind(self._lines)
        if found is None:
            self._next = LEAST_BATCHES
        elif found.batches >= self._next:
            self._next *= 2
            log.warning("%s", found.text)
