"""Typed rows from CSV, JSON lines, Parquet or Delta, with the same counts and the same quarantine."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sparkjobs.errors import UsageError
from sparkjobs.ingest import csv_files
from sparkjobs.ingest.blocks import read_blocks
from sparkjobs.ingest.intake import BAD, FATAL, Intake, split_bad_rows
from sparkjobs.ingest.json_records import Wanted
from sparkjobs.ingest.model import BAD_ROW_DDL, BadRow, Split, displayed
from sparkjobs.ingest.reading import Source, bad_array, run_tasks, slots, times
from sparkjobs.ingest.splits import plan_tasks
from sparkjobs.ingest.storage import S3Settings
from sparkjobs.ingest.times import TimeReading
from sparkjobs.ingest.typed_csv import TypedCsvReader, typed_ddl, typed_in_worker
from sparkjobs.ingest.typed_json import TypedJsonReader
from sparkjobs.ingest.typing import Column, first_reason, parse

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

_RAW, _FILE, _LINE, _OFFSET = "_raw", "_file", "_line", "_offset"
_TEXT = "_c"


@dataclass(frozen=True)
class Read:
    """Accepted rows with the job's columns, the counts, and what the user should be warnings."""

    rows: DataFrame
    intake: Intake
    warnings: tuple[str, ...] = ()


def read_rows(spark: SparkSession, source: Source, columns: Sequence[Column]) -> Read:
    """Read typed rows.

    Args:
        spark: the session; its time zone is that of timestamps without one.
        source: paths, format and limits.
        columns: what the job asks for; other columns are refused or passed over by name.

    Raises:
        DataError: wrong header, unreadable file, too many bad rows.
        UsageError: a format that has no columns.
    """
    reading = times(spark, source)
    if source.format in ("parquet", "delta"):
        from sparkjobs.ingest.tables import read_table_rows

        rows, warnings = read_table_rows(spark, source, columns, reading)
    elif source.format == "csv":
        rows, warnings = _csv(spark, source, columns, reading)
    elif source.format == "jsonl":
        rows = _jsonl(spark, source, columns, reading)
        warnings = ()
    else:
        raise UsageError(
            f"--format {source.format} has no columns", "This job reads csv, jsonl, parquet or delta."
        )
    accepted, intake = split_bad_rows(rows, source.max_bad_rows)
    return Read(accepted, intake, warnings)


def csv_columns(spark: SparkSession, source: Source) -> tuple[str, ...]:
    """The column names of CSV input, from the first file that has a header (for jobs that take any)."""
    headers = csv_files.read_headers(source.files(), source.delimiter, source.s3)
    return next((header.names for header in headers if header is not None), ())


def _csv(
    spark: SparkSession, source: Source, columns: Sequence[Column], reading: TimeReading
) -> tuple[DataFrame, tuple[str, ...]]:
    files = source.files()
    wanted = [column.input_name for column in columns]
    headers = csv_files.read_headers(files, source.delimiter, source.s3)
    described: list[csv_files.CsvFile] = []
    ignored: set[str] = set()
    empty: list[str] = []
    for file, header in zip(files, headers, strict=True):
        if header is None:
            empty.append(file.path)
            continue
        name = displayed(file.path)
        positions, extra = csv_files.map_header(name, header.names, wanted, source.ignore_extra)
        ignored |= set(extra)
        width = len(header.names)
        described.append(csv_files.CsvFile(file, width, positions, header.end, header.next_line))
    tasks = csv_files.plan(spark, source, described)
    warnings = _csv_warnings(sorted(ignored), empty)
    if typed_in_worker(columns, reading):
        typed = TypedCsvReader(tuple(described), tuple(columns), source)
        return run_tasks(spark, tasks, typed, typed.failed, typed_ddl(columns)), warnings
    reader = _CsvReader(tuple(described), source.delimiter, source.s3)
    text = run_tasks(spark, tasks, reader, _Failed(len(wanted)), _ddl(len(wanted)))
    return _typed(text, columns, source.null, reading), warnings


def _csv_warnings(ignored: Sequence[str], empty: Sequence[str]) -> tuple[str, ...]:
    warnings = []
    if ignored:
        warnings.append(f"ignored columns: {', '.join(ignored)}")
    if empty:
        warnings.append(f"{len(empty)} files without content, such as {displayed(empty[0])}")
    return tuple(warnings)


def _jsonl(spark: SparkSession, source: Source, columns: Sequence[Column], reading: TimeReading) -> DataFrame:
    tasks = plan_tasks(source.files(), slots(spark))
    if typed_in_worker(columns, reading):
        typed = TypedJsonReader(tuple(columns), source)
        return run_tasks(spark, tasks, typed, typed.failed, typed_ddl(columns))
    reader = _JsonReader(Wanted.of(columns, source), source.s3)
    text = run_tasks(spark, tasks, reader, _Failed(len(columns)), _ddl(len(columns)))
    return _typed(text, columns, None, reading)


def _typed(text: DataFrame, columns: Sequence[Column], null: str | None, reading: TimeReading) -> DataFrame:
    """Type the text columns; a row that does not fit becomes a bad row with its place and raw text."""
    from pyspark.sql import functions as F

    parsed = [parse(column, F.col(f"{_TEXT}{i}"), null, reading) for i, column in enumerate(columns)]
    whole = F.col(BAD).isNull() & F.col(FATAL).isNull()
    reason = F.when(whole, first_reason(parsed))
    place = [
        F.col(_FILE).alias("file"),
        F.col(_LINE).alias("line"),
        F.col(_OFFSET).alias("offset"),
        reason.alias("reason"),
        F.col(_RAW).alias("raw"),
    ]
    bad = F.coalesce(F.col(BAD), F.when(reason.isNotNull(), F.struct(*place)))
    values = [item.value.alias(column.name) for item, column in zip(parsed, columns, strict=True)]
    return text.select(*values, bad.alias(BAD), FATAL)


def _ddl(width: int) -> str:
    text = ", ".join(f"{_TEXT}{i} string" for i in range(width))
    return (
        f"{text}, {_RAW} string, {_FILE} string, {_LINE} bigint, {_OFFSET} bigint, "
        f"{BAD} {BAD_ROW_DDL}, {FATAL} string"
    )


def _batch(columns: list[Any], raw: Any, file: str, lines: Any, offsets: Any, bad: Sequence[BadRow]) -> Any:
    """One Arrow batch: the good rows, then one row for each bad one."""
    import pyarrow as pa

    good = len(raw)

    def pad(values: Any) -> Any:
        return pa.concat_arrays([values, pa.nulls(len(bad), values.type)]) if bad else values

    numbers = pa.nulls(good, pa.int64()) if lines is None else pa.array(lines, pa.int64())
    arrays = [pad(column) for column in columns]
    arrays += [pad(raw), pa.array([file] * (good + len(bad)), pa.string()), pad(numbers)]
    arrays += [
        pad(pa.array(offsets, pa.int64())),
        bad_array(bad, good),
        pa.nulls(good + len(bad), pa.string()),
    ]
    names = [f"{_TEXT}{i}" for i in range(len(columns))]
    return pa.record_batch(arrays, names=[*names, _RAW, _FILE, _LINE, _OFFSET, BAD, FATAL])


class _Failed:
    """The batch that reports a file that cannot be read."""

    def __init__(self, width: int) -> None:
        self._width = width

    def __call__(self, reason: str) -> Any:
        import pyarrow as pa

        text = [pa.nulls(1, pa.string())] * (self._width + 2)
        arrays = [
            *text,
            pa.nulls(1, pa.int64()),
            pa.nulls(1, pa.int64()),
            bad_array([], 1),
            pa.array([reason]),
        ]
        names = [f"{_TEXT}{i}" for i in range(self._width)]
        return pa.record_batch(arrays, names=[*names, _RAW, _FILE, _LINE, _OFFSET, BAD, FATAL])


class _CsvReader:
    """Runs in the workers: a CSV split as batches."""

    def __init__(self, files: tuple[csv_files.CsvFile, ...], delimiter: str, s3: S3Settings) -> None:
        self._files = files
        self._delimiter = delimiter
        self._s3 = s3

    def __call__(self, split: Split) -> Iterator[Any]:
        from sparkjobs.ingest.csv_records import Shape, read_records

        described = self._files[split.tag]
        file = displayed(split.path)
        shape = Shape(file, described.width, described.positions, self._delimiter)
        for records in read_records(read_blocks(split, self._s3), shape):
            raw, offsets, numbers = records.places()
            yield _batch(list(records.columns), raw, file, numbers, offsets, records.bad)


class _JsonReader:
    """Runs in the workers: a split of JSON lines as batches. Blank lines are not rows."""

    def __init__(self, wanted: Wanted, s3: S3Settings) -> None:
        self._wanted = wanted
        self._s3 = s3

    def __call__(self, split: Split) -> Iterator[Any]:
        from sparkjobs.ingest.json_slow import read_lines
        from sparkjobs.ingest.lines import text_lines

        file = displayed(split.path)
        for block in read_blocks(split, self._s3):
            records = read_lines(block, file, text_lines(block, file), self._wanted)
            raw, offsets, numbers = records.places()
            yield _batch(list(records.columns), raw, file, numbers, offsets, records.bad)
