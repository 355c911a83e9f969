"""Executors without a task, and why. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum

import numpy as np

from launcher.report.view.run_view import RunView, column
from launcher.report.view.steps import Ints, Steps
from launcher.spec.units import time_s

DEFAULT_TIMEOUT = "60s"


class Cause(Enum):
    """Why an executor had nothing to do."""

    RAMP = "ramp"  # it came after work had begun, and had no task yet
    DRIVER = "driver"  # no job ran
    TAIL = "tail"  # there were fewer tasks than executors, as at the end of a stage
    HELD = "held"  # shuffle or cached data kept it past its timeout


@dataclass(frozen=True)
class Stretch:
    """A time in which an executor had no task, ms since the epoch."""

    executor: int
    begin: int
    end: int


def idle_ms(view: RunView) -> dict[Cause, float]:
    """Executor-ms without a task, by cause; one that waits while tasks wait too has none of these causes."""
    found = dict.fromkeys(Cause, 0.0)
    held_after, holding = hold_timeout_ms(view), holders(view)
    for stretch in stretches(view):
        begin, end = stretch.begin, stretch.end
        holds_from = holding.get(stretch.executor)
        if held_after is not None and holds_from is not None and holds_from <= begin:
            past = min(end, begin + held_after)
            found[Cause.HELD] += end - past
            end = past
        for cause, share in _causes(view, stretch, begin, end):
            found[cause] += share
    return found


def _causes(view: RunView, stretch: Stretch, begin: int, end: int) -> Iterator[tuple[Cause, float]]:
    if end <= begin:
        return
    without_job = _time_at_zero(view.jobs, begin, end)
    yield Cause.DRIVER, without_job
    added, first = view.trace.executors[stretch.executor].added_ms, view.first_launch_ms
    if stretch.begin <= added and first is not None and added > first:
        yield Cause.RAMP, end - begin - without_job
        return
    yield Cause.TAIL, max(0.0, _time_at_zero(view.pending, begin, end) - without_job)


def _time_at_zero(figure: Steps, begin: int, end: int) -> float:
    return figure.share(begin, end, lambda values: values <= 0) * (end - begin)


def stretches(view: RunView) -> Iterator[Stretch]:
    """All times without a task, executor by executor."""
    executors = view.trace.executors
    busy = _busy(view)
    for place, one in enumerate(executors):
        until = min(view.end_ms, view.end_ms if one.removed_ms is None else one.removed_ms)
        begun, ended = busy.get(place, (np.empty(0, np.int64), np.empty(0, np.int64)))
        starts = np.append(np.maximum.accumulate(np.insert(ended, 0, one.added_ms)), [])
        ends = np.append(begun, until)
        for begin, end in zip(starts, ends, strict=True):
            if end > begin:
                yield Stretch(place, int(begin), int(end))


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
    if view.conf("spark.dynamicAllocation.enabled", "false").strip().lower() != "true":
        return None
    try:
        return round(1000 * time_s(view.conf("spark.dynamicAllocation.executorIdleTimeout", DEFAULT_TIMEOUT)))
    except ValueError:  # a log that was damaged, or a unit of a later Spark
        return round(1000 * time_s(DEFAULT_TIMEOUT))


def holders(view: RunView) -> dict[int, int]:
    """Since when an executor holds shuffle or cached data, by its place."""
    held: dict[int, int] = {}
    for place, one in enumerate(view.trace.executors):
        if one.id in view.trace.cached_ms:
            held[place] = view.trace.cached_ms[one.id]
    for stage in view.stages:
        writes = column(stage.tasks.shuffle_written_bytes) > 0
        executors, finishes = column(stage.tasks.executor)[writes], column(stage.tasks.finish_ms)[writes]
        for place in np.unique(executors).tolist():
            first = int(finishes[executors == place].min())
            held[place] = min(held.get(place, first), first)
    return held
