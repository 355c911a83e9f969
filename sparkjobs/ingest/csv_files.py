"""CSV files on the driver: each file's own header is read and mapped by name, long files are cut.

A file that holds a quote anywhere is read by one task, because a quoted field may hold line ends
and only reading from the top tells; whether it does is looked up in parallel before.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sparkjobs.errors import DataError
from sparkjobs.ingest.csv_records import first_record
from sparkjobs.ingest.model import InputFile, Split, displayed
from sparkjobs.ingest.reading import Source, run_tasks, slots
from sparkjobs.ingest.splits import cut, pack, task_bytes
from sparkjobs.ingest.storage import UNREADABLE, S3Settings, open_bytes, open_split

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

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
    whole = _quoted_files(spark, source, files, size)
    splits: list[Split] = []
    for tag, item in enumerate(files):
        length = item.file.size + 1 if tag in whole else size
        splits += cut(item.file, length, tag=tag, start=item.start, first_line=item.first_line)
    return pack(splits, size)


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


def _quoted_files(spark: SparkSession, source: Source, files: Sequence[CsvFile], size: int) -> set[int]:
    """Indexes of the files that would be cut but hold a quote."""
    pieces = [cut(item.file, size, tag=tag, start=item.start) for tag, item in enumerate(files)]
    long = [split for parts in pieces if len(parts) > 1 for split in parts]
    if not long:
        return set()
    found = run_tasks(spark, [(split,) for split in long], _QuoteSearch(source.s3), _no_quote, "tag int")
    return {row.tag for row in found.where("tag >= 0").distinct().collect()}


class _QuoteSearch:
    """Runs in the workers: the split's tag when a quote lies in its bytes."""

    def __init__(self, s3: S3Settings) -> None:
        self._s3 = s3

    def __call__(self, split: Split) -> Iterator[Any]:
        import pyarrow as pa

        if any(b'"' in chunk for chunk in self._chunks(split)):
            yield pa.record_batch([pa.array([split.tag], pa.int32())], names=["tag"])

    def _chunks(self, split: Split) -> Iterable[bytes]:
        with open_bytes(split.path, self._s3) as stream:
            stream.seek(split.start)
            left = split.end - split.start
            while left > 0 and (chunk := stream.read(min(left, 4 << 20))):
                left -= len(chunk)
                yield chunk


def _no_quote(_: str) -> Any:
    """A file that cannot be read now is reported by the reading tasks themselves."""
    import pyarrow as pa

    return pa.record_batch([pa.array([-1], pa.int32())], names=["tag"])
