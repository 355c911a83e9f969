"""Exact statistics of many groups of numbers that lie one after the other in an array.

Order and nulls as in Spark: nulls are not counted, NaN is the greatest number, a standard deviation
of one value is null, quantiles interpolate linearly between the two nearest values.

Mean and deviation are those of the distances from the least value, which lose no digits where numbers
lie close together and far from 0; ``sparkjobs.transforms.moments`` has the same rule for Spark.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

F64 = npt.NDArray[np.float64]
I64 = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]

# Adding up one after the other loses digits in long groups; those are added pairwise.
_LONG_GROUP = 4096
# Squares of numbers with such exponents, added up, stay far from the ends of the range.
_EXTREME_EXPONENT = 400


@dataclass(frozen=True)
class Statistics:
    """One item a group. Where ``count`` is 0 all others are null; ``stddev`` also where it is 1.

    ``quantiles`` holds one array for each asked quantile, in the order asked.
    """

    count: I64
    sum: F64
    mean: F64
    min: F64
    max: F64
    stddev: F64
    quantiles: tuple[F64, ...]


def statistics(values: F64, offsets: I64, quantiles: Sequence[float]) -> Statistics:
    """Statistics of the groups ``values[offsets[i]:offsets[i + 1]]``.

    Args:
        values: the groups' numbers; each group is SORTED IN PLACE.
        offsets: where the groups begin, and the end of the last.
        quantiles: each between 0 and 1.
    """
    count = np.diff(offsets)
    full = np.flatnonzero(count)
    starts, ends = offsets[:-1][full], offsets[1:][full]
    for start, end in zip(starts.tolist(), ends.tolist(), strict=True):
        values[start:end].sort()
    with np.errstate(invalid="ignore", over="ignore"):
        size = count[full]
        total = _sums(values, starts, ends)
        scale = Scale(values[starts], values[ends - 1])
        placed = scale.placed(values, size)
        middle = _sums(placed, starts, ends) / size
        deviation = scale.deviation(_stddev(placed, starts, ends, middle))
        columns = [total, scale.mean(middle, total / size), scale.low, scale.high, deviation]
        columns += [_quantile(values, starts, size, q) for q in quantiles]
    total, mean, least, most, deviation, *spread = (_spread(column, full, len(count)) for column in columns)
    return Statistics(count, total, mean, least, most, deviation, tuple(spread))


class Scale:
    """Where groups of numbers lie, each by its least and its greatest value.

    A placed number is its distance from the least. Where squares of the distances would leave the range
    of a double they are divided by a power of two, which is exact.
    """

    def __init__(self, low: F64, high: F64) -> None:
        self.low, self.high = low, high
        with np.errstate(invalid="ignore", over="ignore"):
            too_wide = np.isinf(high - low) & np.isfinite(low) & np.isfinite(high)
            self._half = np.where(too_wide, 0.5, 1.0)
            width = high * self._half - low * self._half
        self._is_finite = np.isfinite(width)
        _, exponent = np.frexp(np.where(self._is_finite, width, 1.0))
        extreme = self._is_finite & (width != 0) & (np.abs(exponent) > _EXTREME_EXPONENT)
        self._unit = np.where(extreme, np.ldexp(1.0, exponent - 1), 1.0)

    def placed(self, values: F64, size: I64) -> F64:
        """The numbers of all groups, one group after the other, each of its size."""
        distances = values - np.repeat(self.low, size)
        if (self._half != 1.0).any():
            half = np.repeat(self._half, size)
            distances = values * half - np.repeat(self.low, size) * half
        return distances if (self._unit == 1.0).all() else distances / np.repeat(self._unit, size)

    def mean(self, placed: F64, otherwise: F64) -> F64:
        """The means by those of the placed numbers; ``otherwise`` where infinities are among them."""
        middle = (self.low * self._half + placed * self._unit) / self._half
        found: F64 = np.where(self._is_finite, middle, otherwise)
        return found

    def deviation(self, placed: F64) -> F64:
        """The standard deviations by those of the placed numbers; NaN where infinities are among them."""
        found: F64 = np.where(self._is_finite, placed * self._unit / self._half, np.nan)
        return found


def interpolate(low: F64, high: F64, below: I64, position: npt.NDArray[Any]) -> F64:
    """Between the values at ``below`` and ``below + 1``, by the rule that Spark's ``percentile`` has."""
    between = (below + 1 - position) * low + (position - below) * high
    mixed: F64 = np.where((position == below) | (low == high), low, between)
    return mixed


def _sums(values: F64, starts: I64, ends: I64) -> F64:
    if not len(starts):
        return np.zeros(0)
    sums: F64 = np.add.reduceat(values, starts)
    for group in np.flatnonzero(ends - starts > _LONG_GROUP).tolist():
        sums[group] = values[starts[group] : ends[group]].sum()
    return sums


def _stddev(values: F64, starts: I64, ends: I64, mean: F64) -> F64:
    size = ends - starts
    distance = values - np.repeat(mean, size)
    squares = _sums(distance * distance, starts, ends)
    deviation: F64 = np.sqrt(squares / np.maximum(size - 1, 1))
    return deviation


def _quantile(values: F64, starts: I64, size: I64, quantile: float) -> F64:
    position = (size - 1) * quantile
    below = np.floor(position).astype(np.int64)
    above = np.minimum(below + 1, size - 1)
    return interpolate(values[starts + below], values[starts + above], below, position)


def _spread(column: F64, full: I64, groups: int) -> F64:
    if len(full) == groups:
        return column
    spread = np.zeros(groups)
    spread[full] = column
    return spread
