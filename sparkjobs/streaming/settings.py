"""Settings of a session that hold for a stretch of work."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

ADAPTIVE = "spark.sql.adaptive.enabled"
SHUFFLE_PARTITIONS = "spark.sql.shuffle.partitions"
# Rows for which a task more is worth its start.
ONE_TASK_ROWS = 100_000


@dataclass(frozen=True)
class Session:
    """What the session is set to, which Spark's query sets otherwise.

    Attributes:
        adaptive: whether plans are adapted while they run.
        most_partitions: partitions of a shuffle, at most.
        slots: tasks that run at once.
    """

    adaptive: str
    most_partitions: int
    slots: int

    @staticmethod
    def of(spark: SparkSession) -> Session:
        """The settings of the session that the stream was started in."""
        return Session(
            spark.conf.get(ADAPTIVE) or "true",
            int(spark.conf.get(SHUFFLE_PARTITIONS) or 1),
            max(1, spark.sparkContext.defaultParallelism),
        )


@contextmanager
def setting(spark: SparkSession, key: str, value: str) -> Iterator[None]:
    """Set a setting, and set it back."""
    before = spark.conf.get(key, None)
    spark.conf.set(key, value)
    try:
        yield
    finally:
        if before is None:
            spark.conf.unset(key)
        else:
            spark.conf.set(key, before)


def shuffle_partitions(rows: int, slots: int, most: int) -> int:
    """Partitions of a batch's shuffles: few for few rows, each of which costs a task's start. Pure.

    Args:
        rows: rows of the batch.
        slots: tasks that run at once.
        most: what the session says, and a batch never exceeds.
    """
    return max(1, min(most, max(slots, -(-rows // ONE_TASK_ROWS))))
