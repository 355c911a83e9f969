"""RFM: recency, frequency and monetary value of each user, each scored 1 to 5 by percent rank."""

from __future__ import annotations

from collections.abc import Mapping
from functools import reduce
from typing import TYPE_CHECKING

from sparkjobs.transforms.kinds import Counting

if TYPE_CHECKING:
    from pyspark.sql import Column, DataFrame

_DAY_MICROS = 86_400_000_000
_UPPER = (2, 3, 4, 5)


def rfm(events: DataFrame, reference_micros: int, counting: Counting, amount_type: str) -> DataFrame:
    """One row for each user with a counted event: the three measures and their scores.

    ``recency_days`` is whole days from the last counted event to the reference, ``frequency`` the number
    of different moments with a counted event (the lines of one basket share theirs), ``monetary`` the sum
    of counted and refunded amounts. A score is ``min(5, floor(5 * percent_rank) + 1)``, 5 is best
    (most recent, most frequent, most valuable), equal values score equal.

    Args:
        events: ``user`` (not null), ``time``, ``kind``, ``amount``; those after the reference are left out.
        reference_micros: the moment that recency counts back from, in microseconds from 1970.
        counting: the kinds that count.
        amount_type: of sums of amounts.
    """
    from pyspark.sql import functions as F

    measured = _measures(events, reference_micros, counting, amount_type)
    scored = with_fifths(
        measured, {"r": -F.col("recency_days"), "f": F.col("frequency"), "m": F.col("monetary")}
    )
    return scored.select(
        *measured.columns,
        "r",
        "f",
        "m",
        F.concat(*[F.col(name).cast("string") for name in "rfm"]).alias("rfm"),
    )


def with_fifths(rows: DataFrame, values: Mapping[str, Column]) -> DataFrame:
    """Add a column for each name: the fifth, 1 to 5, of the percent rank of its value among all rows.

    percent_rank = (rows with a smaller value) / (rows - 1). A window over all rows would sort them in
    one task; this sorts the different values with their counts instead. Of those only the least value of
    each fifth is kept, and every row is held against these few: a join by value, one after another, would
    read the rows twice for each name, and what they are made from eight times for three.

    Args:
        rows: the rows; read twice, and with all values each time, so that Spark shuffles them once.
        values: whole numbers or decimals, not null.
    """
    from pyspark.sql import functions as F

    return rows.crossJoin(F.broadcast(_least(rows, values))).select(
        *[F.col(name) for name in rows.columns],
        *[_fifth(value, name).alias(name) for name, value in values.items()],
    )


def _least(rows: DataFrame, values: Mapping[str, Column]) -> DataFrame:
    """One row: for each name the least value of the fifths 2 to 5 and above, null where no row is."""
    from pyspark.sql import Window
    from pyspark.sql import functions as F

    cells = [F.struct(F.lit(name).alias("_name"), value.alias("_value")) for name, value in values.items()]
    # RAPIDS has no inline() (GenerateExec).
    long = rows.select(F.explode(F.array(*cells)).alias("_cell")).select("_cell.*")
    counted = long.groupBy("_name", "_value").count()
    named = Window.partitionBy("_name")
    smaller = named.orderBy("_value").rowsBetween(Window.unboundedPreceding, -1)
    ranked = counted.select(
        "_name",
        "_value",
        F.coalesce(F.sum("count").over(smaller), F.lit(0)).alias("_smaller"),
        F.sum("count").over(named).alias("_all"),
    )
    # Whole numbers: 5 * smaller / (all - 1) has no rounding that could move a score.
    fifth = F.expr("5 * _smaller div greatest(1, _all - 1) + 1")
    return ranked.agg(
        *[
            F.min(F.when((F.col("_name") == name) & (fifth >= step), F.col("_value"))).alias(f"_{name}{step}")
            for name in values
            for step in _UPPER
        ]
    )


def _fifth(value: Column, name: str) -> Column:
    from pyspark.sql import functions as F

    reached = [F.coalesce(value >= F.col(f"_{name}{step}"), F.lit(False)).cast("int") for step in _UPPER]
    return reduce(lambda one, other: one + other, reached, F.lit(1))


def _measures(events: DataFrame, reference_micros: int, counting: Counting, amount_type: str) -> DataFrame:
    from pyspark.sql import functions as F

    counted = F.when(counting.counted(), F.col("time"))
    until = events.where(F.unix_micros("time") <= reference_micros)
    users = until.where(counting.valued()).groupBy("user")
    measured = users.agg(
        F.max(counted).alias("last_time"),
        F.count_distinct(counted).alias("frequency"),
        F.coalesce(F.sum("amount"), F.lit(0)).cast(amount_type).alias("monetary"),
    ).where(F.col("last_time").isNotNull())
    return measured.select(
        "user",
        "last_time",
        F.expr(f"({reference_micros} - unix_micros(last_time)) div {_DAY_MICROS}").alias("recency_days"),
        "frequency",
        "monetary",
    )
