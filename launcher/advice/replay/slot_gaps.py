"""How long a task slot lies idle between two tasks, and how many slots the executors of a profile have."""

from __future__ import annotations

import heapq
from collections.abc import Sequence
from statistics import median

from launcher.records.history.facts.slots import slots_of
from launcher.records.history.trace import Executor, Trace

# Beyond that the slot was idle for want of tasks.
MOST_GAP_MS = 200
# Finishes are stamped after the core is free, by no more than that.
LATE_STAMP_MS = 100
_NEVER = -(1 << 62)


def executor_slots(trace: Trace) -> list[int]:
    """Tasks that each of ``trace.executors`` runs at a time.

    Where more ran at once than its cores and GPUs allow, the log tells less than the truth, and what ran
    counts. Where the settings are lost, nobody knows the share of a GPU that a task took: there, too.
    """
    return [
        _slots(trace, executor, most) for executor, most in zip(trace.executors, _at_once(trace), strict=True)
    ]


def _slots(trace: Trace, executor: Executor, most: int) -> int:
    profile = trace.profiles.get(executor.profile, trace.profiles[0])
    slots = slots_of(executor.cores, executor.gpus, profile)
    unknown = trace.conf is None and executor.gpus > 0 and not profile.task_gpus
    return max(1, most) if unknown else max(slots, most)


def _at_once(trace: Trace) -> list[int]:
    """The most tasks of each executor that ran at once, but for the moment by which ends are stamped late."""
    launches: list[list[int]] = [[] for _ in trace.executors]
    ends: list[list[int]] = [[] for _ in trace.executors]
    for stage in trace.stages:
        tasks = stage.tasks
        for executor, launch, finish in zip(tasks.executor, tasks.launch_ms, tasks.finish_ms, strict=True):
            launches[executor].append(launch)
            ends[executor].append(finish - min(LATE_STAMP_MS, (finish - launch) // 2))
    return [_most(sorted(begun), sorted(ended)) for begun, ended in zip(launches, ends, strict=True)]


def _most(launches: Sequence[int], ends: Sequence[int]) -> int:
    most = over = 0
    for begun, launch in enumerate(launches, start=1):
        while ends[over] <= launch and over < begun - 1:
            over += 1
        most = max(most, begun - over)
    return most


def slots_by_profile(trace: Trace, slots: Sequence[int]) -> dict[int, int]:
    """Task slots of an executor of each profile: as its executors had, else as the profile says.

    Args:
        trace: the run.
        slots: of each of its executors.
    """
    found: dict[int, int] = {}
    for executor, own in zip(trace.executors, slots, strict=True):
        found[executor.profile] = max(found.get(executor.profile, 0), own)
    for number, profile in trace.profiles.items():
        if number not in found:
            found[number] = slots_of(profile.executor_cores or 1, profile.executor_gpus, profile)
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
