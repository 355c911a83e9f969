"""CSV whose columns are typed inside the workers, a block at a time: good rows arrive in Spark as values."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from sparkjobs.ingest.csv_files import CsvFile
from sparkjobs.ingest.model import Split, displayed
from sparkjobs.ingest.reading import Source
from sparkjobs.ingest.times import TimeReading
from sparkjobs.ingest.typing import Column
from sparkjobs.zones import changes_clocks


def typed_in_worker(columns: Sequence[Column], reading: TimeReading) -> bool:
    """Whether workers type the columns as Spark would.

    Times of a pattern, of a unit or of a zone whose clocks change are left to Spark: Java's rules hold there.
    """
    plain = reading.pattern is None and reading.unit is None and not changes_clocks(reading.zone)
    return plain or all(column.kind != "timestamp" for column in columns)


class TypedCsvReader:
    """Runs in the workers: a CSV split as typed batches."""

    def __init__(self, files: tuple[CsvFile, ...], columns: tuple[Column, ...], source: Source) -> None:
        self._files = files
        self._columns = columns
        self._delimiter = source.delimiter
        self._null = source.null
        self._s3 = source.s3

    def __call__(self, split: Split) -> Iterator[Any]:
        """The batches of a split."""
        from sparkjobs.ingest.csv_pieces import read_piece
        from sparkjobs.ingest.csv_records import Shape
        from sparkjobs.ingest.typed_batches import typed_batch

        described = self._files[split.tag]
        shape = Shape(displayed(split.path), described.width, described.positions, self._delimiter)
        for records in read_piece(split, shape, self._s3):
            yield typed_batch(records, self._columns, self._null)

    def failed(self, reason: str) -> Any:
        """The batch that reports a file that cannot be read."""
        from sparkjobs.ingest.typed_batches import failed_batch

        return failed_batch(self._columns, reason)
