"""Executors without a task, and why. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

import numpy as np
import numpy.typing as npt

from launcher.advice.allocation.allocation_settings import allocation_settings
from launcher.report.view.run_view import RunView, column
from launcher.report.view.steps import Ints
from launcher.spec.units import time_s
from sparkjobs.errors import DataError

DEFAULT_TIMEOUT = "60s"


class Cause(Enum):
    """Why an executor had nothing to do."""

    RAMP = "ramp"  # it came after work had begun, and had no task yet
    DRIVER = "driver"  # no job ran
    TAIL = "tail"  # there were fewer tasks than executors, as at the end of a stage
    HELD = "held"  # shuffle or cached data kept it past its timeout


@dataclass(frozen=True)
class Stretches:
    """Times in which executors had no task, in columns: place of the executor, begin and end."""

    executor: Ints
    begin: Ints
    end: Ints


def idle_ms(view: RunView) -> dict[Cause, float]:
    """Executor-ms without a task, by cause; one that waits while tasks wait too has none of these causes."""
    found = stretches(view)
    held, end = _held(view, found)
    found = Stretches(found.executor, found.begin, end)
    without_job = view.jobs.at_zero().within(found.begin, found.end)
    waiting = _late(view, found)
    without_task = view.pending.at_zero().within(found.begin, found.end)
    return {
        Cause.RAMP: float(((found.end - found.begin) - without_job)[waiting].sum()),
        Cause.DRIVER: float(without_job.sum()),
        Cause.TAIL: float(np.maximum(without_task - without_job, 0.0)[~waiting].sum()),
        Cause.HELD: held,
    }


def _held(view: RunView, found: Stretches) -> tuple[float, Ints]:
    """Executor-ms past the timeout of executors that hold data, and where each stretch ends without these."""
    timeout, holding = hold_timeout_ms(view), holders(view)
    if timeout is None or not holding:
        return 0.0, found.end
    never = np.iinfo(np.int64).max
    since = np.array(
        [holding.get(place, never) for place in range(len(view.trace.executors))], dtype=np.int64
    )
    holds = since[found.executor] <= found.begin
    end = np.where(holds, np.minimum(found.end, found.begin + timeout), found.end)
    return float((found.end - end).sum()), end


def _late(view: RunView, found: Stretches) -> npt.NDArray[np.bool_]:
    """Which are the first of an executor that came after work had begun."""
    first = view.first_launch_ms
    added = np.array([one.added_ms for one in view.trace.executors], dtype=np.int64)[found.executor]
    return (found.begin <= added) & (added > (view.end_ms if first is None else first))


def stretches(view: RunView) -> Stretches:
    """All times without a task, executor by executor."""
    busy = _busy(view)
    nothing = np.empty(0, np.int64)
    places, begins, ends = [], [], []
    for place, one in enumerate(view.trace.executors):
        until = view.end_ms if one.removed_ms is None else min(view.end_ms, one.removed_ms)
        begun, ended = busy.get(place, (nothing, nothing))
        begin = np.maximum.accumulate(np.insert(ended, 0, one.added_ms))
        end = np.minimum(np.append(begun, until), until)
        idle = end > begin
        begins.append(begin[idle])
        ends.append(end[idle])
        places.append(np.full(int(idle.sum()), place, np.int64))
    if not places:
        return Stretches(nothing, nothing, nothing)
    return Stretches(np.concatenate(places), np.concatenate(begins), np.concatenate(ends))


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


def _tracks_shuffles(view: RunView) -> bool:
    """Whether Spark keeps executors for their shuffle data: a shuffle service serves it without them."""
    try:
        found = allocation_settings(view.trace.conf or {}, view.trace.spark)
    except DataError:  # a log that was damaged
        return False
    return found is not None and found.tracking


def holders(view: RunView) -> dict[int, int]:
    """Since when an executor holds shuffle or cached data, by its place."""
    held: dict[int, int] = {}
    for place, one in enumerate(view.trace.executors):
        if one.id in view.trace.cached_ms:
            held[place] = view.trace.cached_ms[one.id]
    for stage in view.stages if _tracks_shuffles(view) else ():
        writes = column(stage.tasks.shuffle_written_bytes) > 0
        executors, finishes = column(stage.tasks.executor)[writes], column(stage.tasks.finish_ms)[writes]
        for place in np.unique(executors).tolist():
            first = int(finishes[executors == place].min())
            held[place] = min(held.get(place, first), first)
    return held
