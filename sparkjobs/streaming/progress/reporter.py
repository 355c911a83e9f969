"""Measures each batch and tells the listeners when it is done.

The seam between the batches and whoever follows them: the file of progress, the metrics, the scaling of
executors, the end after so many batches. Listeners are called in their order between two batches, on the
thread that does the batches: Spark begins no other one before they return.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Protocol

from sparkjobs.phases import REST, Profile
from sparkjobs.streaming.progress.batch_progress import BatchProgress, Decided, Seconds, stamp

_DIGITS = 3


class Listener(Protocol):
    """Is told of each batch."""

    def batch_done(self, progress: BatchProgress) -> None:
        """A batch was done, and none runs now."""


def _unknown() -> None:
    return None


@dataclass(frozen=True)
class Surroundings:
    """What is asked when a batch is done; each answers ``None`` where it does not know.

    Attributes:
        lag: what lies unread, in the source's unit, by part of the source.
        state_rows: rows that Spark keeps as state.
        executors: executors that are there.
        target: executors that the stream asks for.
        decisions: how that number came to be, since it was asked last.
    """

    lag: Callable[[], Mapping[str, int] | None] = _unknown
    state_rows: Callable[[], int | None] = _unknown
    executors: Callable[[], int | None] = _unknown
    target: Callable[[], int | None] = _unknown
    decisions: Callable[[], tuple[Decided, ...]] = tuple


class Measured:
    """The batch that is being done.

    Attributes:
        rows: rows that it read; set when they are known.
        watermark: what divides its rows, ISO 8601.
        lists: numbers of its lists.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self.begun_s = clock()
        self.rows: int | None = None
        self.watermark: str | None = None
        self.lists: tuple[int, ...] = ()
        self._profile = Profile(clock, self.begun_s)

    @contextmanager
    def phase(self, name: str) -> Iterator[None]:
        """Count the block as one of ``batch_progress.PHASES``; what is in none is bookkeeping."""
        with self._profile.phase(name):
            yield

    def spent(self) -> dict[str, float]:
        """Seconds by phase until now."""
        return {phase.name: phase.seconds for phase in self._profile.phases()}


class Reporter:
    """Measures batches and tells of them.

    Args:
        listeners: who is told, in this order.
        surroundings: what is asked besides.
        clock: monotonic seconds.
        now: the time of day.
    """

    def __init__(
        self,
        listeners: Sequence[Listener] = (),
        surroundings: Surroundings | None = None,
        clock: Callable[[], float] = time.monotonic,
        now: Callable[[], datetime] = lambda: datetime.now(timezone.utc),
    ) -> None:
        self._listeners = tuple(listeners)
        self._ask = surroundings or Surroundings()
        self._clock = clock
        self._now = now
        self._free_s = clock()
        self._began_s: float | None = None
        self._looked_s = 0.0
        self._listed: dict[int, float] = {}
        # Lists whose batches were done before the look that wrote them was over.
        self._early: set[int] = set()
        # Looks come from the thread of the run, batches from that of Spark's query.
        self._lock = threading.Lock()
        self._free = threading.Event()
        self._free.set()

    def looks(self, looked_s: float) -> None:
        """A look at the input begins (by the clock)."""
        self._looked_s = looked_s

    def listed(self, lists: Iterable[int], looked_s: float) -> None:
        """Lists were written by a look at the input that began then (by the clock).

        Spark sees a list as soon as it is written: batches may have been done before the look was over.
        """
        with self._lock:
            written = set(lists)
            self._listed.update(dict.fromkeys(written - self._early, looked_s))
            self._early -= written
            if self._listed:
                self._free.clear()

    @property
    def busy(self) -> bool:
        """Whether a list was written whose batch is not done."""
        return bool(self._listed)

    def wait_free(self, most_s: float) -> None:
        """Wait so long at most until no list waits for its batch."""
        self._free.wait(most_s)

    @contextmanager
    def batch(self, number: int) -> Iterator[Measured]:
        """Measure a batch; tell of it unless it fails.

        It is done when all have been told: the thread of the run looks at the input as soon as nothing waits,
        and who follows both must hear of the batch before the look.
        """
        measured = Measured(self._clock)
        yield measured
        progress = self._progress(number, measured)
        self._free_s = self._clock()
        for listener in self._listeners:
            listener.batch_done(progress)
        self._done(measured.lists)

    def _done(self, lists: Iterable[int]) -> None:
        with self._lock:
            for item in lists:
                if self._listed.pop(item, None) is None:
                    self._early.add(item)
            if not self._listed:
                self._free.set()

    def _progress(self, number: int, measured: Measured) -> BatchProgress:
        looked = (self._listed.get(item, self._looked_s) for item in measured.lists)
        ready_s = max([self._free_s, *looked])
        waited = max(0.0, measured.begun_s - ready_s)
        rate, lag = self._rate(measured, ready_s), self._ask.lag()
        return BatchProgress(
            ts=stamp(self._now()),
            batch=number,
            rows=measured.rows,
            input_rows_per_s=rate,
            seconds=_seconds(measured.spent(), waited),
            lag=None if lag is None else sum(lag.values()),
            state_rows=self._ask.state_rows(),
            watermark=measured.watermark,
            executors=self._ask.executors(),
            target=self._ask.target(),
            decisions=self._ask.decisions(),
            lag_by_partition=lag if lag is not None and len(lag) > 1 else {},
        )

    def _rate(self, measured: Measured, ready_s: float) -> float | None:
        before, self._began_s = self._began_s, ready_s
        if before is None or measured.rows is None or ready_s <= before:
            return None
        return round(measured.rows / (ready_s - before), _DIGITS)


def _seconds(spent: dict[str, float], waited: float) -> Seconds:
    """Rounded so that the phases add up. Pure."""
    plan = round(spent.get("plan", 0.0) + waited, _DIGITS)
    read, work, commit = (spent.get(name, 0.0) for name in ("read", "work", "commit"))
    rest = spent.get("bookkeeping", 0.0) + spent.get(REST, 0.0)
    total = plan + read + work + commit + rest
    return Seconds(*(round(part, _DIGITS) for part in (total, plan, read, work, commit, rest)))
