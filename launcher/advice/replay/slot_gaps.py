"""How long a task slot lies idle between two tasks, and how many slots the executors of a profile have."""

from __future__ import annotations

import heapq
from statistics import median

from launcher.records.history.facts.slots import slots_of
from launcher.records.history.trace import Executor, Trace

# Beyond that the slot was idle for want of tasks.
MOST_GAP_MS = 200
_NEVER = -(1 << 62)


def slots_on(executor: Executor, trace: Trace) -> int:
    """Tasks that an executor runs at a time."""
    profile = trace.profiles.get(executor.profile, trace.profiles[0])
    return slots_of(executor.cores, executor.gpus, profile)


def slots_by_profile(trace: Trace) -> dict[int, int]:
    """Task slots of an executor of each profile: as its executors had, else as the profile says."""
    slots: dict[int, int] = {}
    for executor in trace.executors:
        slots[executor.profile] = max(slots.get(executor.profile, 0), slots_on(executor, trace))
    for number, profile in trace.profiles.items():
        if number not in slots:
            slots[number] = slots_of(profile.executor_cores or 1, profile.executor_gpus, profile)
    return slots


def slot_gap_ms(trace: Trace) -> int:
    """The median time from a finish to the next launch of the same stage on that slot.

    It may be negative: a finish is stamped after the core is free again.
    """
    gaps: list[int] = []
    for place, attempts in enumerate(_by_executor(trace)):
        slots = slots_on(trace.executors[place], trace)
        ends: list[tuple[int, int]] = [(_NEVER, -1)] * slots
        for launch, finish, stage in sorted(attempts):
            free_at, before = heapq.heapreplace(ends, (finish, stage))
            if before == stage and launch - free_at < MOST_GAP_MS:
                gaps.append(launch - free_at)
    return round(median(gaps)) if gaps else 0


def _by_executor(trace: Trace) -> list[list[tuple[int, int, int]]]:
    found: list[list[tuple[int, int, int]]] = [[] for _ in trace.executors]
    for place, stage in enumerate(trace.stages):
        tasks = stage.tasks
        for executor, launch, finish in zip(tasks.executor, tasks.launch_ms, tasks.finish_ms, strict=True):
            found[executor].append((launch, finish, place))
    return found
