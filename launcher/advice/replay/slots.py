"""Task slots: how many an executor has, what each had done before a task, how long it then idled."""

from __future__ import annotations

import heapq
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median

from launcher.advice.replay.model import SlotClass
from launcher.records.history.trace import Executor, Profile, Trace

# Beyond that the slot was idle for want of tasks.
MOST_GAP_MS = 200
_NEVER = -(1 << 62)


@dataclass(frozen=True)
class SlotUse:
    """What the tasks tell about the slots.

    Attributes:
        classes: a ``SlotClass`` of each attempt, by place of its stage in ``Trace.stages``.
        gap_ms: median time from a finish to the next launch of the same stage on that slot.
    """

    classes: Sequence[bytearray]
    gap_ms: int


def slots_of(executor: Executor, profiles: Mapping[int, Profile]) -> int:
    """Tasks that an executor runs at a time, at least 1.

    ``ResourceProfile.maxTasksPerExecutor``: the scarcest resource decides. A share of a GPU below 1 is
    rounded so that whole tasks share one GPU.
    """
    profile = profiles.get(executor.profile, profiles[0])
    by_cores = int(executor.cores / max(profile.task_cpus, 1e-9))
    return max(1, min(by_cores, gpu_slots(executor.gpus, profile.task_gpus) or by_cores))


def gpu_slots(gpus: int, share: float) -> int:
    """Tasks that the GPUs of an executor serve at a time; 0 where tasks take none."""
    if not gpus or share <= 0:
        return 0
    return gpus * int(1 / share + 1e-9) if share <= 1 else int(gpus / share)


def slot_use(trace: Trace) -> SlotUse:
    """Lay the attempts of each executor on its slots, the one that is free for longest first."""
    classes = [bytearray(len(stage.tasks)) for stage in trace.stages]
    gaps: list[int] = []
    for executor, attempts in _by_executor(trace).items():
        slots = slots_of(trace.executors[executor], trace.profiles)
        free: list[tuple[int, int, int]] = [(_NEVER, slot, -1) for slot in range(slots)]
        for launch, finish, stage, row in sorted(attempts):
            free_at, _, before = heapq.heapreplace(free, (finish, free[0][1], stage))
            kind = SlotClass.REST if before == stage else SlotClass.FIRST_OF_STAGE
            classes[stage][row] = SlotClass.FRESH if before < 0 else kind
            if kind is SlotClass.REST and launch - free_at < MOST_GAP_MS:
                gaps.append(launch - free_at)
    return SlotUse(classes, round(median(gaps)) if gaps else 0)


def _by_executor(trace: Trace) -> dict[int, list[tuple[int, int, int, int]]]:
    found: dict[int, list[tuple[int, int, int, int]]] = {}
    for place, stage in enumerate(trace.stages):
        tasks = stage.tasks
        for row, executor in enumerate(tasks.executor):
            found.setdefault(executor, []).append((tasks.launch_ms[row], tasks.finish_ms[row], place, row))
    return found
