"""Lets the number of executors follow the load: tells the policy of batches and looks, does what it says.

Executors are ended between two batches only: in the call that follows a batch, on the thread that does
the batches, and after a look that found nothing, for then no batch begins before the next look.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import deque
from collections.abc import Callable
from datetime import datetime, timezone
from statistics import median

from sparkjobs.streaming.progress.batch_progress import BatchProgress, Decided, stamp
from sparkjobs.streaming.scaling.events import Batch, Event
from sparkjobs.streaming.scaling.fleet import Fleet
from sparkjobs.streaming.scaling.looks import Looks
from sparkjobs.streaming.scaling.policy import begin, decide
from sparkjobs.streaming.scaling.rules import Rules

log = logging.getLogger("sparkjobs")
_BATCHES = 5


class Autoscaler:
    """A listener of batches, of looks at the input, and of batches that run on.

    Args:
        rules: bounds and objective.
        start: executors before the first batch.
        fleet: the executors.
        lists: how many lists have been written so far.
        lag: what lies unread, in the source's unit.
        left: lists of earlier runs that no batch has done.
        clock: monotonic seconds.
        now: the time of day.
    """

    def __init__(
        self,
        rules: Rules,
        start: int,
        fleet: Fleet,
        lists: Callable[[], int],
        lag: Callable[[], int],
        left: int = 0,
        clock: Callable[[], float] = time.monotonic,
        now: Callable[[], datetime] = lambda: datetime.now(timezone.utc),
    ) -> None:
        self._rules, self._fleet, self._clock, self._now = rules, fleet, clock, now
        self._lists, self._lag = lists, lag
        self._memory = begin(rules, start)
        self._looks = Looks(left)
        self._written = lists()
        self._unread = self._found = self._rows = 0
        self._rows_of_one: deque[float] = deque(maxlen=_BATCHES)
        self._told_s = clock()
        self._worked = fleet.worked()
        self._decided: list[Decided] = []
        # Looks come from the thread of the run, batches from that of Spark's query.
        self._lock = threading.Lock()

    @property
    def target(self) -> int:
        """How many executors the stream asks for."""
        return self._memory.target

    def decided(self) -> tuple[Decided, ...]:
        """The changes of the target since it was asked last."""
        with self._lock:
            found, self._decided = tuple(self._decided), []
        return found

    def begin(self) -> None:
        """Before the first batch.

        A standalone master without dynamic allocation has started all that spark.cores.max allows.
        """
        self._fleet.release(self.target)

    def looked(self) -> None:
        """The input was looked at, and its lists are written."""
        with self._lock:
            self._told_s = at = self._clock()
            written, self._written = self._lists() - self._written, self._lists()
            self._looks.looked(at, written)
            self._unread = self._found = self._lag()
            self._rows = 0
            arrived = self._looks.complete()
            self._decide(Event(at, None, arrived, self._waiting()), idle=not self._looks.waiting)

    def batch_done(self, progress: BatchProgress) -> None:
        """A batch was done, and none runs now."""
        with self._lock:
            self._looks.done(progress.rows or 0)
            self._learn(progress)
            batch, work = None, self._work()
            if progress.rows is not None:
                executors = progress.executors if progress.executors is not None else self._fleet.alive()
                batch = Batch(progress.rows, progress.seconds.total, executors, work)
            event = Event(self._clock(), batch, self._looks.complete(), self._waiting())
            self._decide(event, idle=True)

    def runs_on(self) -> None:
        """A batch runs, longer than a trigger; asked again and again, tells the policy each trigger once."""
        at = self._clock()
        if at - self._told_s < self._rules.trigger_s:
            return
        with self._lock:
            self._told_s = at
            self._decide(Event(at, running=True), idle=False)

    def _work(self) -> float | None:
        """What the tasks since the batch before took; nothing where an executor's account is gone."""
        before, self._worked = self._worked, self._fleet.worked()
        if before is None or self._worked is None or self._worked < before:
            return None
        return self._worked - before

    def _learn(self, progress: BatchProgress) -> None:
        """How many rows one unit of lag has: files have many, records are rows."""
        self._unread = progress.lag or 0
        self._rows += progress.rows or 0
        if not self._looks.waiting and self._found and self._rows:
            self._rows_of_one.append(self._rows / self._found)
            self._found = 0

    def _waiting(self) -> tuple[float, ...]:
        """Rows of each batch that waits, as far as can be told before they are read.

        What came while a batch ran late is on no list yet, and will be one batch.
        """
        lists = self._looks.waiting or (1 if self._unread else 0)
        rows = self._unread * median(self._rows_of_one) if self._rows_of_one else 0.0
        return (rows / lists,) * lists if lists else ()

    def _decide(self, event: Event, *, idle: bool) -> None:
        self._memory, decision = decide(self._rules, self._memory, event)
        level = logging.INFO if decision.changed else logging.DEBUG
        log.log(level, "executors: %s; %s", decision.target, decision.reason)
        if decision.changed:
            self._decided.append(Decided(stamp(self._now()), decision.target, decision.reason))
            self._fleet.ask(decision.target)
        # Not only when it changes: one that was busy then may be idle now.
        if idle and self._fleet.alive() > decision.target:
            self._fleet.release(decision.target)
