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
# Where the work of each batch is known, so many tell what one takes now.
_RECENT, _IN_A_ROW, _DEARER, _LEAST_SLOPE = 5, 2, 1.5, 0.33
# After so many batches their code is compiled.
_COMPILED = 20


@dataclass(frozen=True)
class Cost:
    """Seconds of a batch as ``fixed + (base + per_row * rows) / executors``.

    All executors of an application have equally many slots, so nobody needs to know how many.

    Attributes:
        fixed: seconds of a batch that no executor shortens.
        per_row: seconds of one executor for one row.
        base: seconds of one executor for the tasks of a batch without rows; negative where rows have become
            cheaper than ``per_row``.
    """

    fixed: float
    per_row: float
    base: float = 0.0

    def work(self, rows: float) -> float:
        """Seconds of one executor for a batch of so many rows."""
        return max(0.0, self.base + self.per_row * rows)

    def seconds(self, rows: float, executors: int) -> float:
        """Seconds of a batch of so many rows on so many executors."""
        return self.fixed + self.work(rows) / executors


def measured(batches: Sequence[Batch]) -> Cost | None:
    """The cost that batches show; ``None`` before the first one with rows.

    Where the time of their tasks is known it tells the part for the executors from the rest, of the first
    batch already; else batches of different sizes must.

    Args:
        batches: recent ones, the oldest first.
    """
    counted = [batch for batch in batches if batch.rows and batch.executors]
    if not counted:
        return None
    by_work = _by_work([(batch, batch.work) for batch in counted if batch.work is not None])
    if by_work is not None:
        return by_work
    points = [(batch.rows / batch.executors, batch.seconds) for batch in counted]
    cost = _line(points) if _spread(points) else _proportional(points)
    return _drifted(cost, points[-_NEWEST:])


def _by_work(told: Sequence[tuple[Batch, float]]) -> Cost | None:
    """From what the tasks took: right for batches like the last ones, whatever the slope is.

    Work becomes less while code is compiled, just when rows often become more: a slope far below what a row
    takes with all that goes with it is not believed.
    """
    if not told:
        return None
    points = [(float(batch.rows), work) for batch, work in told]
    whole = statistics.median(work / rows for rows, work in points)
    slope = _slope(points) if _spread(points) else whole
    least = _LEAST_SLOPE * whole if len(points) < _COMPILED else 0.0
    per_row = min(whole, max(slope, least))
    recent = told[-_RECENT:]
    fixed = statistics.median(max(0.0, batch.seconds - work / batch.executors) for batch, work in recent)
    base = statistics.median(work - per_row * batch.rows for batch, work in recent)
    expected = [(base + per_row * batch.rows, work) for batch, work in recent[-_IN_A_ROW:]]
    # So many batches in a row that were all so much dearer are no chance.
    dearer = min(work / usual if usual > 0 else 1.0 for usual, work in expected)
    factor = dearer if dearer > _DEARER else 1.0
    return Cost(fixed, per_row * factor, base * factor)


def _spread(points: Sequence[tuple[float, float]]) -> bool:
    ordered = sorted(x for x, _ in points)
    edge = len(ordered) // 10
    return len(points) >= _LEAST_BATCHES and ordered[-1 - edge] >= _LEAST_SPREAD * ordered[edge]


def _proportional(points: Sequence[tuple[float, float]]) -> Cost:
    """All of it for the rows: what is given back is then never predicted to be missed less than it is."""
    return Cost(0.0, statistics.median(y / x for x, y in points))


def _line(points: Sequence[tuple[float, float]]) -> Cost:
    """By the median of the slopes between any two batches (Theil 1950, Sen 1968).

    Up to 29 % of them may be outliers, such as a batch during which an executor was lost.
    """
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
