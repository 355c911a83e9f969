"""Executors without a task, and why. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum

import numpy as np
import numpy.typing as npt

from launcher.records.history.trace import Executor
from launcher.report.view.run_view import RunView, column
from launcher.report.view.steps import Ints
from launcher.spec.units import time_s

DEFAULT_TIMEOUT = "60s"


class Cause(Enum):
    """Why an executor had nothing to do."""

    RAMP = "ramp"  # it came after work had begun, and had its first task later
    DRIVER = "driver"  # no job ran
    TAIL = "tail"  # there were fewer tasks than executors, as at the end of a stage
    HELD = "held"  # shuffle or cached data, not minExecutors, kept it past its timeout


@dataclass(frozen=True)
class Stretches:
    """Times in which executors had no task, in columns: place of the executor, begin and end."""

    executor: Ints
    begin: Ints
    end: Ints


@dataclass(frozen=True)
class Idle:
    """Executor-ms without a task, by cause; one that waits while tasks wait too has none of these causes.

    Attributes:
        ms: of all executors.
        kept_ms: of these of the executors that ``minExecutors`` keeps.
    """

    ms: Mapping[Cause, float]
    kept_ms: Mapping[Cause, float]


def idle_of(view: RunView) -> Idle:
    """The executors' time without a task."""
    found, kept = stretches(view), kept_by_least(view)
    until = _held_from(view, found, kept)
    without_job = view.jobs.at_zero().within(found.begin, until)
    without_task = view.pending.at_zero().within(found.begin, until)
    late = _late(view, found)
    by_cause = {
        Cause.RAMP: np.where(late, (until - found.begin) - without_job, 0.0),
        Cause.DRIVER: without_job,
        Cause.TAIL: np.where(late, 0.0, np.maximum(without_task - without_job, 0.0)),
        Cause.HELD: (found.end - until).astype(np.float64),
    }
    of_kept = kept[found.executor]
    return Idle(
        {cause: float(spans.sum()) for cause, spans in by_cause.items()},
        {cause: float(spans[of_kept].sum()) for cause, spans in by_cause.items()},
    )


def kept_by_least(view: RunView) -> npt.NDArray[np.bool_]:
    """Which executors ``minExecutors`` keeps, whatever they hold: those that were there longest."""
    executors = view.trace.executors
    lived = np.array([_until(view, one) - one.added_ms for one in executors], dtype=np.int64)
    kept = np.zeros(len(executors), dtype=np.bool_)
    least = view.allocation.least if view.allocation is not None else 0
    kept[np.argsort(-lived, kind="stable")[:least]] = True
    return kept


def _until(view: RunView, one: Executor) -> int:
    return view.end_ms if one.removed_ms is None else min(view.end_ms, one.removed_ms)


def _held_from(view: RunView, found: Stretches, kept: npt.NDArray[np.bool_]) -> Ints:
    """Where each stretch ends without the time past the timeout of an executor that holds data."""
    timeout, holding = hold_timeout_ms(view), holders(view)
    if timeout is None or not holding:
        return found.end
    never = np.iinfo(np.int64).max
    since = np.array([holding.get(place, never) for place in range(len(kept))], dtype=np.int64)
    since[kept] = never
    holds = since[found.executor] <= found.begin
    return np.where(holds, np.minimum(found.end, found.begin + timeout), found.end)


def _late(view: RunView, found: Stretches) -> npt.NDArray[np.bool_]:
    """Which are the first of an executor that came after work had begun and had a task later on."""
    first = view.first_launch_ms
    added = np.array([one.added_ms for one in view.trace.executors], dtype=np.int64)[found.executor]
    had = np.zeros(len(view.trace.executors), dtype=np.bool_)
    for stage in view.stages:
        had[column(stage.tasks.executor)] = True
    came_late = (found.begin <= added) & (added > (view.end_ms if first is None else first))
    return came_late & had[found.executor]


def stretches(view: RunView) -> Stretches:
    """All times without a task, executor by executor."""
    busy, unknown = _busy(view), _unknown_ms(view)
    nothing = np.empty(0, np.int64)
    places, begins, ends = [], [], []
    for place, one in enumerate(view.trace.executors):
        until = _until(view, one)
        begun, ended = busy.get(place, (nothing, nothing))
        begin = np.maximum.accumulate(np.insert(ended, 0, one.added_ms))
        if unknown is not None and one.removed_ms is None:
            until = min(until, max(int(begin[-1]), unknown))
        end = np.minimum(np.append(begun, until), until)
        idle = end > begin
        begins.append(begin[idle])
        ends.append(end[idle])
        places.append(np.full(int(idle.sum()), place, np.int64))
    if not places:
        return Stretches(nothing, nothing, nothing)
    return Stretches(np.concatenate(places), np.concatenate(begins), np.concatenate(ends))


def _unknown_ms(view: RunView) -> int | None:
    """From when on nobody knows whether an executor had a task: a log tells of a task when it has ended, and
    in one without an end, of a run in progress or cut, tasks of a stage may still have run.
    """
    if view.trace.end_ms is not None:
        return None
    running = [one for one in view.trace.stages if one.completed_ms is None and one.size]
    begun = [
        min(one.tasks.launch_ms, default=None) if one.submitted_ms is None else one.submitted_ms
        for one in running
        if not one.all_succeeded
    ]
    return min((ms for ms in begun if ms is not None), default=None)


def _busy(view: RunView) -> dict[int, tuple[Ints, Ints]]:
    """Launches and finishes of each executor's tasks, in the order of their launch."""
    if not view.stages:
        return {}
    executor = np.concatenate([column(stage.tasks.executor) for stage in view.stages])
    launch = np.concatenate([column(stage.tasks.launch_ms) for stage in view.stages])
    finish = np.concatenate([column(stage.tasks.finish_ms) for stage in view.stages])
    order = np.lexsort((launch, executor))
    executor, launch, finish = executor[order], launch[order], finish[order]
    places, firsts = np.unique(executor, return_index=True)
    lasts = np.append(firsts[1:], len(executor))
    return {
        int(place): (launch[first:last], finish[first:last])
        for place, first, last in zip(places, firsts, lasts, strict=True)
    }


def hold_timeout_ms(view: RunView) -> int | None:
    """After which an idle executor would be given back; ``None``: this application gives none back."""
    if not view.is_elastic:
        return None
    try:
        return round(1000 * time_s(view.conf("spark.dynamicAllocation.executorIdleTimeout", DEFAULT_TIMEOUT)))
    except ValueError:  # a log that was damaged, or a unit of a later Spark
        return round(1000 * time_s(DEFAULT_TIMEOUT))


def holders(view: RunView) -> dict[int, int]:
    """Since when an executor holds shuffle or cached data, by its place."""
    held = shuffle_holders(view)
    for place, one in enumerate(view.trace.executors):
        if one.id in view.trace.cached_ms:
            held[place] = min(held.get(place, view.trace.cached_ms[one.id]), view.trace.cached_ms[one.id])
    return held


def shuffle_holders(view: RunView) -> dict[int, int]:
    """The same of shuffle data alone; none where a shuffle service serves it without the executors."""
    held: dict[int, int] = {}
    tracked = view.allocation is not None and view.allocation.tracking
    for stage in view.stages if tracked else ():
        writes = column(stage.tasks.shuffle_written_bytes) > 0
        executors, finishes = column(stage.tasks.executor)[writes], column(stage.tasks.finish_ms)[writes]
        for place in np.unique(executors).tolist():
            first = int(finishes[executors == place].min())
            held[place] = min(held.get(place, first), first)
    return held
