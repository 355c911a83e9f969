"""How many executors an application's own settings let it have, over time. Pure."""

from __future__ import annotations

import numpy as np

from launcher.report.view.run_view import RunView
from launcher.report.view.steps import Floats, Steps, steps
from launcher.report.view.stream_changes import changes

ALLOCATION = "spark.dynamicAllocation."


def target_of(view: RunView) -> Steps | None:
    """What a stream decided, demand within the bounds of dynamic allocation, or the fixed number.

    Without the steps in which Spark's loop raises it: those show as what is missing below it. ``None`` where
    nothing tells.
    """
    if view.decisions:
        return _decided(view)
    begin, end = view.demand.times[0], view.demand.times[-1]
    if not view.is_elastic:
        fixed = _number(view, "spark.executor.instances")
        if fixed is None:
            return None
        return Steps(np.array([begin, end]), np.array([fixed, 0.0]))
    least = _number(view, f"{ALLOCATION}minExecutors") or 0.0
    most = _number(view, f"{ALLOCATION}maxExecutors")
    wanted: Floats = np.ceil(
        view.demand.values * (_number(view, f"{ALLOCATION}executorAllocationRatio") or 1.0)
    )
    return Steps(view.demand.times, np.clip(wanted, least, np.inf if most is None else most))


def _decided(view: RunView) -> Steps:
    found = changes(view)
    before = found[0].after if found[0].before is None else found[0].before
    targets = np.array([before, *(one.after for one in found)], dtype=np.float64)
    start = view.trace.start_ms
    moments = np.array([start, *(start + round(one.seconds * 1000) for one in found)], dtype=np.int64)
    return steps(moments, np.diff(targets, prepend=0.0), start, view.end_ms)


def _number(view: RunView, key: str) -> float | None:
    try:
        return float(view.conf(key))
    except ValueError:
        return None
