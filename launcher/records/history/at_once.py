"""How many tasks an executor ran at once, where nothing but its tasks tells. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

# The driver stamps an end when it has the result, which is after the core is free and taken again; by more
# than that only where results are large or the driver is busy.
LATE_STAMP_MS = 100
# That part of the tasks is launched with so many others beside it, or it is chance: one late stamp tells
# of no further slot.
_RULE = 0.25


def tasks_at_once(launches: Sequence[int], finishes: Sequence[int]) -> int:
    """The most tasks that ran at once as a rule, at least one.

    Of waves of ``n`` tasks every ``n``-th is the one that fills the last slot.

    Args:
        launches: of each task, ms.
        finishes: of each task, in the same order.
    """
    ends = sorted(
        finish - min(LATE_STAMP_MS, (finish - launch) // 2)
        for launch, finish in zip(launches, finishes, strict=True)
    )
    beside: Counter[int] = Counter()
    over = 0
    for begun, launch in enumerate(sorted(launches), start=1):
        while ends[over] <= launch and over < begun - 1:
            over += 1
        beside[begun - over] += 1
    return _usual(beside, len(ends))


def _usual(beside: Counter[int], total: int) -> int:
    reached = 0
    for level in sorted(beside, reverse=True):
        reached += beside[level]
        if reached * level >= _RULE * total:
            return level
    return 1
