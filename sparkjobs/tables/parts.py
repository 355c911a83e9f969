"""The size of each partition of a committed table, from its log."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sparkjobs import paths
from sparkjobs.sql import quoted
from sparkjobs.tables.log import light_table
from sparkjobs.tables.snapshot import PHYSICAL_NAME, java_snapshot, layout
from sparkjobs.transforms.skew import PartitionSize

if TYPE_CHECKING:
    from pyspark.sql import SparkSession


@dataclass(frozen=True)
class StoredFile:
    """A file of a table as its log has it; ``rows`` is ``None`` where the log has no statistics."""

    partition: int
    rows: int | None
    bytes: int


def partition_sizes(
    spark: SparkSession, path: str, column: str, partitions: int
) -> tuple[int, list[PartitionSize]]:
    """The table's newest version, and the size of partitions 0 to ``partitions - 1``, empty ones included.

    Rows are those that the writers told the log, which Delta itself answers ``count(*)`` from
    (``OptimizeMetadataOnlyDeltaQuery``); they are counted where statistics were switched off.
    """
    version, files = _light(path, column) or _by_spark(spark, path, column)
    counted = _counted(spark, path, column, version) if any(file.rows is None for file in files) else {}
    return version, sized(files, partitions, counted)


def sized(
    files: Iterable[StoredFile], partitions: int, counted: Mapping[int, int] | None = None
) -> list[PartitionSize]:
    """Add up the files of each partition. Pure.

    Args:
        files: the files of the table.
        partitions: how many partitions there are at least.
        counted: rows of each partition, which go before those of the files.
    """
    found: dict[int, list[int]] = {}
    for file in files:
        total = found.setdefault(file.partition, [0, 0, 0])
        for place, more in enumerate((file.rows or 0, file.bytes, 1)):
            total[place] += more
    for number, rows in (counted or {}).items():
        found.setdefault(number, [0, 0, 0])[0] = rows
    numbers = range(max(partitions, *(number + 1 for number in found), 0))
    return [PartitionSize(number, *found.get(number, (0, 0, 0))) for number in numbers]


def _light(path: str, column: str) -> tuple[int, list[StoredFile]] | None:
    """Without a Spark job; ``None`` where only Spark can tell."""
    table = light_table(path)
    # From the second on columns have other names in the log, from the third on rows may be deleted in files
    # (PROTOCOL.md, Column Mapping and Deletion Vectors).
    if table is None or table.protocol().min_reader_version > 1:
        return None
    import pyarrow as pa

    files = pa.table(table.get_add_actions(flatten=True)).to_pylist()
    name = f"partition.{column}"
    return int(table.version()), [
        StoredFile(int(file[name]), file.get("num_records"), file["size_bytes"]) for file in files
    ]


def _by_spark(spark: SparkSession, path: str, column: str) -> tuple[int, list[StoredFile]]:
    from pyspark.sql import DataFrame
    from pyspark.sql import functions as F

    snapshot, name = java_snapshot(spark, path), column
    found = layout(spark, path)
    if found is not None:
        name = found.schema[column].metadata.get(PHYSICAL_NAME, column)
    written = F.get_json_object("stats", "$.numRecords").cast("bigint")
    deleted = F.coalesce(F.col("deletionVector.cardinality"), F.lit(0))
    files = DataFrame(snapshot.allFiles().toDF(), spark).select(
        # Partition values are texts in the log, whatever the column's type (PROTOCOL.md, Add File).
        F.col("partitionValues")[name].cast("int").alias("partition"),
        (written - deleted).alias("rows"),
        F.col("size").alias("bytes"),
    )
    return int(snapshot.version()), [StoredFile(*row) for row in files.collect()]


def _counted(spark: SparkSession, path: str, column: str, version: int) -> dict[int, int]:
    from pyspark.sql import functions as F

    table = spark.read.format("delta").option("versionAsOf", version).load(paths.hadoop(path))
    rows = table.groupBy(F.col(quoted(column)).alias("number")).agg(F.count(F.lit(1)).alias("rows"))
    return {row.number: row.rows for row in rows.collect()}
