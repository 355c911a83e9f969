"""Sums over the rows that one commit wrote."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import unquote

from sparkjobs import paths
from sparkjobs.sql import quoted
from sparkjobs.tables.history import Commit
from sparkjobs.tables.snapshot import java_snapshot

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession


def total(spark: SparkSession, path: str, commit: Commit, column: str) -> int | None:
    """The sum of a column of whole numbers over what a commit wrote; ``None`` where only the table as it was
    before could tell.

    Args:
        spark: the session.
        path: the table.
        commit: a write of whole rows.
        column: its name.
    """
    from pyspark.sql import functions as F

    rows = _written(spark, path, commit, column)
    if rows is None:
        return None
    found = rows.agg(F.sum(quoted(column)).alias("total")).first()
    assert found is not None  # an aggregate without keys has one row
    return int(found["total"] or 0)


def _written(spark: SparkSession, path: str, commit: Commit, column: str) -> DataFrame | None:
    if commit.version == 0 or commit.parameters.get("mode") == "Overwrite":
        return spark.read.format("delta").option("versionAsOf", commit.version).load(paths.hadoop(path))
    snapshot = java_snapshot(spark, path)
    if snapshot.metadata().columnMappingMode().name() != "none" or snapshot.version() != commit.version:
        return None
    entry = paths.literal(paths.child(path, f"_delta_log/{commit.version:020d}.json"))
    actions = spark.read.schema("add struct<path: string>").json(entry)
    # Relative to the table, and written as in an address (PROTOCOL.md, Add File).
    added = [unquote(row[0]) for row in actions.select("add.path").where("path is not null").collect()]
    if not added:
        return spark.createDataFrame([], f"{quoted(column)} bigint")
    files = [paths.literal(paths.child(path, name)) for name in added]
    return spark.read.schema(f"{quoted(column)} bigint").parquet(*files)
