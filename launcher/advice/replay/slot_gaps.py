"""How long a task slot lies idle between two tasks, and how many slots the executors of a profile have."""

from __future__ import annotations

import heapq
from collections.abc import Sequence
from statistics import median

from launcher.records.history.at_once import tasks_at_once
from launcher.records.history.facts.slots import slots_in, slots_of, slots_of_profile
from launcher.records.history.trace import Executor, Profile, Trace

# Beyond that the slot was idle for want of tasks.
MOST_GAP_MS = 200
_NEVER = -(1 << 62)


def executor_slots(trace: Trace) -> list[int]:
    """Tasks that each of ``trace.executors`` runs at a time, by its cores and GPUs.

    What ran at once is no measure of that: an end may be stamped long after the core was taken again. Only
    where the settings are lost, and with them the share of a GPU that a task takes, nothing else tells.
    """
    ran = _ran(trace) if trace.conf is None else None
    return [
        slots_in(trace, executor)
        if ran is None or not executor.gpus or _profile(trace, executor).task_gpus
        else tasks_at_once(*ran[place])
        for place, executor in enumerate(trace.executors)
    ]


def _profile(trace: Trace, executor: Executor) -> Profile:
    return trace.profiles.get(executor.profile, trace.profiles[0])


def _ran(trace: Trace) -> list[tuple[list[int], list[int]]]:
    """Launches and ends on each executor."""
    found: list[tuple[list[int], list[int]]] = [([], []) for _ in trace.executors]
    for stage in trace.stages:
        tasks = stage.tasks
        for executor, launch, finish in zip(tasks.executor, tasks.launch_ms, tasks.finish_ms, strict=True):
            launches, finishes = found[executor]
            launches.append(launch)
            finishes.append(finish)
    return found


def slots_by_profile(trace: Trace, slots: Sequence[int]) -> dict[int, int]:
    """Task slots of an executor of each profile: as its executors had, else as the profile says.

    Args:
        trace: the run.
        slots: of each of its executors.
    """
    found: dict[int, int] = {}
    for executor, own in zip(trace.executors, slots, strict=True):
        found[executor.profile] = max(found.get(executor.profile, 0), own)
    for number in trace.profiles:
        if number not in found:
            found[number] = slots_of_profile(trace, number)
    return found


def guests(trace: Trace) -> dict[int, dict[int, int]]:
    """The profiles whose tasks ran on executors of another one, and how many at a time: as in ``Model``."""
    found: dict[int, dict[int, int]] = {}
    for stage in trace.stages:
        for executor in {trace.executors[place] for place in set(stage.tasks.executor)}:
            if executor.profile != stage.profile:
                own = found.setdefault(executor.profile, {})
                task = trace.profiles.get(stage.profile, trace.profiles[0])
                slots = slots_of(executor.cores, executor.gpus, task)
                own[stage.profile] = max(own.get(stage.profile, 0), slots)
    return found


def slot_gap_ms(trace: Trace, slots: Sequence[int]) -> int:
    """The median time from a finish to the next launch of the same stage on that slot.

    It may be negative: a finish is stamped after the core is free again.

    Args:
        trace: the run.
        slots: of each of its executors.
    """
    gaps: list[int] = []
    for place, attempts in enumerate(_by_executor(trace)):
        ends: list[tuple[int, int]] = [(_NEVER, -1)] * slots[place]
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
