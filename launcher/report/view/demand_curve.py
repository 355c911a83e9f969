"""Executors that are asked for, and tasks that wait, over time. Pure.

Demand is what Spark's own loop asks for: unfinished tasks of submitted stages by the slots of an executor,
for each resource profile (``ExecutorAllocationManager.maxNumExecutorsNeededPerResourceProfile``).
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from launcher.records.history.facts.slots import slots_of_profile
from launcher.records.history.trace import Ended, Stage, Trace
from launcher.report.view.steps import Floats, Ints, Steps, steps, together

Changes = tuple[Ints, Floats]


def demand_of(trace: Trace, end_ms: int) -> Steps:
    """Executors asked for, from the start to the end of an application."""
    whole = _nothing(trace, end_ms)
    for profile in sorted({stage.profile for stage in trace.stages}):
        unfinished = _unfinished(trace, end_ms, profile)
        slots = slots_of_profile(trace, profile)
        asked = Steps(unfinished.times, np.ceil(np.maximum(unfinished.values, 0.0) / slots))
        whole = together(whole, asked, np.add)
    return whole


def pending_of(trace: Trace, running: Steps, end_ms: int) -> Steps:
    """Tasks that wait for a slot."""
    return together(
        _unfinished(trace, end_ms), running, lambda there, running: np.maximum(there - running, 0.0)
    )


def _nothing(trace: Trace, end_ms: int) -> Steps:
    return steps(np.empty(0, np.int64), np.empty(0), trace.start_ms, end_ms)


def _unfinished(trace: Trace, end_ms: int, profile: int | None = None) -> Steps:
    """Tasks of submitted stages that have not succeeded yet."""
    wanted = [stage for stage in trace.stages if profile in (None, stage.profile)]
    changes = [change for stage in wanted for change in _of_stage(stage)]
    if not changes:
        return _nothing(trace, end_ms)
    times = np.concatenate([times for times, _ in changes])
    return steps(times, np.concatenate([amounts for _, amounts in changes]), trace.start_ms, end_ms)


def _of_stage(stage: Stage) -> Iterator[Changes]:
    tasks = stage.tasks
    begin = stage.submitted_ms
    if begin is None:
        begin = min(tasks.launch_ms, default=stage.completed_ms)
    if begin is None:
        return
    finishes = _first_successes(stage)
    yield _changes(begin, float(stage.size))
    yield finishes, np.full(len(finishes), -1.0)
    # A stage that failed, or that had its last partitions from an earlier attempt, wants nothing more.
    if stage.completed_ms is not None:
        last = int(finishes.max(initial=max(begin, stage.completed_ms)))
        yield _changes(last, float(len(finishes) - stage.size))


def _first_successes(stage: Stage) -> Ints:
    """When each partition was done first."""
    if not len(stage.tasks):
        return np.empty(0, np.int64)
    good = np.frombuffer(stage.tasks.ended, dtype=np.int64) == int(Ended.SUCCESS)
    index = np.frombuffer(stage.tasks.index, dtype=np.int64)[good]
    finish = np.frombuffer(stage.tasks.finish_ms, dtype=np.int64)[good]
    order = np.lexsort((finish, index))
    _, first = np.unique(index[order], return_index=True)
    found: Ints = finish[order][first]
    return found


def _changes(ms: int, amount: float) -> Changes:
    return np.array([ms], dtype=np.int64), np.array([amount])
