"""Typed rows from CSV, JSON lines, Parquet or Delta, with the same counts and the same quarantine."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

from sparkjobs.errors import UsageError
from sparkjobs.ingest import csv_files, raw_text
from sparkjobs.ingest.first_rows import any_rows
from sparkjobs.ingest.intake import (
    BAD,
    FATAL,
    ROWS,
    Intake,
    Unsettled,
    Way,
    bad_rows,
    enforce,
    good_rows,
    refuse_reserved,
    split_bad_rows,
    take_in,
)
from sparkjobs.ingest.json_records import Wanted
from sparkjobs.ingest.messages.reading import typed_rows
from sparkjobs.ingest.missed import CutMissedError
from sparkjobs.ingest.model import InputFile
from sparkjobs.ingest.partial_sums import SummingReader, TypedReader, sums_ddl
from sparkjobs.ingest.pins import Pins
from sparkjobs.ingest.reading import Source, Tasks, run_tasks, slots, times
from sparkjobs.ingest.splits import plan_tasks
from sparkjobs.ingest.strict import strict
from sparkjobs.ingest.times import TimeReading
from sparkjobs.ingest.transfer import TravellingReader, arrived, travel_ddl
from sparkjobs.ingest.typed_csv import TypedCsvReader, typed_in_worker
from sparkjobs.ingest.typed_json import TypedJsonReader
from sparkjobs.ingest.typing import Column
from sparkjobs.sql import quoted

if TYPE_CHECKING:
    from pyspark.sql import Column as SparkColumn
    from pyspark.sql import DataFrame, SparkSession

    from sparkjobs.ingest.tables import TypedTable

SMALL_BYTES = 4 << 20


@dataclass(frozen=True)
class Read:
    """Accepted rows with the job's columns, what is known of their number, what the user should know, the
    files that Spark itself reads, as they were listed, and the rows without checks, for later passes."""

    rows: DataFrame
    intake: Intake | Unsettled
    warnings: tuple[str, ...] = ()
    pins: tuple[Pins, ...] = ()
    proven: Callable[[], DataFrame] | None = None


def read_rows(
    spark: SparkSession,
    source: Source,
    columns: Sequence[Column],
    way: Way = Way.KEPT,
    *,
    summed: bool = False,
) -> Read:
    """Read typed rows.

    Args:
        spark: the session; its time zone is that of timestamps without one.
        source: paths, format and limits.
        columns: what the job asks for; other columns are refused or passed over by name.
        way: how bad rows are found; ``ONCE`` needs a limit of 0.
        summed: the columns are a text, the key, and a decimal, the value, both required. Each row has
            ``ROWS`` as well and stands for so many of the input, whose values add up to its own: text is
            added up inside the workers.

    Raises:
        DataError: wrong header, unreadable file, too many bad rows.
        UsageError: a format that has no columns.
    """
    refuse_reserved(column.name for column in columns)
    reading = times(spark, source)
    if source.given is not None:
        rows, kept, warnings = typed_rows(spark, source, source.given, columns, reading)
        accepted, intake = split_bad_rows(rows, source.max_bad_rows, kept)
        return Read(accepted.withColumn(ROWS, _one()) if summed else accepted, intake, warnings)
    if source.format in ("parquet", "delta"):
        from sparkjobs.ingest.tables import read_tables

        tables, warnings = read_tables(spark, source, columns, reading)
        read = _of_tables(tables, source.max_bad_rows, way, warnings)
        return replace(read, rows=read.rows.withColumn(ROWS, _one())) if summed else read
    if source.format == "csv":
        text = _csv(spark, source, columns, reading, summed)
    elif source.format == "jsonl":
        text = _jsonl(spark, source, columns, reading, summed)
    else:
        raise UsageError(
            f"--format {source.format} has no columns", "This job reads csv, jsonl, parquet or delta."
        )
    if way is not Way.ONCE or text.is_small() or not text.any_rows():
        try:
            accepted, intake = split_bad_rows(text.rows, source.max_bad_rows, text.kept)
        except CutMissedError:
            if source.scan_quotes:
                raise
            text.kept.unpersist()
            return read_rows(spark, replace(source, scan_quotes=True), columns, way, summed=summed)
        return Read(accepted, intake, text.warnings)
    return Read(_strict_text(text.rows), Unsettled(None, lambda: take_in(text.rows)), text.warnings)


def _one() -> SparkColumn:
    from pyspark.sql import functions as F

    return F.lit(1).cast("bigint")


@dataclass(frozen=True)
class _Text:
    """The rows of text files with ``BAD`` and ``FATAL``, the form of them that is kept, and whether there
    are any, which a look tells."""

    rows: DataFrame
    kept: DataFrame
    files: Sequence[tuple[InputFile, int]]
    any_rows: Callable[[], bool]
    warnings: tuple[str, ...] = ()

    def is_small(self) -> bool:
        """Whether keeping the rows costs nothing; then a bad one is told before the work begins."""
        return sum(file.size for file, _ in self.files) < SMALL_BYTES


def _strict_text(rows: DataFrame) -> DataFrame:
    from pyspark.sql import functions as F

    bad = F.col(BAD).isNotNull() | F.col(FATAL).isNotNull()
    names = [name for name in rows.columns if name not in (BAD, FATAL)]
    return strict(rows, {name: F.col(quoted(name)) for name in names}, bad)


def _of_tables(tables: Sequence[TypedTable], limit: str, way: Way, warnings: tuple[str, ...]) -> Read:
    from sparkjobs.ingest.tables import count_bad, union

    # Analysed only where it is needed: the one pass of good input does without.
    def marked() -> DataFrame:
        return union([table.marked() for table in tables])

    if way is Way.KEPT:
        return Read(*split_bad_rows(marked(), limit), warnings)
    pins = tuple(table.pins for table in tables if table.pins is not None)
    good = union([table.strict() for table in tables])
    if way is Way.ONCE:
        count = sum(table.table.count() for table in tables)
        unsettled = Unsettled(count, lambda: take_in(marked()))

        def proven() -> DataFrame:
            return union([table.proven() for table in tables])

        return Read(good, unsettled if count else Intake(0, 0, 0, None), warnings, pins, proven)
    counts = count_bad(tables)
    intake = Intake(*counts, bad_rows(marked()) if counts[-1] else None)
    enforce(intake, limit)
    return Read(good if intake.bad is None else good_rows(marked()), intake, warnings, pins)


def csv_columns(spark: SparkSession, source: Source) -> tuple[str, ...]:
    """The column names of CSV input, from the first file that has a header (for jobs that take any)."""
    headers = csv_files.read_headers(source.files(), source.delimiter, source.s3)
    return next((header.names for header in headers if header is not None), ())


def _csv(
    spark: SparkSession, source: Source, columns: Sequence[Column], reading: TimeReading, summed: bool
) -> _Text:
    wanted = [column.input_name for column in columns]
    described, warnings = csv_files.describe(source, wanted)
    tasks = csv_files.plan(spark, source, described)
    if typed_in_worker(columns, reading):
        typed = TypedCsvReader(tuple(described), tuple(columns), source)
        rows, kept = _typed(spark, source, tasks, typed, columns, summed)
    else:
        reader = raw_text.CsvReader(tuple(described), source.delimiter, source.s3)
        text = raw_text.run(spark, source, tasks, reader, len(columns))
        rows = kept = raw_text.typed(text, columns, source.null, reading)
    begins = [(file.file, file.start) for file in described]
    return _Text(rows, kept, begins, partial(any_rows, begins, source.s3, "\r\n"), warnings)


def _jsonl(
    spark: SparkSession, source: Source, columns: Sequence[Column], reading: TimeReading, summed: bool
) -> _Text:
    files = source.files()
    tasks = plan_tasks(files, slots(spark))
    if typed_in_worker(columns, reading):
        typed = TypedJsonReader(tuple(columns), source)
        rows, kept = _typed(spark, source, tasks, typed, columns, summed)
    else:
        reader = raw_text.JsonReader(Wanted.of(columns, source), source.s3)
        text = raw_text.run(spark, source, tasks, reader, len(columns))
        rows = kept = raw_text.typed(text, columns, None, reading)
    begins = [(file, 0) for file in files]
    return _Text(rows, kept, begins, partial(any_rows, begins, source.s3, None))


def _typed(
    spark: SparkSession,
    source: Source,
    tasks: Tasks,
    read: TypedReader,
    columns: Sequence[Column],
    summed: bool,
) -> tuple[DataFrame, DataFrame]:
    """The rows, and the form of them that is quicker to keep."""
    if not summed:
        travelling = TravellingReader(read, columns)
        kept = run_tasks(spark, tasks, source.reader(travelling), travelling.failed, travel_ddl(columns))
        return arrived(kept, columns), kept
    summing = SummingReader(read)
    sums = run_tasks(spark, tasks, source.reader(summing), summing.failed, sums_ddl(*columns))
    return sums, sums
