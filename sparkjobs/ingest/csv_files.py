"""CSV files on the driver: each file's own header is read and mapped by name, long files are cut.

A quoted field may hold line ends: ``csv_pieces`` reads files that are cut anywhere, ``csv_cuts`` finds cuts
between records.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING, Any

from sparkjobs.errors import DataError
from sparkjobs.ingest.csv_cuts import Piece, Scan, record_ranges, scan_piece
from sparkjobs.ingest.csv_records import first_record
from sparkjobs.ingest.model import InputFile, Split, displayed
from sparkjobs.ingest.reading import Source, run_tasks, slots
from sparkjobs.ingest.splits import cut, pack, task_bytes
from sparkjobs.ingest.storage import UNREADABLE, S3Settings, open_bytes, open_split

if TYPE_CHECKING:
    from pyspark.sql import Row, SparkSession

log = logging.getLogger(__name__)

_HEADER_BYTES = 1 << 20


@dataclass(frozen=True)
class Header:
    """A file's header: field names, and where the data begins (bytes, line number)."""

    names: tuple[str, ...]
    end: int
    next_line: int


@dataclass(frozen=True)
class CsvFile:
    """A file with data, its width, and the index in it of each wanted column."""

    file: InputFile
    width: int
    positions: tuple[int, ...]
    start: int
    first_line: int


def map_header(
    file: str, names: Sequence[str], wanted: Sequence[str], ignore_extra: bool
) -> tuple[tuple[int, ...], tuple[str, ...]]:
    """Find each wanted column in a header by its name. Pure.

    Returns:
        The index of each wanted column, and the names that were passed over.

    Raises:
        DataError: a name is missing, unknown (unless ``ignore_extra``) or there twice.
    """
    twice = [name for name in names if names.count(name) > 1]
    if twice:
        raise DataError(f"{file}: the column {twice[0]!r} is there twice", "Rename one of them.")
    missing = [name for name in wanted if name not in names]
    if missing:
        raise DataError(
            f"{file}: no column {missing[0]!r}; the header has {', '.join(map(repr, names))}",
            "Name the columns by the job's parameters, or repair the header (and --delimiter).",
        )
    extra = tuple(name for name in names if name not in wanted)
    if extra and not ignore_extra:
        raise DataError(
            f"{file}: unknown column {', '.join(map(repr, extra))}",
            "Pass over such columns with --extra-columns ignore.",
        )
    return tuple(names.index(name) for name in wanted), extra


def read_headers(files: Sequence[InputFile], delimiter: str, s3: S3Settings) -> list[Header | None]:
    """The header of each file; ``None`` for a file without content.

    Raises:
        DataError: a header cannot be read; names the file.
    """
    with ThreadPoolExecutor(16) as pool:
        return list(pool.map(lambda file: _read_header(file, delimiter, s3), files))


def plan(spark: SparkSession, source: Source, files: Sequence[CsvFile]) -> list[tuple[Split, ...]]:
    """The tasks that read the files; ``Split.tag`` is the file's index.

    Long files are cut anywhere, see ``csv_pieces``; after a cut was missed (``Source.scan_quotes``) between
    records, which takes a reading of its own.
    """
    size = task_bytes([item.file for item in files], slots(spark))
    parts = [
        cut(item.file, size, tag=tag, start=item.start, first_line=item.first_line)
        for tag, item in enumerate(files)
    ]
    if source.scan_quotes:
        for tag, scanned in _scanned(spark, source, parts).items():
            parts[tag] = list(_between_records(files[tag], tag, scanned))
    return pack(chain.from_iterable(parts), size)


def _between_records(item: CsvFile, tag: int, pieces: Sequence[Piece]) -> Iterator[Split]:
    size, line = item.file.size, item.first_line
    for start, end in record_ranges(item.start, size, pieces):
        number = line if start == item.start else None
        yield Split(item.file.path, start, end, size, None, number, tag, True, item.file.modified_ns)


def _read_header(file: InputFile, delimiter: str, s3: S3Settings) -> Header | None:
    whole = Split(file.path, 0, file.size, file.size, file.compression, 1)
    try:
        with open_split(whole, s3) as stream:
            found = first_record(stream.read(_HEADER_BYTES), delimiter)
    except ValueError as error:
        raise DataError(f"{displayed(file.path)}: the header cannot be read: {error}") from error
    except UNREADABLE as error:
        raise DataError(f"{displayed(file.path)} cannot be read: {error}", "Fetch it again.") from error
    if found is None:
        return None
    names, end, lines = found
    return Header(tuple(names), end, lines + 1)


def _scanned(spark: SparkSession, source: Source, parts: Sequence[list[Split]]) -> dict[int, list[Piece]]:
    """The scanned pieces of each file that is cut, by its index; none where some could not be scanned."""
    long = [split for splits in parts if len(splits) > 1 for split in splits]
    by_file: dict[int, list[Piece]] = {split.tag: [] for split in long}
    if not long:
        return by_file
    log.warning(
        "a long CSV file was cut inside a record: its quotes are counted now, to cut it between records"
    )
    scan = _QuoteScan(source.delimiter, source.s3)
    found = run_tasks(spark, [(split,) for split in long], scan, _nothing_seen, _SCAN_DDL).collect()
    for row in sorted(found, key=lambda row: row.start):
        if row.tag >= 0:
            by_file[row.tag].append(_piece(row))
    return {tag: scans if len(scans) == len(parts[tag]) else [] for tag, scans in by_file.items()}


def _piece(row: Row) -> Piece:
    outside = Scan(row.fits_outside, row.first_outside, row.last_outside)
    return Piece(
        row.start, row.end, row.quotes, (outside, Scan(row.fits_inside, row.first_inside, row.last_inside))
    )


_SCAN_DDL = (
    "tag int, start bigint, end bigint, quotes bigint, fits_outside boolean, first_outside bigint, "
    "last_outside bigint, fits_inside boolean, first_inside bigint, last_inside bigint"
)


class _QuoteScan:
    """Runs in the workers: what a split holds for both states in which it may begin."""

    def __init__(self, delimiter: str, s3: S3Settings) -> None:
        self._delimiter = delimiter
        self._s3 = s3

    def __call__(self, split: Split) -> Iterator[Any]:
        with open_bytes(split.path, self._s3) as stream:
            piece = scan_piece(stream, split.start, split.end, self._delimiter)
        outside, inside = piece.scans
        yield _scan_batch(
            split.tag, piece.start, piece.end, piece.quotes,
            outside.fits, outside.first, outside.last, inside.fits, inside.first, inside.last,
        )  # fmt: skip


def _nothing_seen(_: str) -> Any:
    """A file that cannot be read now is reported by the reading tasks themselves."""
    return _scan_batch(-1, 0, 0, 0, False, None, None, False, None, None)


def _scan_batch(*values: Any) -> Any:
    import pyarrow as pa

    whole, truth = pa.int64(), pa.bool_()
    kinds = [pa.int32(), whole, whole, whole, truth, whole, whole, truth, whole, whole]
    names = [field.split()[0] for field in _SCAN_DDL.split(", ")]
    arrays = [pa.array([value], kind) for value, kind in zip(values, kinds, strict=True)]
    return pa.record_batch(arrays, names=names)
