"""Retention: which share of the users that came first in a period was active so many periods later."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pyspark.sql import Column, DataFrame

PERIODS = ("day", "week", "month")


def retention(events: DataFrame, period: str) -> DataFrame:
    """One row a cohort and period with active users: ``cohort, period, users, cohort_size, share``, in order.

    A user's cohort is the first period with an event of hers; ``period`` counts periods from there
    (0 = the cohort's own). Every event counts as activity. Periods are those of the session's time zone,
    weeks begin on Monday.

    Args:
        events: ``user`` (not null) and ``time``.
        period: ``day``, ``week`` or ``month``.
    """
    from pyspark.sql import Window
    from pyspark.sql import functions as F

    active = events.select("user", F.to_date(F.date_trunc(period, "time")).alias("_active")).distinct()
    first = F.min("_active").over(Window.partitionBy("user"))
    aged = active.withColumn("cohort", first).withColumn("period", _periods_between(period))
    counted = aged.groupBy("cohort", "period").agg(F.count(F.lit(1)).alias("users"))
    # Everyone is active in the period that makes the cohort.
    size = F.max(F.when(F.col("period") == 0, F.col("users"))).over(Window.partitionBy("cohort"))
    sized = counted.withColumn("cohort_size", size)
    return sized.withColumn("share", F.col("users") / F.col("cohort_size")).orderBy("cohort", "period")


def _periods_between(period: str) -> Column:
    from pyspark.sql import functions as F

    start, now = F.col("cohort"), F.col("_active")
    days = F.datediff(now, start)
    months = (F.year(now) - F.year(start)) * 12 + F.month(now) - F.month(start)
    return {"day": days, "week": (days / 7).cast("int"), "month": months}[period]
