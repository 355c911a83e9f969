"""A table's newest state as Delta itself has it: what a write is held against."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sparkjobs import paths
from sparkjobs.jvm import delta_table_exists, java_session, jvm_of

if TYPE_CHECKING:
    from pyspark.sql import SparkSession
    from pyspark.sql.types import StructType

# What a column is called in the log and the files (PROTOCOL.md, Column Mapping).
PHYSICAL_NAME = "delta.columnMapping.physicalName"


@dataclass(frozen=True)
class Layout:
    """A table's columns, with their metadata, and the columns that it is partitioned by."""

    schema: StructType
    partition_by: tuple[str, ...]


def java_snapshot(spark: SparkSession, path: str) -> Any:
    """Delta's snapshot of the newest version."""
    jvm = jvm_of(spark)
    log = jvm.org.apache.spark.sql.delta.DeltaLog.forTable(java_session(spark), paths.hadoop(path))
    # forTable may answer from its cache: ask for the newest snapshot.
    return log.update(False, jvm.scala.Option.empty(), jvm.scala.Option.empty())


def layout(spark: SparkSession, path: str) -> Layout | None:
    """The columns of the table; ``None`` where there is no table."""
    from pyspark.sql.types import StructType

    place = paths.hadoop(path)
    if not delta_table_exists(spark, place):
        return None
    metadata = java_snapshot(spark, path).metadata()
    columns = metadata.partitionColumns()
    return Layout(
        StructType.fromJson(json.loads(metadata.schema().json())),
        # A Scala Seq: py4j cannot iterate over it.
        tuple(str(columns.apply(i)) for i in range(columns.size())),
    )
