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

    The slope is the median of the slopes between any two batches (Theil 1950, Sen 1968): up to 29 % of
    them may be outliers, such as a batch during which an executor was lost.

    Args:
        batches: recent ones, the oldest first.
    """
    points = [(b.rows / b.executors, b.seconds) for b in batches if b.rows and b.executors]
    if not points:
        return None
    cost = _line(points) if _spread(points) else _proportional(points)
    return _drifted(cost, points[-_NEWEST:])


def _spread(points: Sequence[tuple[float, float]]) -> bool:
    ordered = sorted(x for x, _ in points)
    edge = len(ordered) // 10
    return len(points) >= _LEAST_BATCHES and ordered[-1 - edge] >= _LEAST_SPREAD * ordered[edge]


def _proportional(points: Sequence[tuple[float, float]]) -> Cost:
    """All of it for the rows: what is given back is then never predicted to be missed less than it is."""
    return Cost(0.0, statistics.median(y / x for x, y in points))


def _line(points: Sequence[tuple[float, float]]) -> Cost:
    slopes = [(y2 - y1) / (x2 - x1) for (x1, y1), (x2, y2) in combinations(points, 2) if x1 != x2]
    slope = max(0.0, statistics.median(slopes))
    fixed = statistics.median(y - slope * x for x, y in points)
    return Cost(fixed, slope) if fixed >= 0 else _proportional(points)


def _drifted(cost: Cost, newest: Sequence[tuple[float, float]]) -> Cost:
    predicted = [(cost.fixed + cost.per_row * x, y) for x, y in newest]
    ratios = [y / expected for expected, y in predicted if expected > 0]
    factor = min(_MOST_DRIFT, max(1.0, statistics.median(ratios))) if len(ratios) == _NEWEST else 1.0
    return Cost(cost.fixed * factor, cost.per_row * factor)
