"""Standardised values and outliers of each series.

z = (x - mean) / standard deviation with ``ddof`` 0 (population) or 1 (sample). The MAD score is
0.6745 (x - median) / median(|x - median|) (Iglewicz and Hoaglin, 1993). Without spread there is no
score (null) and no outlier.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pyspark.sql import Column, DataFrame

Z_LIMIT = 3.0
MAD_LIMIT = 3.5
_MAD_FACTOR = 0.6745
# Names with a space, which no column of a user can have.
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
    spread = F.stddev_pop(number) if ddof == 0 else F.stddev_samp(number)
    stats = rows.groupBy(*keys).agg(F.avg(number).alias(_MEAN), spread.alias(_SPREAD))
    scored = _beside(rows, stats, keys).withColumn("z", _ratio(number - F.col(_MEAN), F.col(_SPREAD)))
    if method == "mad":
        scored = _with_mad(scored, keys, number)
        score = _MAD_FACTOR * _ratio(number - F.col(_MEDIAN), F.col(_MAD))
    else:
        score = F.col("z")
    marked = scored.withColumn("outlier", F.coalesce(F.abs(score) > limit, F.lit(False)))
    return marked.drop(_MEAN, _SPREAD, _MEDIAN, _MAD)


def _with_mad(rows: DataFrame, keys: Sequence[str], number: Column) -> DataFrame:
    from pyspark.sql import functions as F

    medians = rows.groupBy(*keys).agg(F.median(number).alias(_MEDIAN))
    centred = _beside(rows, medians, keys)
    spreads = centred.groupBy(*keys).agg(F.median(F.abs(number - F.col(_MEDIAN))).alias(_MAD))
    return _beside(centred, spreads, keys)


def _beside(rows: DataFrame, stats: DataFrame, keys: Sequence[str]) -> DataFrame:
    """Each row with its series' statistics; a null key is a key like others."""
    from pyspark.sql import functions as F

    if not keys:
        return rows.crossJoin(F.broadcast(stats))
    named = stats.select(
        *[F.col(key).alias(f"key {i}") for i, key in enumerate(keys)],
        *[column for column in stats.columns if column not in keys],
    )
    same = [F.col(key).eqNullSafe(F.col(f"key {i}")) for i, key in enumerate(keys)]
    return rows.join(named, same).drop(*[f"key {i}" for i in range(len(keys))])


def _ratio(numerator: Column, denominator: Column) -> Column:
    from pyspark.sql import functions as F

    return F.when(denominator > 0, numerator / denominator)
