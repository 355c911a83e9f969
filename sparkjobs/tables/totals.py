"""Sums over the rows that one commit wrote."""

from __future__ import annotations

import json
from collections.abc import Sequence
from importlib.util import find_spec
from typing import TYPE_CHECKING
from urllib.parse import unquote

from sparkjobs import paths
from sparkjobs.ingest.storage import S3Settings, open_bytes
from sparkjobs.phases import phase
from sparkjobs.sql import quoted
from sparkjobs.tables.history import Commit
from sparkjobs.tables.snapshot import java_snapshot

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

_LIGHT_SCHEMES = ("file", "s3a")
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
    snapshot = java_snapshot(spark, path)
    # In the files a mapped column has another name (PROTOCOL.md, Column Mapping).
    if snapshot.metadata().columnMappingMode().name() != "none":
        return None
    light = paths.scheme_of(path) in _LIGHT_SCHEMES
    entry = paths.child(path, f"_delta_log/{commit.version:020d}.json")
    lines = _lines_here(entry, s3) if light else _lines_by_spark(spark, entry)
    added = [json.loads(line)["add"]["path"] for line in lines if line.startswith('{"add"')]
    # Relative to the table, and written as in an address (PROTOCOL.md, Add File).
    files = [paths.child(path, unquote(name)) for name in added]
    # A bare spark-submit of a job without Python workers may have no pyarrow.
    if light and commit.rows_written <= _FEW_ROWS and find_spec("pyarrow") is not None:
        return sum(_sum_of_file(file, column, s3) for file in files)
    return _sum_by_spark(spark, files, column)


def _lines_here(entry: str, s3: S3Settings) -> list[str]:
    with open_bytes(entry, s3) as stream:
        return stream.read().decode().splitlines()


def _lines_by_spark(spark: SparkSession, entry: str) -> list[str]:
    return [row.value for row in spark.read.text(paths.literal(entry)).collect()]


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
