"""An ordered funnel within a time limit."""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pyspark.sql import Column, DataFrame

DDL = "step int, kind string, users bigint, share_of_first double, share_of_previous double"


def funnel(events: DataFrame, steps: Sequence[str], within_seconds: int) -> DataFrame:
    """How many users reached each step: ``step, kind, users, share_of_first, share_of_previous``.

    A user reaches step k with events of the kinds of steps 1 to k at strictly increasing times, the last
    no later than the limit after the first. Every event of the first step is tried as the start.

    Instead of joining starts with later events, each event carries the latest start of a run that leads
    to it: the maximum over the user's strictly earlier events of the step before. The latest start
    leaves the most time, so no other start can reach further; one sorted pass a step is enough.

    Args:
        events: ``user`` (not null), ``time``, ``kind``.
        steps: the kinds in order; one may come more than once.
        within_seconds: the limit, itself included.
    """
    if not steps:
        return events.sparkSession.createDataFrame([], DDL)
    return funnel_of(depths(events, steps, within_seconds), steps)


def funnel_of(depths: DataFrame, steps: Sequence[str]) -> DataFrame:
    """The funnel of users whose last steps are known: ``depth``, one row a user."""
    from pyspark.sql import functions as F

    if not steps:
        return depths.sparkSession.createDataFrame([], DDL)
    counts = depths.agg(
        *[F.count_if(F.col("depth") >= number).alias(f"_{number}") for number in range(1, len(steps) + 1)]
    )
    rows = [_row(number, kind) for number, kind in enumerate(steps, 1)]
    # RAPIDS has no inline() (GenerateExec).
    return counts.select(F.explode(F.array(*rows)).alias("row")).select("row.*")


def depths(events: DataFrame, steps: Sequence[str], within_seconds: int) -> DataFrame:
    """``user`` and ``depth``: the last step that the user's best run reached."""
    from pyspark.sql import Window
    from pyspark.sql import functions as F

    runs = _steps(events, steps).withColumn("_start1", F.when(F.col("_step") == 1, F.col("_at")))
    # Of one moment the later steps stand first, so no row has a step before its own of its own moment above
    # it. A range that ends before the moment would say it too, but RAPIDS knows none ("Upper-bounds behind
    # current row is not supported").
    order = Window.partitionBy("user").orderBy("_at", F.desc("_step"))
    earlier = order.rowsBetween(Window.unboundedPreceding, -1)
    for number in range(2, len(steps) + 1):
        came = F.max(f"_start{number - 1}").over(earlier)
        runs = runs.withColumn(f"_start{number}", F.when(F.col("_step") == number, came))
    limit = within_seconds * 1_000_000
    reached = [
        F.when(F.col("_at") - F.col(f"_start{number}") <= limit, number).otherwise(0)
        for number in range(1, len(steps) + 1)
    ]
    return runs.groupBy("user").agg(F.max(_greatest(reached)).alias("depth"))


def _steps(events: DataFrame, steps: Sequence[str]) -> DataFrame:
    """``user``, ``_at`` in microseconds and ``_step``: a row for each step that an event may be."""
    from pyspark.sql import functions as F

    each = [F.when(F.col("kind") == kind, number) for number, kind in enumerate(steps, 1)]
    twice = len(set(steps)) < len(steps)
    step = F.explode(F.array_compact(F.array(*each))) if twice else F.coalesce(*each)
    known = events.where(F.col("kind").isin(list(steps)))
    return known.select("user", F.unix_micros("time").alias("_at"), step.alias("_step"))


def _greatest(values: Sequence[Column]) -> Column:
    from pyspark.sql import functions as F

    return reduce(lambda one, other: F.greatest(one, other), values)


def _row(number: int, kind: str) -> Column:
    from pyspark.sql import functions as F

    users = F.col(f"_{number}")
    before = F.col(f"_{max(1, number - 1)}")
    return F.struct(
        F.lit(number).alias("step"),
        F.lit(kind).alias("kind"),
        users.alias("users"),
        # Under ANSI x / 0 raises (DIVIDE_BY_ZERO); without users the share is null. RAPIDS has no try_divide.
        F.when(F.col("_1") > 0, users / F.col("_1")).alias("share_of_first"),
        F.when(before > 0, users / before).alias("share_of_previous"),
    )
