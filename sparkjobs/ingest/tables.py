"""Rows from Parquet and Delta: the types are there already, and still every change of value is refused."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import reduce
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from sparkjobs import paths
from sparkjobs.causes import with_root_cause
from sparkjobs.errors import DataError, one_line
from sparkjobs.ingest.conversions import Check, Refusal, conversion
from sparkjobs.ingest.convert import convert
from sparkjobs.ingest.csv_files import map_header
from sparkjobs.ingest.intake import BAD, FATAL
from sparkjobs.ingest.model import BAD_ROW_DDL
from sparkjobs.ingest.reading import Source
from sparkjobs.ingest.times import TimeReading
from sparkjobs.ingest.typing import Column, first_reason
from sparkjobs.jvm import overlapping_columns
from sparkjobs.sql import quoted

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

_APART = "Write them with one type, or give the files of each type as an --input of their own."
_SCHEMA = re.compile(r'^"(STRUCT<.*>)"', re.MULTILINE)
_GLOB = re.compile(r"([\\*?\[\]{}])")


def read_table_rows(
    spark: SparkSession, source: Source, columns: Sequence[Column], reading: TimeReading
) -> tuple[DataFrame, tuple[str, ...]]:
    """The wanted columns typed, with ``_bad`` and ``_fatal`` as every reader has them.

    Raises:
        DataError: a path is no such table, a column is missing, or its type is not what is asked.
    """
    ignored: set[str] = set()
    parts: list[DataFrame] = []
    wanted = [column.input_name for column in columns]
    for path in source.inputs:
        table = _load(spark, source, path)
        _, extra = map_header(path, table.columns, wanted, source.ignore_extra)
        ignored |= set(extra)
        # The file's name is known only before the union.
        parts.append(_typed(table, path, columns, reading))
    rows = reduce(lambda one, other: one.unionByName(other), parts)
    return rows, ((f"ignored columns: {', '.join(sorted(ignored))}",) if ignored else ())


def _typed(table: DataFrame, path: str, columns: Sequence[Column], reading: TimeReading) -> DataFrame:
    from pyspark.sql import functions as F

    types = dict(table.dtypes)
    names = [column.input_name for column in columns]
    checks = [_check(path, column, types[column.input_name], reading) for column in columns]
    parsed = [
        convert(column, F.col(quoted(name)), types[name], check, reading)
        for column, name, check in zip(columns, names, checks, strict=True)
    ]
    reason = first_reason(parsed)
    bad = F.struct(
        # By this door also where the table has a column of that name.
        table.metadataColumn("_metadata")["file_path"].alias("file"),
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


def _check(path: str, column: Column, source_type: str, reading: TimeReading) -> Check:
    answer = conversion(source_type, column.kind, reading.unit)
    if isinstance(answer, Refusal):
        raise DataError(f"{path}: column {column.input_name!r}: {answer.reason}", answer.hint)
    return answer


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
        # DataSource expands what Hadoop takes for a glob; DeltaDataSource takes its path literally.
        place = _GLOB.sub(r"\\\1", place)
    try:
        reader = spark.read.format(source.format)
        if source.format == "parquet":
            # Else Spark believes one file's footer for all: a time of another file would be read as a number
            # (ParquetVectorUpdaterFactory asks for the physical type alone), its other columns be left out.
            reader = reader.option("mergeSchema", "true")
        table = reader.load(place)
    except Exception as error:
        first = one_line(str(with_root_cause(error)))
        if "CANNOT_MERGE" in first:
            raise DataError(f"--input {path}: {_clash(str(error))}", _APART) from error
        raise DataError(
            f"--input {path} cannot be read as {source.format}: {first[:300]}", _mend(first)
        ) from error
    if source.format == "parquet":
        _refuse_overlap(path, table)
        _refuse_unread(spark, path, place, table)
    return table


def _clash(message: str) -> str:
    """Which columns have which types, from Spark's message that quotes two schemas."""
    from pyspark.sql.types import DataType, StructType

    quoted_schemas: list[Any] = [DataType.fromDDL(text) for text in _SCHEMA.findall(message)]
    one, other, *_ = [*quoted_schemas, StructType(), StructType()]
    known = {field.name: field.dataType for field in other}
    pairs = [(field.name, field.dataType, known.get(field.name, field.dataType)) for field in one]
    clashing = [f"{n!r} is {a.simpleString()} and {b.simpleString()}" for n, a, b in pairs if a != b]
    return f"its files do not agree on the types: {', '.join(clashing) or 'the log above names them'}"


def _mend(message: str) -> str:
    """What to do about a table that Spark cannot open; it has no such types at all."""
    return next((hint for sign, hint in _MENDS.items() if sign in message), "Check the path and --format.")


# Words of ParquetToSparkSchemaConverter (parquet's own type names) and of Spark's error conditions.
_MENDS = {
    "TIMESTAMP(NANOS": "Write its times in microseconds: in pandas "
    'df.to_parquet(path, coerce_timestamps="us", allow_truncated_timestamps=True).',
    "TIME(": "Write its times of the day as text or as whole numbers.",
    "FLOAT16": "Write its half precision numbers as float or double.",
    "COLUMN_ALREADY_EXISTS": "Two columns differ in case alone: rename one of them.",
    "DECIMAL_PRECISION_EXCEEDS": "Write its decimals with 38 digits at most, or as text.",
}


def _refuse_unread(spark: SparkSession, path: str, place: str, table: DataFrame) -> None:
    """Refuse files that Spark would leave out without a word (``PartitioningAwareFileIndex.allFiles``).

    It reads the folder itself, or the folders of partitions below it: never both, and no other folder.
    """
    below = spark.read.format("binaryFile").option("recursiveFileLookup", "true").load(place)
    left = sorted({*below.inputFiles()}.difference(table.inputFiles()))
    if left:
        more = f" and {len(left) - 1} more" if left[1:] else ""
        raise DataError(
            f"{path}: Spark would leave out {unquote(left[0])}{more}: it lies in no partition",
            "Move it, or name files and folders one by one, each as an --input of its own.",
        )


def _refuse_overlap(path: str, table: DataFrame) -> None:
    """Refuse a column that the folders' names and the files both tell, perhaps not alike."""
    both = overlapping_columns(table)
    if both:
        raise DataError(
            f"{path}: the column {both[0]!r} stands in the names of folders and inside the files",
            "Spark would believe the folders; take the column out of the files, or rename the folders.",
        )
