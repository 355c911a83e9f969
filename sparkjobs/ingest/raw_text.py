"""Columns of text on their way to Spark's own typing: times of a pattern, of a unit or of changing clocks."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from sparkjobs.ingest import csv_files
from sparkjobs.ingest.blocks import read_blocks
from sparkjobs.ingest.intake import BAD, FATAL
from sparkjobs.ingest.json_records import Wanted
from sparkjobs.ingest.model import BAD_ROW_DDL, BadRow, Split, displayed
from sparkjobs.ingest.reading import Source, Tasks, bad_array, run_tasks
from sparkjobs.ingest.storage import S3Settings
from sparkjobs.ingest.times import TimeReading
from sparkjobs.ingest.typing import Column, first_reason, parse

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

_RAW, _FILE, _LINE, _OFFSET = "_raw", "_file", "_line", "_offset"
_TEXT = "_c"


def run(spark: SparkSession, source: Source, tasks: Tasks, read: Any, width: int) -> DataFrame:
    """The text of columns, with the place and the raw text of each row."""
    return run_tasks(spark, tasks, source.reader(read), _Failed(width), ddl(width))


def typed(
    text: DataFrame,
    columns: Sequence[Column],
    null: str | None,
    reading: TimeReading | Sequence[TimeReading],
) -> DataFrame:
    """Type the text columns; a row that does not fit becomes a bad row with its place and raw text.

    Args:
        text: what ``run`` gives.
        columns: what the columns should be.
        null: the text that stands for null; ``None`` when only null itself does.
        reading: how times are written, in all columns or in each.
    """
    from pyspark.sql import functions as F

    readings = [reading] * len(columns) if isinstance(reading, TimeReading) else reading
    parsed = [parse(column, F.col(f"{_TEXT}{i}"), null, readings[i]) for i, column in enumerate(columns)]
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


def ddl(width: int) -> str:
    """The schema of the batches with so many columns of text."""
    text = ", ".join(f"{_TEXT}{i} string" for i in range(width))
    return (
        f"{text}, {_RAW} string, {_FILE} string, {_LINE} bigint, {_OFFSET} bigint, "
        f"{BAD} {BAD_ROW_DDL}, {FATAL} string"
    )


def text_batch(
    columns: list[Any], raw: Any, file: str, lines: Any, offsets: Any, bad: Sequence[BadRow]
) -> Any:
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


class CsvReader:
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
            yield text_batch(list(records.columns), raw, file, numbers, offsets, records.bad)


class JsonReader:
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
            yield text_batch(list(records.columns), raw, file, numbers, offsets, records.bad)
