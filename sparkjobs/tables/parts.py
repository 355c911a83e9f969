"""The size of each partition of a committed table, from its log and its own rows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sparkjobs import paths
from sparkjobs.sql import quoted
from sparkjobs.tables.snapshot import java_snapshot
from sparkjobs.transforms.skew import PartitionSize

if TYPE_CHECKING:
    from pyspark.sql import SparkSession


def partition_sizes(
    spark: SparkSession, path: str, column: str, partitions: int
) -> tuple[int, list[PartitionSize]]:
    """The table's newest version, and the size of partitions 0 to ``partitions - 1``, empty ones included.

    Rows are counted and not read from the log, whose statistics may be switched off.
    """
    from pyspark.sql import DataFrame
    from pyspark.sql import functions as F

    snapshot, place = java_snapshot(spark, path), paths.hadoop(path)
    version = int(snapshot.version())
    number = F.col("partitionValues")[column].cast("int").alias("number")
    files = DataFrame(snapshot.allFiles().toDF(), spark).groupBy(number)
    stored = files.agg(F.sum("size").alias("bytes"), F.count(F.lit(1)).alias("files"))
    table = spark.read.format("delta").option("versionAsOf", version).load(place)
    counted = table.groupBy(F.col(quoted(column)).alias("number")).agg(F.count(F.lit(1)).alias("rows"))
    found = {row.number: row for row in stored.join(counted, "number", "left").na.fill(0).collect()}
    numbers = range(max(partitions, *(number + 1 for number in found), 0))
    return version, [_size(number, found.get(number)) for number in numbers]


def _size(number: int, row: object) -> PartitionSize:
    values = [getattr(row, name, 0) for name in ("rows", "bytes", "files")]
    return PartitionSize(number, *values)
