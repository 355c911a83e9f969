"""Sessions: a user's events without a pause longer than the gap."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pyspark.sql import DataFrame


def with_session(events: DataFrame, gap_seconds: int) -> DataFrame:
    """Number each user's sessions from 1: a pause GREATER than the gap starts the next one.

    Args:
        events: ``user`` (not null) and ``time``; other columns stay.
        gap_seconds: the longest pause inside a session, compared to the microsecond.
    """
    from pyspark.sql import Window
    from pyspark.sql import functions as F

    by_time = Window.partitionBy("user").orderBy("time")
    pause = F.unix_micros("time") - F.unix_micros(F.lag("time").over(by_time))
    starts = F.when(pause <= gap_seconds * 1_000_000, 0).otherwise(1)
    # Events of one moment are peers in the window, so their order does not matter.
    return events.withColumn("_starts", starts).select(
        *events.columns, F.sum("_starts").over(by_time).alias("session")
    )


def sessions(events: DataFrame, gap_seconds: int, amount_type: str) -> DataFrame:
    """One row a session: ``user, session, started, ended, seconds, events, items, amount``.

    ``seconds`` is the time from the first event to the last, ``items`` the number of different items,
    ``amount`` the sum of all amounts (a missing one counts 0), of the type ``amount_type``.
    """
    from pyspark.sql import functions as F

    grouped = with_session(events, gap_seconds).groupBy("user", "session")
    return grouped.agg(
        F.min("time").alias("started"),
        F.max("time").alias("ended"),
        ((F.unix_micros(F.max("time")) - F.unix_micros(F.min("time"))) / F.lit(1_000_000.0)).alias("seconds"),
        F.count(F.lit(1)).alias("events"),
        F.count_distinct("item").alias("items"),
        F.coalesce(F.sum("amount"), F.lit(0)).cast(amount_type).alias("amount"),
    )
