"""Sums over the rows that one commit wrote."""

from __future__ import annotations

import json
import logging
from collections.abc import Sequence
from typing import TYPE_CHECKING
from urllib.parse import unquote

from sparkjobs import paths
from sparkjobs.ingest.storage import S3Settings, open_bytes
from sparkjobs.phases import phase
from sparkjobs.sql import quoted
from sparkjobs.tables.history import Commit
from sparkjobs.tables.log import LIGHT_SCHEMES
from sparkjobs.tables.snapshot import PHYSICAL_NAME, Layout, layout

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

log = logging.getLogger("sparkjobs")

# So many numbers are added up here in less time than a job of Spark takes to start.
_FEW_ROWS = 4_000_000


@phase("counting back")
def total(spark: SparkSession, path: str, commit: Commit, column: str, s3: S3Settings) -> int | None:
    """The sum of a column of whole numbers over what a commit wrote; ``None`` where that cannot be told.

    Args:
        spark: the session.
        path: the table.
        commit: its newest version, a write of whole rows.
        column: its name.
        s3: how to reach S3.
    """
    if not _as_written(layout(spark, path), column):
        return None
    if commit.rows_written <= _FEW_ROWS and paths.scheme_of(path) in LIGHT_SCHEMES:
        try:
            return sum(_sum_of_file(file, column, s3) for file in _files(path, _lines_here(path, commit, s3)))
        # No pyarrow, as in a bare spark-submit, or an S3 that only Spark can reach.
        except (ImportError, OSError) as error:
            log.debug("reading what was written to %s by Spark: %s", path, error)
    return _sum_by_spark(spark, _files(path, _lines_by_spark(spark, path, commit)), column)


def _as_written(table: Layout | None, column: str) -> bool:
    """Whether the files hold the column as it was written: by this name, as a ``bigint``."""
    if table is None or column in table.partition_by:
        return False
    field = next((field for field in table.schema if field.name == column), None)
    # In the files a mapped column has another name (PROTOCOL.md, Column Mapping).
    if field is None or PHYSICAL_NAME in (field.metadata or {}):
        return False
    return field.dataType.simpleString() == "bigint"


def _lines_here(path: str, commit: Commit, s3: S3Settings) -> list[str]:
    with open_bytes(_entry(path, commit), s3) as stream:
        # Not splitlines(): a key with U+2028 stands in the statistics as it is.
        return stream.read().decode().split("\n")


def _lines_by_spark(spark: SparkSession, path: str, commit: Commit) -> list[str]:
    lines = spark.read.option("lineSep", "\n").text(paths.literal(_entry(path, commit)))
    return [row.value for row in lines.collect()]


def _entry(path: str, commit: Commit) -> str:
    return paths.child(path, f"_delta_log/{commit.version:020d}.json")


def _files(path: str, lines: Sequence[str]) -> list[str]:
    added = [json.loads(line)["add"]["path"] for line in lines if line.startswith('{"add"')]
    # Relative to the table, and written as in an address (PROTOCOL.md, Add File).
    return [paths.child(path, unquote(name)) for name in added]


def _sum_of_file(file: str, column: str, s3: S3Settings) -> int:
    import pyarrow.compute as pc
    import pyarrow.parquet as pq

    with open_bytes(file, s3) as stream:
        batches = pq.ParquetFile(stream).iter_batches(columns=[column])
        return sum(pc.sum(batch.column(0)).as_py() or 0 for batch in batches)


def _sum_by_spark(spark: SparkSession, files: Sequence[str], column: str) -> int:
    from pyspark.sql import functions as F

    if not files:
        return 0
    rows = spark.read.schema(f"{quoted(column)} bigint").parquet(*[paths.literal(file) for file in files])
    found = rows.agg(F.sum(quoted(column)).alias("total")).first()
    assert found is not None  # an aggregate without keys has one row
    return int(found["total"] or 0)
