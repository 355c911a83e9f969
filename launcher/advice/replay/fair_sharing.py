"""Whether stages or pools share the slots, as the fair scheduler has it, or the first takes all."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence

from launcher.advice.replay.occupancy import LONG_MS
from launcher.records.history.trace import Stage, Trace

# Spark's name for the pool of jobs that name none (``FairSchedulableBuilder``).
_DEFAULT = "default"


def pools_of(trace: Trace) -> tuple[int, ...]:
    """Of each job the number of its pool; none where all are in one.

    Weights and least shares stand in a file that no log holds: pools count alike, as those without a file do.
    """
    pools = [job.pool or _DEFAULT for job in trace.jobs]
    numbers = {name: number for number, name in enumerate(dict.fromkeys(pools))}
    if not _in_fair_mode(trace) or len(numbers) < 2:
        return ()
    return tuple(numbers[name] for name in pools)


def is_fair(trace: Trace) -> bool:
    """Whether stages that waited at the same time shared the slots.

    ``spark.scheduler.mode=FAIR`` is not enough: without a file of pools all jobs are in one pool, whose own
    order is FIFO (``FairSchedulableBuilder``). So the launches must show it: of a stage, long after one that
    goes before it could run, and long before that one launched its last.
    """
    if not _in_fair_mode(trace):
        return False
    waited: dict[int, _Times] = {}  # by profile, when a stage waited for long
    for stage in trace.stages:  # in the order of their numbers, by which FIFO ranks them within a job
        launches = _launches(stage)
        if stage.submitted_ms is None or not launches:
            continue
        times = waited.setdefault(stage.profile, _Times())
        if times.hold_any(launches):
            return True
        times.add(stage.submitted_ms + LONG_MS, launches[-1] - LONG_MS)
    return False


def _in_fair_mode(trace: Trace) -> bool:
    return (trace.conf or {}).get("spark.scheduler.mode", "").upper() == "FAIR"


def _launches(stage: Stage) -> list[int]:
    """Of the first attempts, in turn: what runs again may run whenever there is a slot."""
    rows = zip(stage.tasks.launch_ms, stage.tasks.attempt, strict=True)
    return sorted(launch for launch, attempt in rows if not attempt)


class _Times:
    """Spans of time, those that meet put together."""

    def __init__(self) -> None:
        self._begins: list[int] = []
        self._ends: list[int] = []

    def add(self, begin: int, end: int) -> None:
        """One more; nothing where it ends before it begins."""
        if end <= begin:
            return
        first, last = bisect_left(self._ends, begin), bisect_right(self._begins, end)
        if first < last:
            begin, end = min(begin, self._begins[first]), max(end, self._ends[last - 1])
        self._begins[first:last], self._ends[first:last] = [begin], [end]

    def hold_any(self, ordered: Sequence[int]) -> bool:
        """Whether one of these moments, which are in order, lies within a span."""
        for begin, end in zip(self._begins, self._ends, strict=True):
            place = bisect_right(ordered, begin)
            if place < len(ordered) and ordered[place] < end:
                return True
        return False
