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

# Names with a space, which no column of a user can have.
HALF, BASE, UNIT = "the half", "the base", "the unit"
SCALE = (HALF, BASE, UNIT)


@dataclass(frozen=True)
class Scale:
    """Where a group's numbers lie: each is ``(base + place * unit) / half``."""

    half: Column
    base: Column
    unit: Column

    def columns(self) -> list[Column]:
        """As columns with the names of ``SCALE``."""
        return [self.half.alias(HALF), self.base.alias(BASE), self.unit.alias(UNIT)]


def scale(low: Column, high: Column) -> Scale:
    """The scale of a group, from its least and its greatest value."""
    from pyspark.sql import functions as F

    # A half where the distance of the two ends would be too large for a double.
    half = F.when(high - low == math.inf, 0.5).otherwise(1.0)
    width = high * half - low * half
    # log2 rounds the greatest doubles up to 1024, whose power is infinite.
    power = F.pow(F.lit(2.0), F.least(F.floor(F.log2(width)), F.lit(1023)))
    # Of an infinite or NaN width a GPU may make the power 0, which nothing can be divided by.
    unit = F.when((width > 0) & (width < math.inf), power).otherwise(1.0)
    return Scale(half, low * half, unit)


def stored() -> Scale:
    """The scale that stands in the columns ``SCALE``."""
    from pyspark.sql import functions as F

    return Scale(*[F.col(name) for name in SCALE])


def placed(x: Column, of: Scale) -> Column:
    """A number beside its group's scale: its distance from the least, 0 to below 2; 0 in a constant group."""
    return (x * of.half - of.base) / of.unit


def mean_of(place: Column, otherwise: Column, of: Scale) -> Column:
    """The mean by that of the placed numbers; ``otherwise`` where infinities or NaN are among them."""
    from pyspark.sql import functions as F

    found = (of.base + place * of.unit) / of.half
    # NaN is greater than infinity for Spark.
    return F.when(F.abs(place) < math.inf, found).otherwise(otherwise)


def deviation_of(place: Column, of: Scale) -> Column:
    """The standard deviation by that of the placed numbers."""
    return place * of.unit / of.half


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
