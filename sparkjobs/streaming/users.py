"""What a batch changes for the users that it touches, computed from all their events.

A late event may join two sessions or open the funnel's first step, so each touched user is computed anew; of
what comes out only the rows that differ are written.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from sparkjobs import paths
from sparkjobs.sql import quoted
from sparkjobs.streaming.job import GONE, Change
from sparkjobs.streaming.touched import table_of
from sparkjobs.transforms.funnel import depths, funnel_of
from sparkjobs.transforms.sessions import sessions

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession


def changed_sessions(
    spark: SparkSession, output: str, new: DataFrame, gap_seconds: int, amount_type: str
) -> Change:
    """Sessions of the touched users that are new, differ, or are no more.

    Args:
        spark: the session.
        output: the folder of the tables; ``events`` holds the batch, ``sessions`` does not.
        new: the batch's events.
        gap_seconds: the longest pause inside a session.
        amount_type: the type of amounts.
    """
    users = _users(new)
    now = sessions(_of_users(spark, output, users), gap_seconds, amount_type).persist()
    return _changed(table_of(spark, paths.child(output, "sessions")), now, users, ("user", "session"))


def changed_depths(
    spark: SparkSession, output: str, new: DataFrame, steps: Sequence[str], within_seconds: int
) -> Change:
    """The last step that touched users have reached, where it has changed.

    Args:
        spark: the session.
        output: the folder of the tables; ``events`` holds the batch, ``reached`` does not.
        new: the batch's events.
        steps: the kinds of the funnel's steps.
        within_seconds: its limit.
    """
    users = _users(new)
    now = depths(_of_users(spark, output, users), steps, within_seconds).persist()
    return _changed(table_of(spark, paths.child(output, "reached")), now, users, ("user",))


def all_sessions(spark: SparkSession, output: str, gap_seconds: int, amount_type: str) -> DataFrame:
    """The sessions of all events."""
    return sessions(_events(spark, output), gap_seconds, amount_type)


def all_depths(spark: SparkSession, output: str, steps: Sequence[str], within_seconds: int) -> DataFrame:
    """The last step that each user has reached."""
    return depths(_events(spark, output), steps, within_seconds)


def whole_funnel(spark: SparkSession, output: str, steps: Sequence[str]) -> DataFrame:
    """The funnel of all users, from one row for each."""
    reached = table_of(spark, paths.child(output, "reached"))
    return funnel_of(spark.createDataFrame([], "depth int") if reached is None else reached, steps)


def _users(new: DataFrame) -> DataFrame:
    return new.select("user").distinct().persist()


def _of_users(spark: SparkSession, output: str, users: DataFrame) -> DataFrame:
    return _events(spark, output).join(users, "user", "left_semi")


def _events(spark: SparkSession, output: str) -> DataFrame:
    events = table_of(spark, paths.child(output, "events"))
    assert events is not None
    return events


def _changed(before: DataFrame | None, now: DataFrame, users: DataFrame, keys: Sequence[str]) -> Change:
    from pyspark.sql import functions as F

    kept = now.withColumn(GONE, F.lit(False))
    if before is None:
        return Change(kept)
    theirs = before.join(users, "user", "left_semi").persist()
    gone = theirs.join(now, list(keys), "left_anti").withColumn(GONE, F.lit(True))
    return Change(_differing(kept, theirs, now.columns).unionByName(gone))


def _differing(rows: DataFrame, before: DataFrame, columns: Sequence[str]) -> DataFrame:
    """The rows that are not there as they are."""
    from pyspark.sql import functions as F

    known = before.select(*[F.col(quoted(name)).alias(f"{name} before") for name in columns])
    same = [rows[quoted(name)].eqNullSafe(F.col(f"{name} before")) for name in columns]
    return rows.join(known, same, "left_anti")
