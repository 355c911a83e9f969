"""Exact statistics by Spark's own expressions alone, all of which RAPIDS runs on a GPU too.

The numbers are placed beside their least one (``moments.py``), so the least and the greatest must be known
before the rest is added up. By group a window tells them: one shuffle and one sort serve it and the
aggregate. Of all rows together an aggregate does, whose one row is sent to all tasks.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from sparkjobs.sql import quoted
from sparkjobs.transforms.moments import SCALE, Scale, deviation_of, mean_of, placed, scale, stored

if TYPE_CHECKING:
    from pyspark.sql import Column, DataFrame

_X = "the number"  # a name with a space, which no key of ours has


def by_group(rows: DataFrame, keys: Sequence[str], value: str, quantiles: Sequence[float]) -> DataFrame:
    """The keys as ``k0, k1, ...`` and ``count, sum, mean, min, max, stddev, quantiles`` of each group.

    Args:
        rows: the table.
        keys: columns that make the groups; none makes one group of all rows.
        value: a numeric column, taken as a double.
        quantiles: each from 0 to 1; the column ``quantiles`` is an array of them in this order.
    """
    from pyspark.sql import Window
    from pyspark.sql import functions as F

    names = [f"k{i}" for i in range(len(keys))]
    columns = [F.col(quoted(key)).alias(name) for key, name in zip(keys, names, strict=True)]
    numbers = rows.select(*columns, F.col(quoted(value)).cast("double").alias(_X))
    x = F.col(_X)
    if keys:
        group = Window.partitionBy(*names)
        # The ends first and what is made of them then: else each would be a window of its own.
        ended = numbers.select("*", F.min(x).over(group).alias("low"), F.max(x).over(group).alias("high"))
        scaled = ended.select(*names, _X, *scale(F.col("low"), F.col("high")).columns())
    else:
        scaled = numbers.crossJoin(F.broadcast(numbers.agg(*scale(F.min(x), F.max(x)).columns())))
    found = scaled.select(*names, _X, placed(x, stored()).alias("place")).groupBy(*names)
    return found.agg(*_aggregates(x, F.col("place"), quantiles)).select(*names, *_finished())


def by_column(rows: DataFrame, columns: Sequence[str], quantiles: Sequence[float]) -> DataFrame:
    """``column`` and what ``by_group`` finds, of numeric columns: two passes and one row a column."""
    from pyspark.sql import functions as F

    xs = [f"x{i}" for i in range(len(columns))]
    numbers = rows.select(
        *[F.col(quoted(name)).cast("double").alias(x) for name, x in zip(columns, xs, strict=True)]
    )
    scales = numbers.agg(*[F.struct(*scale(F.min(x), F.max(x)).columns()).alias(f"{x} scale") for x in xs])
    scaled = numbers.crossJoin(F.broadcast(scales))
    places = [placed(F.col(x), _within(f"{x} scale")).alias(f"{x} place") for x in xs]
    cells = [
        F.struct(F.lit(name).alias("column"), *_aggregates(F.col(x), F.col(f"{x} place"), quantiles))
        for name, x in zip(columns, xs, strict=True)
    ]
    whole = scaled.select(*xs, *places).agg(F.array(*cells).alias("cells"))
    # RAPIDS has no inline() (GenerateExec).
    return whole.select(F.explode("cells").alias("cell")).select("cell.*").select("column", *_finished())


def _within(struct: str) -> Scale:
    from pyspark.sql import functions as F

    return Scale(*[F.col(f"`{struct}`.`{name}`") for name in SCALE])


def _aggregates(x: Column, place: Column, quantiles: Sequence[float]) -> list[Column]:
    from pyspark.sql import functions as F

    # F.percentile gives an int for the frequency, which takes the whole aggregate off the GPU ("frequency
    # expression Literal 1 (IntegerType is not supported)"); the function itself takes a bigint.
    wanted = F.call_function("percentile", x, F.array(*[F.lit(float(quantile)) for quantile in quantiles]))
    return [
        F.count(x).alias("count"), F.sum(x).alias("sum"), F.avg(x).alias("mean"),
        F.min(x).alias("min"), F.max(x).alias("max"), wanted.alias("quantiles"),
        F.avg(place).alias("mean place"), F.stddev_samp(place).alias("deviation"),
    ]  # fmt: skip


def _finished() -> list[Column]:
    from pyspark.sql import functions as F

    of = scale(F.col("min"), F.col("max"))
    return [
        F.col("count"), F.col("sum"), mean_of(F.col("mean place"), F.col("mean"), of).alias("mean"),
        F.col("min"), F.col("max"), deviation_of(F.col("deviation"), of).alias("stddev"), F.col("quantiles"),
    ]  # fmt: skip
