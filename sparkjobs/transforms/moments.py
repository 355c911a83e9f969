"""Mean and standard deviation in Spark by one rule: of the distances from the least value, scaled.

Spark's own add up parts of the data in any order. Of numbers that lie far from 0 and close together
that loses the digits which tell them apart: a constant series gets a spread, and every row of it is an
outlier. The distances from the least value lose nothing (subtracting near numbers is exact: Sterbenz,
1974); dividing them by a power of two is exact too and keeps their squares in range. The kernel
``sparkjobs.kernels.statistics`` computes by the same rule.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pyspark.sql import Column, DataFrame


@dataclass(frozen=True)
class Scale:
    """Where a group of numbers lies: its least and its greatest value, null for a group without numbers."""

    low: Column
    high: Column

    def placed(self, x: Column) -> Column:
        """A number of the group by its distance from the least: 0 to below 2, and 0 in a constant group."""
        from pyspark.sql import functions as F

        distance = x * self._half - self.low * self._half
        return F.when(self._width > 0, distance / self._unit).when(self._width == 0, F.lit(0.0))

    def mean(self, mean: Column, otherwise: Column) -> Column:
        """The mean by that of the placed numbers; ``otherwise`` where infinities are among them."""
        from pyspark.sql import functions as F

        found = (self.low * self._half + mean * self._unit) / self._half
        return F.when(self._width == 0, self.low).when(self._is_finite, found).otherwise(otherwise)

    def deviation(self, deviation: Column) -> Column:
        """The standard deviation by that of the placed numbers; NaN where infinities are among them."""
        from pyspark.sql import functions as F

        found = deviation * self._unit / self._half
        return F.when(self._width == 0, deviation).when(self._is_finite, found).otherwise(deviation)

    @property
    def _half(self) -> Column:
        """1, or a half where the distance of the two ends would be too large for a double."""
        from pyspark.sql import functions as F

        return F.when(self.high - self.low == math.inf, 0.5).otherwise(1.0)

    @property
    def _width(self) -> Column:
        return self.high * self._half - self.low * self._half

    @property
    def _unit(self) -> Column:
        """A power of two near the width; null for width 0."""
        from pyspark.sql import functions as F

        # log2 rounds the greatest doubles up to 1024, whose power is infinite.
        return F.pow(F.lit(2.0), F.least(F.floor(F.log2(self._width)), F.lit(1023)))

    @property
    def _is_finite(self) -> Column:
        """NaN is greater than infinity for Spark."""
        return self._width < math.inf


def beside(rows: DataFrame, stats: DataFrame, keys: Sequence[str]) -> DataFrame:
    """Each row with its group's statistics; a null key is a key like others."""
    from pyspark.sql import functions as F

    if not keys:
        return rows.crossJoin(F.broadcast(stats))
    named = stats.select(
        *[F.col(key).alias(f"key {i}") for i, key in enumerate(keys)],
        *[column for column in stats.columns if column not in keys],
    )
    same = [F.col(key).eqNullSafe(F.col(f"key {i}")) for i, key in enumerate(keys)]
    return rows.join(named, same).drop(*[f"key {i}" for i in range(len(keys))])
