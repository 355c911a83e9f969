"""Which tasks were the first on their slot: those take longer than the rest. Pure.

A slot is a thread of an executor. Its pool hands a task to a thread that waits before it makes another one
(``ThreadUtils.newDaemonCachedThreadPool``), so the slot that became free last is taken again.
"""

from __future__ import annotations

from enum import IntEnum
from heapq import heappop, heappush

from launcher.records.history.trace import Profile, Trace


class SlotClass(IntEnum):
    """What a slot had run before a task."""

    FRESH = 0  # nothing
    FIRST = 1  # nothing of this stage
    REST = 2


_Slot = set[int]  # places of the stages that it has run


def slots_of(cores: int, gpus: int, profile: Profile) -> int:
    """Tasks that run at once on an executor, at least one."""
    by_cores = int(cores / profile.task_cpus) if profile.task_cpus > 0 else cores
    if profile.task_gpus > 0 and gpus:
        return max(1, min(by_cores, int(gpus / profile.task_gpus + 1e-9)))
    return max(1, by_cores)


def slot_classes(trace: Trace) -> list[bytearray]:
    """A ``SlotClass`` for each task of each stage, in the order of ``trace.stages``."""
    classes = [bytearray(len(stage.tasks)) for stage in trace.stages]
    by_executor: list[list[tuple[int, int, int, int]]] = [[] for _ in trace.executors]
    for place, stage in enumerate(trace.stages):
        tasks = stage.tasks
        for row, executor in enumerate(tasks.executor):
            by_executor[executor].append((tasks.launch_ms[row], tasks.finish_ms[row], place, row))
    for executor, tasks_there in enumerate(by_executor):
        _classify(sorted(tasks_there), _room(trace, executor), classes)
    return classes


def _room(trace: Trace, executor: int) -> int:
    found = trace.executors[executor]
    return slots_of(found.cores, found.gpus, trace.profiles.get(found.profile, trace.profiles[0]))


def _classify(tasks: list[tuple[int, int, int, int]], room: int, classes: list[bytearray]) -> None:
    busy: list[tuple[int, int, _Slot]] = []  # by their end; the number settles ties
    free: list[_Slot] = []
    made = 0
    for number, (launch, finish, place, row) in enumerate(tasks):
        while busy and busy[0][0] <= launch:
            free.append(heappop(busy)[2])
        if free:
            slot = free.pop()
        elif made < room or not busy:
            slot, made = set(), made + 1
        else:  # its end is stamped after the core is free again
            slot = heappop(busy)[2]
        if not slot:
            classes[place][row] = SlotClass.FRESH
        else:
            classes[place][row] = SlotClass.REST if place in slot else SlotClass.FIRST
        slot.add(place)
        heappush(busy, (finish, number, slot))
