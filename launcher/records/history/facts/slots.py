"""Which tasks were the first on their slot: those take longer than the rest. Pure.

A slot is a thread of an executor. Its pool hands a task to a thread that waits before it makes another one
(``ThreadUtils.newDaemonCachedThreadPool``), so the slot that became free last is taken again.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator
from enum import IntEnum
from heapq import heappop, heappush

from launcher.records.history.trace import Executor, Profile, Trace


class SlotClass(IntEnum):
    """What a slot had run before a task."""

    FRESH = 0  # nothing
    FIRST = 1  # nothing of this stage
    REST = 2


_ROW_BITS = 32
_ROW_MASK = (1 << _ROW_BITS) - 1
_Slot = set[int]  # places of the stages that it has run


def slots_of(cores: int, gpus: int, profile: Profile) -> int:
    """Tasks that run at once on an executor, at least one: the scarcest resource decides."""
    by_cores = int(cores / profile.task_cpus) if profile.task_cpus > 0 else cores
    if profile.task_gpus > 0 and gpus:
        return max(1, min(by_cores, _on_gpus(gpus, profile.task_gpus)))
    return max(1, by_cores)


def _on_gpus(gpus: int, share: float) -> int:
    """A share below 1 is one of a single GPU: what is left of it joins no other's (``ResourceProfile``)."""
    return gpus * int(1 / share + 1e-9) if share <= 1 else int(gpus / share)


def slot_classes(trace: Trace) -> list[bytearray]:
    """A ``SlotClass`` for each task of each stage, in the order of ``trace.stages``."""
    classes = [bytearray(len(stage.tasks)) for stage in trace.stages]
    by_executor = [array("q") for _ in trace.executors]  # of millions of tasks no tuples are kept
    for place, stage in enumerate(trace.stages):
        for row, executor in enumerate(stage.tasks.executor):
            by_executor[executor].append(place << _ROW_BITS | row)
    for executor, codes in enumerate(by_executor):
        _classify(sorted(_spans(trace, codes)), slots_in(trace, trace.executors[executor]), classes)
    return classes


def _spans(trace: Trace, codes: Iterable[int]) -> Iterator[tuple[int, int, int, int]]:
    for code in codes:
        place, row = code >> _ROW_BITS, code & _ROW_MASK
        tasks = trace.stages[place].tasks
        yield tasks.launch_ms[row], tasks.finish_ms[row], place, row


def slots_in(trace: Trace, executor: Executor) -> int:
    """Tasks that run at once on an executor; its profile tells its GPUs where it does not."""
    profile = trace.profiles.get(executor.profile, trace.profiles[0])
    return slots_of(executor.cores, executor.gpus or profile.executor_gpus, profile)


def slots_of_profile(trace: Trace, number: int) -> int:
    """Slots of an executor of a resource profile: of one that was there, else as the profile says.

    A profile of tasks alone (``TaskResourceProfile``) has executors of the default one's shape.
    """
    example = next((one for one in trace.executors if one.profile == number), None)
    if example is not None:
        return slots_in(trace, example)
    profile = trace.profiles.get(number, trace.profiles[0])
    if profile.executor_cores is not None:
        return slots_of(profile.executor_cores, profile.executor_gpus, profile)
    usual = next((one for one in trace.executors if one.profile == 0), None)
    return 1 if usual is None else slots_of(usual.cores, usual.gpus, profile)


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
