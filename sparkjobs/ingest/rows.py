"""Typed rows from CSV, JSON lines, Parquet or Delta, with the same counts and the same quarantine."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any

from sparkjobs.errors import UsageError
from sparkjobs.ingest import csv_files
from sparkjobs.ingest.blocks import read_blocks
from sparkjobs.ingest.first_rows import any_rows
from sparkjobs.ingest.intake import (
    BAD,
    FATAL,
    Intake,
    Unsettled,
    Way,
    enforce,
    good_rows,
    split_bad_rows,
    take_in,
)
from sparkjobs.ingest.missed import CutMissedError
from sparkjobs.ingest.model import BAD_ROW_DDL, BadRow, InputFile, Split, displayed
from sparkjobs.ingest.pins import Pins
from sparkjobs.ingest.reading import Source, bad_array, run_tasks, slots, times
from sparkjobs.ingest.splits import plan_tasks
from sparkjobs.ingest.storage import S3Settings
from sparkjobs.ingest.strict import strict
from sparkjobs.ingest.times import TimeReading
from sparkjobs.ingest.typed_csv import TypedCsvReader, typed_ddl, typed_in_worker
from sparkjobs.ingest.typing import Column, first_reason, parse
from sparkjobs.sql import quoted

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

    from sparkjobs.ingest.tables import TypedTable

_RAW, _FILE, _LINE, _OFFSET = "_raw", "_file", "_line", "_offset"
_TEXT = "_c"
SMALL_BYTES = 4 << 20


@dataclass(frozen=True)
class Read:
    """Accepted rows with the job's columns, what is known of their number, what the user should know, and the
    files that Spark itself reads, as they were listed."""

    rows: DataFrame
    intake: Intake | Unsettled
    warnings: tuple[str, ...] = ()
    pins: tuple[Pins, ...] = ()


def read_rows(spark: SparkSession, source: Source, columns: Sequence[Column], way: Way = Way.KEPT) -> Read:
    """Read typed rows.

    Args:
        spark: the session; its time zone is that of timestamps without one.
        source: paths, format and limits.
        columns: what the job asks for; other columns are refused or passed over by name.
        way: how bad rows are found; ``ONCE`` needs a limit of 0.

    Raises:
        DataError: wrong header, unreadable file, too many bad rows.
        UsageError: a format that has no columns.
    """
    reading = times(spark, source)
    if source.format in ("parquet", "delta"):
        from sparkjobs.ingest.tables import read_tables

        tables, warnings = read_tables(spark, source, columns, reading)
        return _of_tables(tables, source.max_bad_rows, way, warnings)
    if source.format == "csv":
        text = _csv(spark, source, columns, reading)
    elif source.format == "jsonl":
        rows = _typed(_jsonl(spark, source, columns), columns, None, reading)
        begins = [(file, 0) for file in source.files()]
        text = _Text(rows, begins, partial(any_rows, begins, source.s3, b" \t\r\n"))
    else:
        raise UsageError(
            f"--format {source.format} has no columns", "This job reads csv, jsonl, parquet or delta."
        )
    if way is not Way.ONCE or text.is_small() or not text.any_rows():
        try:
            accepted, intake = split_bad_rows(text.rows, source.max_bad_rows)
        except CutMissedError:
            if source.scan_quotes:
                raise
            text.rows.unpersist()
            return read_rows(spark, replace(source, scan_quotes=True), columns, way)
        return Read(accepted, intake, text.warnings)
    return Read(_strict_text(text.rows, columns), Unsettled(None, lambda: take_in(text.rows)), text.warnings)


@dataclass(frozen=True)
class _Text:
    """The rows of text files with ``_bad`` and ``_fatal``, and whether there are any, which a look tells."""

    rows: DataFrame
    files: Sequence[tuple[InputFile, int]]
    any_rows: Callable[[], bool]
    warnings: tuple[str, ...] = ()

    def is_small(self) -> bool:
        """Whether keeping the rows costs nothing; then a bad one is told before the work begins."""
        return sum(file.size for file, _ in self.files) < SMALL_BYTES


def _strict_text(rows: DataFrame, columns: Sequence[Column]) -> DataFrame:
    from pyspark.sql import functions as F

    bad = F.col(BAD).isNotNull() | F.col(FATAL).isNotNull()
    return strict(rows, {column.name: F.col(quoted(column.name)) for column in columns}, bad)


def _of_tables(tables: Sequence[TypedTable], limit: str, way: Way, warnings: tuple[str, ...]) -> Read:
    from sparkjobs.ingest.tables import union

    marked = union([table.marked() for table in tables])
    if way is Way.KEPT:
        return Read(*split_bad_rows(marked, limit), warnings)
    pins = tuple(table.pins for table in tables if table.pins is not None)
    good = union([table.strict() for table in tables])
    if way is Way.ONCE:
        count = sum(table.table.count() for table in tables)
        unsettled = Unsettled(count, lambda: take_in(marked))
        return Read(good, unsettled if count else Intake(0, 0, 0, None), warnings, pins)
    intake = take_in(marked)
    enforce(intake, limit)
    return Read(good if intake.bad is None else good_rows(marked), intake, warnings, pins)


def csv_columns(spark: SparkSession, source: Source) -> tuple[str, ...]:
    """The column names of CSV input, from the first file that has a header (for jobs that take any)."""
    headers = csv_files.read_headers(source.files(), source.delimiter, source.s3)
    return next((header.names for header in headers if header is not None), ())


def _csv(spark: SparkSession, source: Source, columns: Sequence[Column], reading: TimeReading) -> _Text:
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
    if typed_in_worker(columns, reading):
        typed = TypedCsvReader(tuple(described), tuple(columns), source)
        rows = run_tasks(spark, tasks, source.reader(typed), typed.failed, typed_ddl(columns))
    else:
        reader = _CsvReader(tuple(described), source.delimiter, source.s3)
        text = run_tasks(spark, tasks, source.reader(reader), _Failed(len(wanted)), _ddl(len(wanted)))
        rows = _typed(text, columns, source.null, reading)
    begins = [(file.file, file.start) for file in described]
    look = partial(any_rows, begins, source.s3, b"\r\n")
    return _Text(rows, begins, look, _csv_warnings(sorted(ignored), empty))


def _csv_warnings(ignored: Sequence[str], empty: Sequence[str]) -> tuple[str, ...]:
    warnings = []
    if ignored:
        warnings.append(f"ignored columns: {', '.join(ignored)}")
    if empty:
        warnings.append(f"{len(empty)} files without content, such as {displayed(empty[0])}")
    return tuple(warnings)


def _jsonl(spark: SparkSession, source: Source, columns: Sequence[Column]) -> DataFrame:
    tasks = plan_tasks(source.files(), slots(spark))
    names = tuple(column.input_name for column in columns)
    # Where times are counted they are numbers, and a text is none.
    counted = {"timestamp": "bigint"} if source.timestamp_unit else {}
    kinds = tuple(counted.get(column.kind, column.kind.partition("(")[0]) for column in columns)
    reader = _JsonReader(names, kinds, source.ignore_extra, source.s3)
    return run_tasks(spark, tasks, source.reader(reader), _Failed(len(names)), _ddl(len(names)))


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
        from sparkjobs.ingest.csv_pieces import read_piece
        from sparkjobs.ingest.csv_records import Shape

        described = self._files[split.tag]
        file = displayed(split.path)
        shape = Shape(file, described.width, described.positions, self._delimiter)
        for records in read_piece(split, shape, self._s3):
            raw, offsets, numbers = records.places()
            yield _batch(list(records.columns), raw, file, numbers, offsets, records.bad)


class _JsonReader:
    """Runs in the workers: a split of JSON lines as batches. Blank lines are not rows."""

    def __init__(
        self, names: tuple[str, ...], kinds: tuple[str, ...], ignore_extra: bool, s3: S3Settings
    ) -> None:
        self._names = names
        self._kinds = kinds
        self._ignore_extra = ignore_extra
        self._s3 = s3

    def __call__(self, split: Split) -> Iterator[Any]:
        from sparkjobs.ingest.lines import tabulate

        file = displayed(split.path)
        for block in read_blocks(split, self._s3):
            table, bad = tabulate(block, file)
            yield self._parse(table, list(bad), file)

    def _parse(self, table: Any, bad: list[BadRow], file: str) -> Any:
        import pyarrow as pa

        from sparkjobs.ingest.json_records import read_object

        good: list[list[str | None]] = []
        places: list[int] = []
        for index, line in enumerate(table.values.to_pylist()):
            if not line.strip():
                continue
            try:
                good.append(read_object(line, self._names, self._kinds, self._ignore_extra))
                places.append(index)
            except ValueError as error:
                bad.append(BadRow(file, table.number(index), int(table.offsets[index]), str(error), line))
        columns = [pa.array([row[i] for row in good], pa.string()) for i in range(len(self._names))]
        numbers = None if table.numbers is None else table.numbers[places]
        raw = table.values.take(pa.array(places, pa.int64()))
        return _batch(columns, raw, file, numbers, table.offsets[places], bad)
