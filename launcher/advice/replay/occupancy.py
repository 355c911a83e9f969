"""Who ran and who waited at a moment of the recorded run: what tells a delay from work elsewhere."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from statistics import median

from launcher.records.history.trace import Executor, Stage, Trace

# Where no executor came while tasks waited: the middle of what was measured without a GPU.
USUAL_LAG_MS = 250
# Longer than the delays of a driver that has nothing else to do.
LONG_MS = 200


class Occupancy:
    """Running tasks, waiting tasks and slots of one resource profile over time."""

    def __init__(self, trace: Trace, profile: int) -> None:
        self._stages = [stage for stage in trace.stages if stage.profile == profile]
        self._launches = sorted(ms for stage in self._stages for ms in stage.tasks.launch_ms)
        self._finishes = sorted(ms for stage in self._stages for ms in stage.tasks.finish_ms)
        spans = [(s.submitted_ms, max(s.tasks.launch_ms)) for s in self._stages if len(s.tasks)]
        self._waiting = [(begin, end) for begin, end in spans if begin is not None]

    def running(self, at_ms: int) -> int:
        """Tasks that run; one that is launched or finishes at this moment does not."""
        return bisect_left(self._launches, at_ms) - bisect_right(self._finishes, at_ms)

    def launched_between(self, after_ms: int, before_ms: int) -> bool:
        """Whether any task was launched within, the ends left out."""
        return bisect_left(self._launches, before_ms) > bisect_right(self._launches, after_ms)

    def waited_for(self, added_ms: int, launch_ms: int) -> bool:
        """Whether the first launch on an executor shows when it was ready.

        It does where tasks waited from its registration on, and where nothing ran when they came and they
        waited for it for long.
        """
        if launch_ms <= added_ms:
            return True
        for begin, end in self._waiting:
            alone = launch_ms - begin > LONG_MS and not self.running(begin)
            if begin <= launch_ms <= end and (begin <= added_ms or alone):
                return begin <= added_ms or not self.launched_between(begin, launch_ms)
        return False

    def ignored(self, added_ms: int, until_ms: int | None) -> int:
        """How long after its registration an executor still took none of the tasks that waited, ms."""
        ends = [
            end - added_ms
            for begin, end in self._waiting
            if end - max(begin, added_ms) > LONG_MS and (until_ms is None or end < until_ms)
        ]
        return max(ends, default=0)


def ready_lags(trace: Trace, occupancies: Mapping[int, Occupancy]) -> tuple[list[int], int]:
    """How long after its registration each executor took its first task, and the median, ms.

    Only an executor that came while tasks waited shows its lag; the others are given the median, or less
    where they took a task sooner, or more where they took none of those that waited. A lag may be negative:
    the registration is logged by another thread.
    """
    first = first_launches(trace.stages)
    seen: dict[int, int] = {}
    for place, executor in enumerate(trace.executors):
        occupancy = occupancies.get(executor.profile)
        if occupancy and place in first and occupancy.waited_for(executor.added_ms, first[place]):
            seen[place] = first[place] - executor.added_ms
    usual = round(median(seen.values())) if seen else USUAL_LAG_MS
    lags = [
        seen[place] if place in seen else _unseen(executor, usual, first.get(place), occupancies)
        for place, executor in enumerate(trace.executors)
    ]
    return lags, max(0, usual)


def _unseen(
    executor: Executor, usual: int, first_ms: int | None, occupancies: Mapping[int, Occupancy]
) -> int:
    """The lag of an executor that did not show it."""
    occupancy = occupancies.get(executor.profile)
    until = first_ms if first_ms is not None else executor.removed_ms
    ignored = occupancy.ignored(executor.added_ms, until) if occupancy else 0
    least = max(usual, ignored)
    return least if first_ms is None else min(least, first_ms - executor.added_ms)


def first_launches(stages: Sequence[Stage]) -> dict[int, int]:
    """The first launch on each executor that had one, by its place."""
    first: dict[int, int] = {}
    for stage in stages:
        for executor, launch in zip(stage.tasks.executor, stage.tasks.launch_ms, strict=True):
            if launch < first.get(executor, launch + 1):
                first[executor] = launch
    return first


class Capacity:
    """Slots of one resource profile over time.

    Args:
        spans: of each executor its slots, when it took tasks first and when no more.
    """

    def __init__(self, spans: Sequence[tuple[int, float, float | None]]) -> None:
        changes = [(begin, slots) for slots, begin, _ in spans]
        changes += [(end, -slots) for slots, _, end in spans if end is not None]
        changes.sort()
        self._times = [time for time, _ in changes]
        self._slots = [0]
        for _, slots in changes:
            self._slots.append(self._slots[-1] + slots)

    def at(self, at_ms: float) -> int:
        """Slots at a moment."""
        return self._slots[bisect_right(self._times, at_ms)]
