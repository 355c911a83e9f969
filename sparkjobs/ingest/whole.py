"""Whole tables, for jobs that take any columns: those of the header, the first object, or the table."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from sparkjobs.errors import DataError, UsageError
from sparkjobs.ingest.intake import Intake, Unsettled, Way
from sparkjobs.ingest.model import InputFile, Split, displayed
from sparkjobs.ingest.reading import Source
from sparkjobs.ingest.rows import Read, csv_columns, read_rows
from sparkjobs.ingest.storage import UNREADABLE, S3Settings, open_split
from sparkjobs.ingest.tables import load_table
from sparkjobs.ingest.typing import Column

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

_LOOKED_AT = 1 << 20


def read_any(spark: SparkSession, source: Source, types: Mapping[str, str], way: Way = Way.KEPT) -> Read:
    """Read every column of the input.

    Parquet and Delta keep their types and have no bad rows. Columns of CSV and JSON lines are strings
    unless declared; those of CSV stand in the header, those of JSON lines in the first object, and a
    row with other columns is refused as every typed reader refuses it. Any value may be missing.

    Args:
        spark: the session.
        source: paths, format and limits.
        types: declared types of CSV or JSON columns.
        way: how bad rows are found.

    Raises:
        DataError: no columns to be found, unreadable input, too many bad rows.
        UsageError: types for a format that has its own, or for a column that is not there.
    """
    if source.format in ("parquet", "delta"):
        if types:
            raise UsageError(f"--types does not go with --format {source.format}", "The table has types.")
        rows, pins = load_table(spark, source)
        count = rows.count()
        intake = Intake(count, count, 0, None)
        known = Unsettled(count, lambda: intake) if way is Way.ONCE and count else intake
        return Read(rows, known, pins=pins)
    names = _json_names(source) if source.format == "jsonl" else csv_columns(spark, source)
    if not names and source.format in ("csv", "jsonl"):
        raise DataError(f"{', '.join(source.inputs[:3])}: no columns to be found", "Is the input empty?")
    _refuse_unknown(types, names)
    return read_rows(spark, source, [_column(name, types) for name in names], way)


def _column(name: str, types: Mapping[str, str]) -> Column:
    return Column(name, types.get(name, "string"), required=False)


def _refuse_unknown(types: Mapping[str, str], names: Sequence[str]) -> None:
    unknown = [name for name in types if name not in names]
    if unknown:
        raise UsageError(f"--types: no column {unknown[0]!r}", f"The input has {', '.join(names)}.")


def _json_names(source: Source) -> tuple[str, ...]:
    """The fields of the first line that is an object."""
    for file in source.files():
        for line in _first_lines(file, source.s3):
            try:
                value = json.loads(line)
            except (ValueError, RecursionError):
                continue
            if isinstance(value, dict):
                return tuple(value)
    return ()


def _first_lines(file: InputFile, s3: S3Settings) -> Iterator[bytes]:
    whole = Split(file.path, 0, file.size, file.size, file.compression, 1)
    try:
        with open_split(whole, s3) as stream:
            data = stream.read(_LOOKED_AT)
    except UNREADABLE as error:
        raise DataError(f"{displayed(file.path)} cannot be read: {error}", "Fetch it again.") from error
    yield from data.removeprefix(b"\xef\xbb\xbf").splitlines()
