"""Rows from Parquet and Delta: the types are there already, and still every change of value is refused."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import reduce
from typing import TYPE_CHECKING

from sparkjobs import paths
from sparkjobs.errors import DataError
from sparkjobs.ingest.csv_files import map_header
from sparkjobs.ingest.intake import BAD, FATAL
from sparkjobs.ingest.model import BAD_ROW_DDL
from sparkjobs.ingest.reading import Source
from sparkjobs.ingest.typing import Column, convert, first_reason
from sparkjobs.sql import quoted

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

_GLOB = re.compile(r"([\\*?\[\]{}])")


def read_table_rows(
    spark: SparkSession, source: Source, columns: Sequence[Column]
) -> tuple[DataFrame, tuple[str, ...]]:
    """The wanted columns typed, with ``_bad`` and ``_fatal`` as every reader has them."""
    ignored: set[str] = set()
    parts: list[DataFrame] = []
    wanted = [column.input_name for column in columns]
    for path in source.inputs:
        table = _load(spark, source, path)
        _, extra = map_header(path, table.columns, wanted, source.ignore_extra)
        ignored |= set(extra)
        # The file's name is known only before the union.
        parts.append(_typed(table, columns, source.timestamp_format))
    rows = reduce(lambda one, other: one.unionByName(other), parts)
    return rows, ((f"ignored columns: {', '.join(sorted(ignored))}",) if ignored else ())


def _typed(table: DataFrame, columns: Sequence[Column], timestamp_format: str | None) -> DataFrame:
    from pyspark.sql import functions as F

    types = dict(table.dtypes)
    names = [column.input_name for column in columns]
    parsed = [
        convert(column, F.col(quoted(name)), types[name], timestamp_format)
        for column, name in zip(columns, names, strict=True)
    ]
    reason = first_reason(parsed)
    bad = F.struct(
        F.col("_metadata.file_path").alias("file"),
        F.lit(None).cast("bigint").alias("line"),
        F.lit(None).cast("bigint").alias("offset"),
        reason.alias("reason"),
        F.to_json(F.struct(*[F.col(quoted(name)) for name in names])).alias("raw"),
    )
    values = [item.value.alias(column.name) for item, column in zip(parsed, columns, strict=True)]
    return table.select(
        *values,
        F.when(reason.isNotNull(), bad).cast(BAD_ROW_DDL).alias(BAD),
        F.lit(None).cast("string").alias(FATAL),
    )


def load_table(spark: SparkSession, source: Source) -> DataFrame:
    """The input tables as one, joined by column name.

    Raises:
        DataError: a path does not exist or is not such a table.
    """
    tables = [_load(spark, source, path) for path in source.inputs]
    first = tables[0]
    for table, path in zip(tables[1:], source.inputs[1:], strict=True):
        if sorted(table.dtypes) != sorted(first.dtypes):
            raise DataError(f"{path} has other columns than {source.inputs[0]}", "Read them in two runs.")
        first = first.unionByName(table)
    return first


def _load(spark: SparkSession, source: Source, path: str) -> DataFrame:
    place = paths.hadoop(path)
    if source.format == "parquet" and not source.glob:
        place = _GLOB.sub(r"\\\1", place)
    try:
        return spark.read.format(source.format).load(place)
    except Exception as error:
        first = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
        raise DataError(
            f"--input {path} cannot be read as {source.format}: {first[:300]}",
            "Check the path and --format.",
        ) from error
