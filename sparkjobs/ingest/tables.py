"""Rows from Parquet and Delta: the types are there already, and still every change of value is refused."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
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
from sparkjobs.ingest.pins import Pins, pin_below
from sparkjobs.ingest.reading import Source
from sparkjobs.ingest.strict import strict
from sparkjobs.ingest.times import TimeReading
from sparkjobs.ingest.typing import Column, Parsed, first_reason
from sparkjobs.jvm import overlapping_columns
from sparkjobs.sql import quoted
from sparkjobs.tables.snapshot import java_snapshot

if TYPE_CHECKING:
    from pyspark.sql import Column as SparkColumn
    from pyspark.sql import DataFrame, SparkSession

_APART = "Write them with one type, or give the files of each type as an --input of their own."
_SCHEMA = re.compile(r'^"(STRUCT<.*>)"', re.MULTILINE)


@dataclass(frozen=True)
class TypedTable:
    """One input table and what its columns become.

    Attributes:
        table: as Spark loads it.
        columns: what the job asks for.
        parsed: the same as values and faults, in that order.
        pins: its files as they were listed; ``None`` for Delta, whose version is held.
        place: where its rows come from; ``None``: the file of each.
    """

    table: DataFrame
    columns: tuple[Column, ...]
    parsed: tuple[Parsed, ...]
    pins: Pins | None
    place: str | None = None

    def bad(self) -> SparkColumn | None:
        """Whether a row is bad, never null; ``None`` where the types prove that none can be."""
        fails = [found for found in (item.fails for item in self.parsed) if found is not None]
        return reduce(lambda one, other: one | other, fails) if fails else None

    def strict(self) -> DataFrame:
        """The values; a bad row ends what reads it."""
        return strict(self.table, self._values(), self.bad())

    def proven(self) -> DataFrame:
        """The values as they are, for who has read all of ``strict``."""
        return strict(self.table, self._values(), None)

    def marked(self) -> DataFrame:
        """The values, with ``BAD`` and ``FATAL`` as every reader has them."""
        from pyspark.sql import functions as F

        reason = first_reason(self.parsed)
        names = [column.input_name for column in self.columns]
        bad = F.struct(
            self._file().alias("file"),
            F.lit(None).cast("bigint").alias("line"),
            F.lit(None).cast("bigint").alias("offset"),
            reason.alias("reason"),
            F.to_json(F.struct(*[F.col(quoted(name)) for name in names])).alias("raw"),
        )
        return self.table.select(
            *[value.alias(name) for name, value in self._values().items()],
            F.when(reason.isNotNull(), bad).cast(BAD_ROW_DDL).alias(BAD),
            F.lit(None).cast("string").alias(FATAL),
        )

    def _file(self) -> SparkColumn:
        from pyspark.sql import functions as F

        if self.place is not None:
            return F.lit(self.place)
        # By this door also where the table has a column of that name.
        return self.table.metadataColumn("_metadata")["file_path"]

    def _values(self) -> dict[str, SparkColumn]:
        return {column.name: item.value for column, item in zip(self.columns, self.parsed, strict=True)}


def count_bad(tables: Sequence[TypedTable]) -> tuple[int, int, int]:
    """Rows read, good and bad, each number counted by itself.

    By the checks alone: the places and texts of bad rows (``to_json``, ``_metadata``) would keep the pass off
    a GPU and read columns that need no check.
    """
    from pyspark.sql import functions as F

    checks = [F.lit(False) if (bad := item.bad()) is None else bad for item in tables]
    parts = [item.table.select(bad.alias("bad")) for item, bad in zip(tables, checks, strict=True)]
    counts = (
        union(parts)
        .agg(
            F.count(F.lit(1)).alias("read"),
            F.count_if(~F.col("bad")).alias("good"),
            F.count_if("bad").alias("wrong"),
        )
        .first()
    )
    assert counts is not None  # an aggregate without keys has one row
    return counts["read"], counts["good"], counts["wrong"]


def read_tables(
    spark: SparkSession, source: Source, columns: Sequence[Column], reading: TimeReading
) -> tuple[tuple[TypedTable, ...], tuple[str, ...]]:
    """The input tables with the wanted columns typed, and what the user should know.

    Raises:
        DataError: a path is no such table, a column is missing, or its type is not what is asked.
    """
    ignored: set[str] = set()
    parts: list[TypedTable] = []
    wanted = [column.input_name for column in columns]
    for path in source.inputs:
        table, pins = _load(spark, source, path)
        # Rows that are made up have columns to choose from.
        chosen = source.frame_place is not None
        passed = {*source.added}.intersection(table.columns).difference(wanted)
        known = [name for name in table.columns if name not in passed]
        _, extra = map_header(path, known, wanted, source.ignore_extra or chosen)
        ignored |= set() if chosen else passed.union(extra)
        # The file's name is known only before the union.
        typed = _typed(table, path, columns, reading)
        parts.append(TypedTable(table, tuple(columns), typed, pins, source.frame_place))
    return tuple(parts), ((f"ignored columns: {', '.join(sorted(ignored))}",) if ignored else ())


def union(tables: Sequence[DataFrame]) -> DataFrame:
    """The rows of all, joined by column name."""
    return reduce(lambda one, other: one.unionByName(other), tables)


def _typed(
    table: DataFrame, path: str, columns: Sequence[Column], reading: TimeReading
) -> tuple[Parsed, ...]:
    from pyspark.sql import functions as F

    types = dict(table.dtypes)
    parsed = []
    for column in columns:
        kind = types[column.input_name]
        check = _check(path, column, kind, reading)
        parsed.append(convert(column, F.col(quoted(column.input_name)), kind, check, reading))
    return tuple(parsed)


def _check(path: str, column: Column, source_type: str, reading: TimeReading) -> Check:
    answer = conversion(source_type, column.kind, reading.unit)
    if isinstance(answer, Refusal):
        raise DataError(f"{path}: column {column.input_name!r}: {answer.reason}", answer.hint)
    return answer


def load_table(spark: SparkSession, source: Source) -> tuple[DataFrame, tuple[Pins, ...]]:
    """The input tables as one, joined by column name; and the files that they are made of.

    Raises:
        DataError: a path does not exist or is not such a table.
    """
    loaded = [_load(spark, source, path) for path in source.inputs]
    tables = [table for table, _ in loaded]
    first = tables[0]
    for table, path in zip(tables[1:], source.inputs[1:], strict=True):
        if sorted(table.dtypes) != sorted(first.dtypes):
            raise DataError(f"{path} has other columns than {source.inputs[0]}", "Read them in two runs.")
        first = first.unionByName(table)
    return first, tuple(pins for _, pins in loaded if pins is not None)


def _load(spark: SparkSession, source: Source, path: str) -> tuple[DataFrame, Pins | None]:
    if source.frame is not None:
        return source.frame(), None
    # DeltaDataSource takes its path literally.
    place = paths.hadoop(path) if source.glob or source.format == "delta" else paths.literal(path)
    try:
        reader = spark.read.format(source.format)
        if source.format == "delta":
            # Else each job that reads it sees the newest version of that moment (TahoeLogFileIndex).
            reader = reader.option("versionAsOf", java_snapshot(spark, path).version())
        else:
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
    if source.format == "delta":
        return table, None
    _refuse_overlap(path, table)
    below = spark.read.format("binaryFile").option("recursiveFileLookup", "true").load(place)
    _refuse_unread(path, below, table)
    return table, pin_below(below) if source.pinned else None


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


def _refuse_unread(path: str, below: DataFrame, table: DataFrame) -> None:
    """Refuse files that Spark would leave out without a word (``PartitioningAwareFileIndex.allFiles``).

    It reads the folder itself, or the folders of partitions below it: never both, and no other folder.
    """
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
