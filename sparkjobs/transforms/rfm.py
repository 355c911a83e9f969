"""RFM: recency, frequency and monetary value of each user, each scored 1 to 5 by percent rank."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sparkjobs.transforms.kinds import Counting

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

_DAY_MICROS = 86_400_000_000


def rfm(events: DataFrame, reference_micros: int, counting: Counting) -> DataFrame:
    """One row for each user with a counted event: the three measures and their scores.

    ``recency_days`` is whole days from the last counted event to the reference, ``frequency`` the number
    of different moments with a counted event (the lines of one basket share theirs), ``monetary`` the sum
    of counted and refunded amounts. A score is ``min(5, floor(5 * percent_rank) + 1)``, 5 is best
    (most recent, most frequent, most valuable), equal values score equal.

    Args:
        events: ``user`` (not null), ``time``, ``kind``, ``amount``; those after the reference are left out.
        reference_micros: the moment that recency counts back from, in microseconds from 1970.
        counting: the kinds that count.
    """
    from pyspark.sql import functions as F

    measured = _measures(events, reference_micros, counting)
    fresh = measured.withColumn("_fresh", -F.col("recency_days"))
    scored = fresh
    for name, score in (("_fresh", "r"), ("frequency", "f"), ("monetary", "m")):
        # Of the measures and not of what is scored already: that would join each score's joins again.
        scored = scored.join(fifths(fresh, name, score), name)
    return scored.select(
        *measured.columns,
        "r",
        "f",
        "m",
        F.concat(*[F.col(name).cast("string") for name in "rfm"]).alias("rfm"),
    )


def fifths(rows: DataFrame, value: str, score: str) -> DataFrame:
    """Each ``value`` with its ``score``: the fifth, 1 to 5, of its percent rank among all rows.

    percent_rank = (rows with a smaller value) / (rows - 1). A window over all rows would sort them in
    one task; this sorts the different values with their counts instead.
    """
    from pyspark.sql import Window
    from pyspark.sql import functions as F

    # A constant key: the window spans all values, and Spark need not warn that it has no key.
    ordered = Window.partitionBy(F.lit(0)).orderBy(value)
    smaller = ordered.rowsBetween(Window.unboundedPreceding, -1)
    values = rows.groupBy(value).agg(F.count(F.lit(1)).alias("_rows"))
    ranked = values.select(
        value,
        F.coalesce(F.sum("_rows").over(smaller), F.lit(0)).alias("_smaller"),
        F.sum("_rows").over(Window.partitionBy(F.lit(0))).alias("_all"),
    )
    # Whole numbers: 5 * smaller / (all - 1) has no rounding that could move a score.
    fifth = F.expr("cast(least(5, 5 * _smaller div greatest(1, _all - 1) + 1) as int)")
    return ranked.select(value, fifth.alias(score))


def _measures(events: DataFrame, reference_micros: int, counting: Counting) -> DataFrame:
    from pyspark.sql import functions as F

    kind = dict(events.dtypes)["amount"]
    counted = F.when(counting.counted(), F.col("time"))
    until = events.where(F.unix_micros("time") <= reference_micros)
    users = until.where(counting.valued()).groupBy("user")
    measured = users.agg(
        F.max(counted).alias("last_time"),
        F.count_distinct(counted).alias("frequency"),
        F.coalesce(F.sum("amount"), F.lit(0)).cast(kind).alias("monetary"),
    ).where(F.col("last_time").isNotNull())
    return measured.select(
        "user",
        "last_time",
        F.expr(f"({reference_micros} - unix_micros(last_time)) div {_DAY_MICROS}").alias("recency_days"),
        "frequency",
        "monetary",
    )
