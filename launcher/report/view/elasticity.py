"""SPEC's figures of how well executors followed the work (Herbst et al., "Ready for Rain?", 2016). Pure."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from launcher.report.view.run_view import RunView
from launcher.report.view.steps import Floats, Steps, together

# Directions of step functions are told from means over so many equal parts of the time.
PARTS = 200


@dataclass(frozen=True)
class Elasticity:
    """Percent of the time or of the demand; 0 is best.

    Attributes:
        accuracy_under: executors missing, by those asked for, on average over the time.
        accuracy_over: executors too many, by those asked for (by one where none is asked for).
        timeshare_under: time with too few.
        timeshare_over: time with too many.
        instability: time in which demand and supply do not move the same way.
    """

    accuracy_under: float
    accuracy_over: float
    timeshare_under: float
    timeshare_over: float
    instability: float


def elasticity(view: RunView) -> Elasticity:
    """(100 / T) x the integral of max(demand - supply, 0) / demand, and so on."""
    begin, end = view.trace.start_ms, view.end_ms

    def share(how: Steps) -> float:
        return round(100 * how.mean(begin, end), 2)

    demand, supply = view.demand, view.supply
    return Elasticity(
        accuracy_under=share(
            together(demand, supply, lambda d, s: np.maximum(d - s, 0.0) / np.maximum(d, 1.0))
        ),
        accuracy_over=share(
            together(demand, supply, lambda d, s: np.maximum(s - d, 0.0) / np.maximum(d, 1.0))
        ),
        timeshare_under=share(together(demand, supply, lambda d, s: (d > s).astype(np.float64))),
        timeshare_over=share(together(demand, supply, lambda d, s: (s > d).astype(np.float64))),
        instability=round(100 * _unlike(view, begin, end), 2),
    )


def _unlike(view: RunView, begin: int, end: int) -> float:
    edges: Floats = np.linspace(begin, end, PARTS + 1)
    demand, supply = np.diff(view.demand.means(edges)), np.diff(view.supply.means(edges))
    return float(np.mean(_sign(demand) != _sign(supply)))


def _sign(changes: Floats) -> Floats:
    return np.sign(np.round(changes, 3))
