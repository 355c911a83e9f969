"""Rows of text added up by key inside the workers, a block at a time, before they become rows of Spark.

Each row that arrives stands for as many of the input as ``ROWS`` says: they have its key, and their values
add up to its own. The sums are exact, and what the quick way cannot add arrives row by row.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Protocol

from sparkjobs.ingest.intake import BAD, FATAL, ROWS
from sparkjobs.ingest.model import BAD_ROW_DDL, Split
from sparkjobs.ingest.typing import Column
from sparkjobs.sql import quoted

# Where a block has more keys than this share of its rows, adding up costs more than it spares.
_WORTH = 0.5
# Of fewer rows that tells nothing: the odd lines of a block are a batch of their own.
_TELLING_ROWS = 1000


class TypedReader(Protocol):
    """A reader of splits as typed batches: good rows first, then bad ones."""

    def __call__(self, split: Split) -> Iterable[Any]:
        """The batches of a split."""

    def failed(self, reason: str) -> Any:
        """The batch that reports a file that cannot be read."""


def sums_ddl(key: Column, value: Column) -> str:
    """The schema of the batches."""
    columns = ", ".join(f"{quoted(column.name)} {column.kind}" for column in (key, value))
    return f"{columns}, {ROWS} bigint, {BAD} {BAD_ROW_DDL}, {FATAL} string"


class SummingReader:
    """Runs in the workers: the batches of a reader of two columns, a key and a value, added up."""

    def __init__(self, read: TypedReader) -> None:
        self._read = read

    def __call__(self, split: Split) -> Iterator[Any]:
        """The batches of a split."""
        worth = True
        for batch in self._read(split):
            summed = _summed(batch) if worth else _alone(batch)
            if batch.num_rows >= _TELLING_ROWS:
                worth = worth and summed.num_rows <= _WORTH * batch.num_rows
            yield summed

    def failed(self, reason: str) -> Any:
        """The batch that reports a file that cannot be read."""
        return _alone(self._read.failed(reason))


def _summed(batch: Any) -> Any:
    import pyarrow as pa

    from sparkjobs.kernels.sums import sums_by_key

    good = batch.num_rows - _not_good(batch)
    found = sums_by_key(batch.column(0).slice(0, good), batch.column(1).slice(0, good))
    if found is None:
        return _alone(batch)
    rest = batch.slice(good)
    parts = [(found.keys, rest.column(0)), (found.sums, rest.column(1)), (found.counts, _ones(rest))]
    columns = [pa.concat_arrays(list(pair)) for pair in parts]
    marks = [_after_nulls(len(found.keys), rest.column(i)) for i in (2, 3)]
    return pa.record_batch([*columns, *marks], names=_names(batch))


def _alone(batch: Any) -> Any:
    """The batch as it is, each row for itself."""
    import pyarrow as pa

    columns = [*batch.columns[:2], _ones(batch), *batch.columns[2:]]
    return pa.record_batch(columns, names=_names(batch))


def _not_good(batch: Any) -> int:
    return sum(batch.num_rows - batch.column(i).null_count for i in (2, 3))


def _ones(batch: Any) -> Any:
    import pyarrow as pa

    return pa.repeat(pa.scalar(1, pa.int64()), batch.num_rows)


def _after_nulls(count: int, values: Any) -> Any:
    import pyarrow as pa

    return pa.concat_arrays([pa.nulls(count, values.type), values])


def _names(batch: Any) -> list[str]:
    key, value, *marks = batch.schema.names
    return [key, value, ROWS, *marks]
