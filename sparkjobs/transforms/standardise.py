"""Standardised values and outliers of each series.

z = (x - mean) / standard deviation with ``ddof`` 0 (population) or 1 (sample). The MAD score is
0.6745 (x - median) / median(|x - median|) (Iglewicz and Hoaglin, 1993). Without spread there is no
score (null) and no outlier. Neither score changes when all numbers are moved and scaled alike, so both
are computed from the placed numbers of ``moments.py``.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from sparkjobs.transforms.moments import SCALE, beside, placed, scale, stored

if TYPE_CHECKING:
    from pyspark.sql import Column, DataFrame

Z_LIMIT = 3.0
MAD_LIMIT = 3.5
_MAD_FACTOR = 0.6745
# Names with a space, which no column of a user can have.
_PLACE = "the place"
_MEAN, _SPREAD, _MEDIAN, _MAD = "the mean", "the spread", "the median", "the mad"


def standardise(
    rows: DataFrame, keys: Sequence[str], value: str, *, ddof: int, method: str, limit: float
) -> DataFrame:
    """Add ``z double`` and ``outlier boolean``.

    Args:
        rows: the rows; each combination of ``keys`` is a series of its own.
        keys: key columns; none means one series.
        value: the numeric column.
        ddof: 0 for the population, 1 for the sample standard deviation.
        method: ``z`` or ``mad``: which score marks outliers (``z`` itself is always the z-score).
        limit: the score above which a row is an outlier.
    """
    from pyspark.sql import functions as F

    number = F.col(value).cast("double")
    scored = beside(rows, _statistics(rows, keys, number, ddof), keys)
    scored = scored.withColumn(_PLACE, placed(number, stored()))
    scored = scored.withColumn("z", _ratio(F.col(_PLACE) - F.col(_MEAN), F.col(_SPREAD)))
    scored = scored.drop(_MEAN, _SPREAD, *SCALE)
    score = F.col("z")
    if method == "mad":
        scored = _with_mad(scored, keys)
        score = _MAD_FACTOR * _ratio(F.col(_PLACE) - F.col(_MEDIAN), F.col(_MAD))
    marked = scored.withColumn("outlier", F.coalesce(F.abs(score) > limit, F.lit(False)))
    return marked.drop(_PLACE, _MEDIAN, _MAD)


def _statistics(rows: DataFrame, keys: Sequence[str], number: Column, ddof: int) -> DataFrame:
    """The scale of each series, and mean and deviation of its placed numbers."""
    from pyspark.sql import functions as F

    scales = rows.groupBy(*keys).agg(*scale(F.min(number), F.max(number)).columns())
    places = beside(rows, scales, keys).withColumn(_PLACE, placed(number, stored()))
    spread = F.stddev_pop(_PLACE) if ddof == 0 else F.stddev_samp(_PLACE)
    return places.groupBy(*keys, *SCALE).agg(F.avg(_PLACE).alias(_MEAN), spread.alias(_SPREAD))


def _with_mad(rows: DataFrame, keys: Sequence[str]) -> DataFrame:
    from pyspark.sql import functions as F

    medians = rows.groupBy(*keys).agg(F.median(_PLACE).alias(_MEDIAN))
    centred = beside(rows, medians, keys)
    distance = F.abs(F.col(_PLACE) - F.col(_MEDIAN))
    return beside(centred, centred.groupBy(*keys).agg(F.median(distance).alias(_MAD)), keys)


def _ratio(numerator: Column, denominator: Column) -> Column:
    from pyspark.sql import functions as F

    return F.when(denominator > 0, numerator / denominator)
