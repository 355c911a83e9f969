"""Typed rows and lines of text from records: read once, typed as those of files are."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from sparkjobs.errors import UsageError
from sparkjobs.ingest import raw_text
from sparkjobs.ingest.csv_files import map_header
from sparkjobs.ingest.intake import BAD, FATAL
from sparkjobs.ingest.json_records import Wanted
from sparkjobs.ingest.messages.given import PLACES, VALUE, Given
from sparkjobs.ingest.messages.parse import CsvValues, JsonValues, TextValues, Values
from sparkjobs.ingest.model import BAD_ROW_DDL
from sparkjobs.ingest.reading import Source
from sparkjobs.ingest.times import TimeReading
from sparkjobs.ingest.transfer import arrived, travel_ddl, travelling
from sparkjobs.ingest.typed_csv import typed_in_worker
from sparkjobs.ingest.typing import Column
from sparkjobs.worker_imports import forget_archives

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

LINES_DDL = f"value string, file string, offset bigint, {BAD} {BAD_ROW_DDL}, {FATAL} string"


def typed_rows(
    spark: SparkSession, source: Source, given: Given, columns: Sequence[Column], reading: TimeReading
) -> tuple[DataFrame, DataFrame, tuple[str, ...]]:
    """The rows with ``BAD`` and ``FATAL``, the form of them to keep, and what the user should know.

    Raises:
        DataError: ``--columns`` lacks a column, or names one that nobody asks for.
        UsageError: a format that has no columns.
    """
    values, warnings = _values(source, given, columns)
    names = tuple(column.input_name for column in columns)
    if typed_in_worker(columns, reading):
        typed = _Typed(given.place, names, tuple(columns), values)
        kept = given.load(spark).mapInArrow(typed, travel_ddl(columns))
        return arrived(kept, columns), kept, warnings
    text = given.load(spark).mapInArrow(_Texts(given.place, names, values), raw_text.ddl(len(columns)))
    # The time of a record is none of those that --timestamp-format or --timestamp-unit speak of.
    readings = [replace(reading, pattern=None, unit=None) if name in PLACES else reading for name in names]
    rows = raw_text.typed(text, columns, None, readings)
    return rows, rows, warnings


def lines(spark: SparkSession, given: Given) -> DataFrame:
    """The values as lines of text, with ``BAD`` and ``FATAL``."""
    return given.load(spark).mapInArrow(_Lines(given.place), LINES_DDL)


def _values(source: Source, given: Given, columns: Sequence[Column]) -> tuple[Values, tuple[str, ...]]:
    own = [column for column in columns if column.input_name not in PLACES]
    if source.format == "jsonl":
        wanted = Wanted.of(own, source)
        return JsonValues(wanted.names, wanted.kinds, wanted.ignore_extra), ()
    names = [column.input_name for column in own]
    if source.format == "text" and set(names) <= {VALUE}:
        return TextValues(len(names)), ()
    if source.format != "csv":
        raise UsageError(f"--format {source.format} has no columns", "Of Kafka this job reads csv and jsonl.")
    positions, extra = map_header("--columns", given.fields, names, source.ignore_extra)
    warnings = (f"ignored columns: {', '.join(sorted(extra))}",) if extra else ()
    return CsvValues(len(given.fields), positions, source.delimiter, source.null), warnings


class _Typed:
    """Runs in the workers: batches of records as typed batches, as they travel."""

    def __init__(
        self, place: str, names: tuple[str, ...], columns: tuple[Column, ...], values: Values
    ) -> None:
        self._place = place
        self._names = names
        self._columns = columns
        self._values = values

    def __call__(self, batches: Iterable[Any]) -> Iterator[Any]:
        from sparkjobs.ingest.messages.quick import typed_records
        from sparkjobs.ingest.messages.records import messages_of

        for batch in batches:
            for messages in messages_of(batch, self._place, self._names):
                for typed in typed_records(messages, self._columns, self._values):
                    yield travelling(typed, self._columns)
        forget_archives()


class _Texts:
    """Runs in the workers: batches of records as batches of text, for Spark to type."""

    def __init__(self, place: str, names: tuple[str, ...], values: Values) -> None:
        self._place = place
        self._names = names
        self._values = values

    def __call__(self, batches: Iterable[Any]) -> Iterator[Any]:
        from sparkjobs.ingest.messages.records import messages_of, read_records

        for batch in batches:
            for messages in messages_of(batch, self._place, self._names):
                records = read_records(messages, self._names, self._values)
                raw, offsets, numbers = records.places()
                yield raw_text.text_batch(
                    list(records.columns), raw, messages.file, numbers, offsets, records.bad
                )
        forget_archives()


class _Lines:
    """Runs in the workers: batches of records as batches of lines."""

    def __init__(self, place: str) -> None:
        self._place = place

    def __call__(self, batches: Iterable[Any]) -> Iterator[Any]:
        from sparkjobs.ingest.messages.records import messages_of

        for batch in batches:
            for messages in messages_of(batch, self._place, ()):
                yield _line_batch(messages)
        forget_archives()


def _line_batch(messages: Any) -> Any:
    import pyarrow as pa

    from sparkjobs.ingest.messages.parse import bad_row, fault
    from sparkjobs.ingest.reading import bad_array

    reasons = [fault(value) for value in messages.values]
    good = [index for index, reason in enumerate(reasons) if reason is None]
    bad = [
        bad_row(messages.file, messages.offsets[index], reason, messages.values[index])
        for index, reason in enumerate(reasons)
        if reason is not None
    ]
    padding = [None] * len(bad)
    total = len(good) + len(bad)
    texts = [messages.values[index].decode("utf-8") for index in good]
    arrays = [
        pa.array(texts + padding, pa.string()),
        pa.array([messages.file] * total, pa.string()),
        pa.array([messages.offsets[index] for index in good] + padding, pa.int64()),
        bad_array(bad, len(good)),
        pa.nulls(total, pa.string()),
    ]
    return pa.record_batch(arrays, names=["value", "file", "offset", BAD, FATAL])
