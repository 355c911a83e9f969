"""Who ran and who waited at a moment of the recorded run: what a delay was, work elsewhere or a delay of its own."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from statistics import median

from launcher.advice.replay.slots import slots_of
from launcher.records.history.trace import Stage, Trace

# Where no executor came while tasks waited: the middle of what was measured without a GPU.
USUAL_LAG_MS = 250


class Occupancy:
    """Running tasks, waiting tasks and slots of one resource profile over time."""

    def __init__(self, trace: Trace, profile: int) -> None:
        self._stages = [stage for stage in trace.stages if stage.profile == profile]
        self._launches = sorted(ms for stage in self._stages for ms in stage.tasks.launch_ms)
        self._finishes = sorted(ms for stage in self._stages for ms in stage.tasks.finish_ms)
        spans = [(s.submitted_ms, max(s.tasks.launch_ms)) for s in self._stages if len(s.tasks)]
        self._waiting = [(begin, end) for begin, end in spans if begin is not None]

    def running(self, at_ms: int) -> int:
        """Tasks that run; one that finishes at this moment does not."""
        return bisect_right(self._launches, at_ms) - bisect_right(self._finishes, at_ms)

    def launched_between(self, after_ms: int, before_ms: int) -> bool:
        """Whether any task was launched within, the ends left out."""
        return bisect_left(self._launches, before_ms) > bisect_right(self._launches, after_ms)

    def waited(self, from_ms: int, to_ms: int) -> bool:
        """Whether tasks of one stage waited from one moment to the other."""
        return any(begin <= from_ms and to_ms <= end for begin, end in self._waiting)


def ready_lags(trace: Trace, occupancies: Mapping[int, Occupancy]) -> tuple[list[int], int]:
    """How long after its registration each executor took its first task, and the median, ms.

    Only an executor that came while tasks waited shows its lag; the others are given the median, or less
    where they took a task sooner. A lag may be negative: the registration is logged by another thread.
    """
    first = first_launches(trace.stages)
    seen: dict[int, int] = {}
    for place, executor in enumerate(trace.executors):
        launch = first.get(place)
        occupancy = occupancies.get(executor.profile)
        if launch is None or occupancy is None:
            continue
        if launch <= executor.added_ms or occupancy.waited(executor.added_ms, launch):
            seen[place] = launch - executor.added_ms
    usual = round(median(seen.values())) if seen else USUAL_LAG_MS
    lags = []
    for place, executor in enumerate(trace.executors):
        most = first[place] - executor.added_ms if place in first else usual
        lags.append(seen.get(place, min(usual, most)))
    return lags, max(0, usual)


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


def slots_by_profile(trace: Trace) -> dict[int, int]:
    """Task slots of an executor of each profile: as its executors had, else as the profile says."""
    slots: dict[int, int] = {}
    for executor in trace.executors:
        slots[executor.profile] = max(slots.get(executor.profile, 0), slots_of(executor, trace.profiles))
    for number, profile in trace.profiles.items():
        if number not in slots:
            slots[number] = max(1, int((profile.executor_cores or 1) / max(profile.task_cpus, 1e-9)))
    return slots
