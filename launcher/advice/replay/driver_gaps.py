"""What a job waits for, and how long the driver takes before it: the gaps that no executor can close."""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from launcher.records.history.trace import Execution, Job, Trace

# Events of two threads that follow each other may be stamped in the other order.
TOLERANCE_MS = 2


@dataclass(frozen=True)
class Waits:
    """What one job waits for.

    Attributes:
        after: places of jobs that end before; empty: the application's start.
        gap_ms: from there to its start.
        group: number of its group.
    """

    after: tuple[int, ...]
    gap_ms: int
    group: int


def job_waits(trace: Trace) -> list[Waits]:
    """What each job of ``trace.jobs`` (in the order of start) waits for.

    Within one root SQL execution a job follows all earlier jobs that had ended; the first one follows the
    execution that ended last and that no other follows yet. Jobs without an execution stand each for one.
    """
    groups = _groups(trace)
    driver = _Driver(trace.jobs, groups)
    found = []
    for place, job in enumerate(trace.jobs):
        after = driver.starts(place)
        begin = max((trace.jobs[other].end_ms or 0 for other in after), default=trace.start_ms)
        found.append(Waits(after, max(0, job.start_ms - begin), groups[place]))
    return found


def _groups(trace: Trace) -> list[int]:
    """A number for each job: equal for those of one root execution."""
    numbers: dict[tuple[str, int], int] = {}
    roots = _roots(trace)
    keys = [
        ("job", job.id) if job.root is None else ("execution", roots.get(job.root, job.root))
        for job in trace.jobs
    ]
    return [numbers.setdefault(key, len(numbers)) for key in keys]


def _roots(trace: Trace) -> dict[int, int]:
    """The execution within which each one began and ended; logs tell it by themselves from Spark 3.4 on."""
    if any(one.root not in (None, one.id) for one in trace.executions):
        return {}
    found: dict[int, int] = {}
    open_ones: list[Execution] = []  # each within the one before
    for one in sorted(trace.executions, key=lambda one: (one.start_ms, -(one.end_ms or trace.last_ms))):
        while open_ones and _end(open_ones[-1], trace) < _end(one, trace):
            open_ones.pop()
        found[one.id] = open_ones[0].id if open_ones else one.id
        open_ones.append(one)
    return found


def _end(execution: Execution, trace: Trace) -> int:
    return trace.last_ms if execution.end_ms is None else execution.end_ms


class _Driver:
    """Goes through the jobs in the order of their start and remembers what has ended."""

    def __init__(self, jobs: Sequence[Job], groups: Sequence[int]) -> None:
        self._jobs, self._groups = jobs, groups
        self._ends: list[tuple[int, int]] = []  # of running jobs, a heap
        self._running: Counter[int] = Counter()  # jobs of each group
        self._last: dict[int, int] = {}  # the job of each unclaimed group that ended last
        self._latest: int | None = None  # of all
        self._members: dict[int, list[int]] = {}  # of each group, without those that others followed
        self._anchors: dict[int, tuple[int, ...]] = {}
        self._claimed: set[int] = set()

    def starts(self, place: int) -> tuple[int, ...]:
        """What the job at ``place`` follows."""
        job, group = self._jobs[place], self._groups[place]
        self._end(job.start_ms + TOLERANCE_MS)
        if group not in self._anchors:
            self._anchors[group] = self._predecessor()
        ended, running = self._of(group, job.start_ms + TOLERANCE_MS)
        followed = self._frontier(ended)
        self._members[group] = [*followed, *running, place]
        self._running[group] += 1
        if job.end_ms is not None:
            heapq.heappush(self._ends, (job.end_ms, place))
        return tuple(followed) or self._anchors[group]

    def _end(self, until_ms: int) -> None:
        while self._ends and self._ends[0][0] <= until_ms:
            _, place = heapq.heappop(self._ends)
            group = self._groups[place]
            self._running[group] -= 1
            self._latest = place
            if group not in self._claimed:
                self._last[group] = place

    def _predecessor(self) -> tuple[int, ...]:
        """The last job of the execution that ended last; one that nothing follows yet before others."""
        over = [place for group, place in self._last.items() if not self._running[group]]
        if not over:
            return () if self._latest is None else (self._latest,)
        chosen = max(over, key=lambda place: self._jobs[place].end_ms or 0)
        self._claimed.add(self._groups[chosen])
        del self._last[self._groups[chosen]]
        return (chosen,)

    def _of(self, group: int, until_ms: int) -> tuple[list[int], list[int]]:
        ended: list[int] = []
        running: list[int] = []
        for place in self._members.get(group, []):
            end = self._jobs[place].end_ms
            (running if end is None or end > until_ms else ended).append(place)
        return ended, running

    def _frontier(self, ended: Sequence[int]) -> list[int]:
        """Those that no other of them followed: the others are over when these are."""
        latest = max((self._jobs[place].start_ms for place in ended), default=0)
        return [
            place
            for place in ended
            if (self._jobs[place].end_ms or 0) > latest + TOLERANCE_MS or self._jobs[place].start_ms == latest
        ]
