"""What a batch costs: a fixed part, and a part for each row. Pure."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

from sparkjobs.streaming.scaling.events import Batch

# Fewer batches, or batches of about the same rows an executor, do not tell the two parts apart.
_LEAST_BATCHES = 5
_LEAST_SPREAD = 1.5
# Costs drift: when the last batches took longer than all of them would say, they are believed, up to this.
_NEWEST, _MOST_DRIFT = 3, 3.0


@dataclass(frozen=True)
class Cost:
    """Seconds of a batch as ``fixed + per_row * rows / executors``.

    All executors of an application have equally many slots, so nobody needs to know how many.

    Attributes:
        fixed: seconds of a batch without rows.
        per_row: seconds of one executor for one row.
    """

    fixed: float
    per_row: float

    def seconds(self, rows: float, executors: int) -> float:
        """Seconds of a batch of so many rows on so many executors."""
        return self.fixed + self.per_row * rows / executors


def measured(batches: Sequence[Batch]) -> Cost | None:
    """The cost that batches show; ``None`` before the first one with rows.

    Where the time of their tasks is known it tells the part for the rows from the rest, of the first batch
    already; else batches of different sizes must. A slope is the median of the slopes between any two batches
    (Theil 1950, Sen 1968): up to 29 % of them may be outliers, such as a batch during which an executor was
    lost.

    Args:
        batches: recent ones, the oldest first.
    """
    counted = [batch for batch in batches if batch.rows and batch.executors]
    if not counted:
        return None
    points = [(batch.rows / batch.executors, batch.seconds) for batch in counted]
    per_row = _per_row([(float(b.rows), b.work) for b in counted if b.work is not None])
    if per_row is not None:
        cost = Cost(max(0.0, statistics.median(y - per_row * x for x, y in points)), per_row)
    else:
        cost = _line(points) if _spread(points) else _proportional(points)
    return _drifted(cost, points[-_NEWEST:])


def _per_row(points: Sequence[tuple[float, float]]) -> float | None:
    """Of rows and the work for them: tasks cost something without rows, so the slope where it can be told."""
    if not points:
        return None
    whole = statistics.median(work / rows for rows, work in points)
    return min(whole, _slope(points)) if _spread(points) else whole


def _spread(points: Sequence[tuple[float, float]]) -> bool:
    ordered = sorted(x for x, _ in points)
    edge = len(ordered) // 10
    return len(points) >= _LEAST_BATCHES and ordered[-1 - edge] >= _LEAST_SPREAD * ordered[edge]


def _proportional(points: Sequence[tuple[float, float]]) -> Cost:
    """All of it for the rows: what is given back is then never predicted to be missed less than it is."""
    return Cost(0.0, statistics.median(y / x for x, y in points))


def _line(points: Sequence[tuple[float, float]]) -> Cost:
    slope = _slope(points)
    fixed = statistics.median(y - slope * x for x, y in points)
    return Cost(fixed, slope) if fixed >= 0 else _proportional(points)


def _slope(points: Sequence[tuple[float, float]]) -> float:
    slopes = [(y2 - y1) / (x2 - x1) for (x1, y1), (x2, y2) in combinations(points, 2) if x1 != x2]
    return max(0.0, statistics.median(slopes))


def _drifted(cost: Cost, newest: Sequence[tuple[float, float]]) -> Cost:
    predicted = [(cost.fixed + cost.per_row * x, y) for x, y in newest]
    ratios = [y / expected for expected, y in predicted if expected > 0]
    factor = min(_MOST_DRIFT, max(1.0, statistics.median(ratios))) if len(ratios) == _NEWEST else 1.0
    return Cost(cost.fixed * factor, cost.per_row * factor)
