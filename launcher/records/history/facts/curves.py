"""Executors asked for and executors there, over time. Pure.

Demand is what Spark's own loop asks for: unfinished tasks of submitted stages by the slots of an executor,
for each resource profile (``ExecutorAllocationManager.maxNumExecutorsNeededPerResourceProfile``).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

from launcher.records.history.facts.facts import MOST_STEPS, Curves
from launcher.records.history.facts.slots import slots_of_profile
from launcher.records.history.trace import Ended, Stage, Trace

# (time in ms, by how much it changes)
Change = tuple[int, int]


def supply_changes(trace: Trace, end_ms: int) -> list[Change]:
    """Executors that come and go."""
    came = [(one.added_ms, 1) for one in trace.executors]
    gone = [(one.removed_ms, -1) for one in trace.executors if one.removed_ms is not None]
    return sorted(change for change in (*came, *gone) if change[0] <= end_ms)


def demand_changes(trace: Trace) -> list[Change]:
    """Executors that are asked for, more or less of them."""
    tasks: dict[int, Counter[int]] = {}
    for stage in trace.stages:
        changes = tasks.setdefault(stage.profile, Counter())
        for ms, change in _unfinished(stage):
            changes[ms] += change
    found: list[Change] = []
    for profile, changes in tasks.items():
        found.extend(_in_executors(sorted(changes.items()), slots_of_profile(trace, profile)))
    return sorted(found)


def _unfinished(stage: Stage) -> Iterator[Change]:
    tasks = stage.tasks
    begin = stage.submitted_ms
    if begin is None:
        begin = min(tasks.launch_ms, default=stage.completed_ms)
    if begin is None:
        return
    yield begin, stage.size
    done: dict[int, int] = {}
    for row, index in enumerate(tasks.index):
        if tasks.ended[row] == Ended.SUCCESS:
            done[index] = min(done.get(index, tasks.finish_ms[row]), tasks.finish_ms[row])
    for finish in done.values():
        yield finish, -1
    # A stage that failed, or that had its last partitions from an earlier attempt, wants nothing more.
    if stage.completed_ms is not None:
        yield max(stage.completed_ms, *done.values(), begin), len(done) - stage.size


def _in_executors(tasks: Iterable[Change], slots: int) -> Iterator[Change]:
    unfinished = asked = 0
    for ms, change in tasks:
        unfinished += change
        needed = -(-max(0, unfinished) // slots)
        if needed != asked:
            yield ms, needed - asked
            asked = needed


def curves(trace: Trace, end_ms: int) -> Curves:
    """Demand and supply from the start to the end of an application."""
    span = max(1, end_ms - trace.start_ms)
    step = -(-span // MOST_STEPS)
    steps = -(-span // step)
    demand, supply = [0.0] * steps, [0.0] * steps
    under = over = asked = 0.0
    for start, end, wanted, there in _pieces(trace, end_ms):
        asked += wanted * (end - start)
        under += max(0, wanted - there) * (end - start)
        over += max(0, there - wanted) * (end - start)
        for place, part in _steps(start - trace.start_ms, end - trace.start_ms, step):
            demand[place] += wanted * part
            supply[place] += there * part
    widths = [min(step, span - place * step) for place in range(steps)]
    return Curves(
        step_s=step / 1000,
        demand=tuple(round(total / width, 3) for total, width in zip(demand, widths, strict=True)),
        supply=tuple(round(total / width, 3) for total, width in zip(supply, widths, strict=True)),
        demand_s=asked / 1000,
        under_s=under / 1000,
        over_s=over / 1000,
    )


def _pieces(trace: Trace, end_ms: int) -> Iterator[tuple[int, int, int, int]]:
    """Stretches of time in which neither changes: start, end, demand, supply."""
    changes = [(ms, change, 0) for ms, change in demand_changes(trace)]
    changes += [(ms, 0, change) for ms, change in supply_changes(trace, end_ms)]
    before, wanted, there = trace.start_ms, 0, 0
    for ms, more_wanted, more_there in sorted(changes):
        now = min(max(ms, trace.start_ms), end_ms)
        if now > before:
            yield before, now, wanted, there
            before = now
        wanted, there = wanted + more_wanted, there + more_there
    if end_ms > before:
        yield before, end_ms, wanted, there


def _steps(start: int, end: int, step: int) -> Iterator[tuple[int, int]]:
    """The steps that a stretch of time falls in, and how much of it falls in each."""
    while start < end:
        place = start // step
        until = min(end, (place + 1) * step)
        yield place, until - start
        start = until
