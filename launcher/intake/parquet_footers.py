"""What the footers of Parquet files tell of the work in them: row groups, rows, bytes before compression."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import IO

from launcher.spec.application import InputSize
from sparkjobs.ingest.storage import S3Settings, open_bytes

# Enough for an estimate; a footer takes a millisecond of a local disk and two requests of an object store.
MOST_FOOTERS, THREADS = 32, 8


@dataclass(frozen=True)
class Footer:
    """One file's."""

    row_groups: int
    rows: int
    unpacked_bytes: int


def with_footers(size: InputSize, files: Sequence[str], s3: S3Settings) -> InputSize:
    """The size with what footers tell; of many files a sample, evenly taken, stands for all.

    A file whose footer cannot be read is left to the run, which names it.

    Args:
        size: what the listing told.
        files: the Parquet files, absolute or with a scheme.
        s3: how to reach S3.
    """
    step = -(-len(files) // MOST_FOOTERS) or 1
    with ThreadPoolExecutor(THREADS) as pool:
        read = list(pool.map(lambda file: _footer_or_none(file, s3), files[::step]))
    found = [footer for footer in read if footer is not None]
    if not found:
        return size
    share = len(files) / len(found)
    return replace(
        size,
        row_groups=round(sum(footer.row_groups for footer in found) * share),
        rows=round(sum(footer.rows for footer in found) * share),
        unpacked_bytes=round(sum(footer.unpacked_bytes for footer in found) * share),
        how=f"{size.how}, {len(found)} of their footers read" if len(found) < len(files) else size.how,
    )


def _footer_or_none(file: str, s3: S3Settings) -> Footer | None:
    import pyarrow

    try:
        with open_bytes(file, s3) as stream:
            return _footer(stream)
    except (OSError, ValueError, pyarrow.ArrowException):
        return None


def _footer(stream: IO[bytes]) -> Footer:
    from pyarrow import parquet

    metadata = parquet.read_metadata(stream)
    groups = [metadata.row_group(number) for number in range(metadata.num_row_groups)]
    # Spark starts no task's work for a row group without rows.
    full = [group for group in groups if group.num_rows]
    unpacked = sum(group.total_byte_size for group in full)
    return Footer(len(full), metadata.num_rows, unpacked)
