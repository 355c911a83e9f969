"""How Spark writes Parquet for our tables, in the jobs' sessions and in those of a user's own program."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

# Spark's default is INT96, which delta-rs and most other readers wrap outside 1677 to 2262; LEGACY days
# (before 1582) are shifted for every reader but Spark.
PARQUET = {
    "spark.sql.parquet.outputTimestampType": "TIMESTAMP_MICROS",
    "spark.sql.parquet.datetimeRebaseModeInWrite": "CORRECTED",
    "spark.sql.parquet.int96RebaseModeInWrite": "CORRECTED",
}


@contextmanager
def parquet_confs(spark: SparkSession) -> Iterator[None]:
    """Write so inside the block, whatever the session says; its own settings come back."""
    before = {key: spark.conf.get(key, None) for key in PARQUET}
    for key, value in PARQUET.items():
        spark.conf.set(key, value)
    try:
        yield
    finally:
        for key, old in before.items():
            if old is None:
                spark.conf.unset(key)
            else:
                spark.conf.set(key, old)
