"""CSV files on the driver: each file's own header is read and mapped by name, long files are cut.

A quoted field may hold line ends, so a file with quotes is cut between records, see ``csv_cuts``.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
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
    """The tasks that read the files; ``Split.tag`` is the file's index."""
    inputs = [item.file for item in files]
    size = task_bytes(inputs, slots(spark))
    quoted = _quoted_files(spark, source, files, size)
    splits: list[Split] = []
    for tag, item in enumerate(files):
        if tag in quoted:
            splits += _between_records(item, tag, quoted[tag])
        else:
            splits += cut(item.file, size, tag=tag, start=item.start, first_line=item.first_line)
    return pack(splits, size)


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


def _quoted_files(
    spark: SparkSession, source: Source, files: Sequence[CsvFile], size: int
) -> dict[int, list[Piece]]:
    """The scanned pieces of each file that would be cut and holds a quote, by its index."""
    pieces = [cut(item.file, size, tag=tag, start=item.start) for tag, item in enumerate(files)]
    long = [split for parts in pieces if len(parts) > 1 for split in parts]
    if not long:
        return {}
    scan = _QuoteScan(source.delimiter, source.s3)
    found = run_tasks(spark, [(split,) for split in long], scan, _nothing_seen, _SCAN_DDL).collect()
    by_file: dict[int, list[Piece]] = {}
    for row in sorted(found, key=lambda row: row.start):
        by_file.setdefault(row.tag, []).append(_piece(row))
    whole = {tag: len(parts) for tag, parts in enumerate(pieces)}
    return {
        tag: scanned if len(scanned) == whole[tag] else []
        for tag, scanned in by_file.items()
        if tag >= 0 and any(piece.quotes for piece in scanned)
    }


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
