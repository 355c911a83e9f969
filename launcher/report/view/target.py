"""How many executors an application's own settings let it have, over time. Pure."""

from __future__ import annotations

import numpy as np

from launcher.report.view.run_view import RunView
from launcher.report.view.steps import Floats, Steps

ALLOCATION = "spark.dynamicAllocation."


def target_of(view: RunView) -> Steps | None:
    """Demand within the bounds of dynamic allocation, or the fixed number; ``None`` where nothing tells.

    Without the steps in which Spark's loop raises it: those show as what is missing below it.
    """
    begin, end = view.demand.times[0], view.demand.times[-1]
    if view.conf(f"{ALLOCATION}enabled", "false").strip().lower() != "true":
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


def _number(view: RunView, key: str) -> float | None:
    try:
        return float(view.conf(key))
    except ValueError:
        return None
