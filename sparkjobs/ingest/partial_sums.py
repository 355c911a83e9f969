"""Rows of text added up by key inside the workers, before they become rows of Spark.

Each row that arrives stands for as many of the input as ``ROWS`` says: they have its key, and their values
add up to its own. The sums are exact, and what the quick way cannot add arrives row by row.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, Protocol

from sparkjobs.ingest.intake import BAD, FATAL, ROWS
from sparkjobs.ingest.model import BAD_ROW_DDL, Split
from sparkjobs.ingest.typing import Column
from sparkjobs.sql import quoted

if TYPE_CHECKING:
    from sparkjobs.kernels.sums import Sums

# Added up at a time: 1 Mi rows, or 32 MiB of them.
MOST_ROWS, MOST_BYTES = 1 << 20, 32 << 20
# Spark holds a whole batch in memory.
_BATCH_ROWS = 1 << 16
# More keys than this share of the rows leave little room for others.
_ROOM = 0.5
# And where there are so many, adding up costs more than it spares.
_WORTH = 0.75


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

    def __init__(self, read: TypedReader, most_rows: int = MOST_ROWS, most_bytes: int = MOST_BYTES) -> None:
        self._read = read
        self._most_rows = most_rows
        self._most_bytes = most_bytes

    def __call__(self, split: Split) -> Iterator[Any]:
        """The batches of a split."""
        held = _Held()
        empty = None
        for batch in self._read(split):
            empty = batch.slice(0, 0)
            good = batch.num_rows - _not_good(batch)
            if not held.add(batch.column(0).slice(0, good), batch.column(1).slice(0, good)):
                good = 0
            if good < batch.num_rows:
                yield _alone(batch.slice(good))
            if held.rows >= self._most_rows or held.bytes >= self._most_bytes:
                yield from _batches(held.make_room(self._most_rows), empty)
        if empty is not None:
            yield from _batches(held.give(), empty)

    def failed(self, reason: str) -> Any:
        """The batch that reports a file that cannot be read."""
        return _alone(self._read.failed(reason))


class _Held:
    """What of a split was added up and has not arrived yet."""

    def __init__(self) -> None:
        self._parts: list[Sums] = []
        self._worth = True
        # Asking all parts after each batch would take longer than adding them up.
        self.rows = self.bytes = 0

    def add(self, keys: Any, values: Any) -> bool:
        """Take some rows; ``False`` where they have to arrive alone."""
        from sparkjobs.kernels.sums import sums_of

        part = sums_of(keys, values) if self._worth else None
        if part is not None and len(keys):
            self._hold(part)
        return part is not None

    def make_room(self, most_rows: int) -> list[Sums]:
        """Add up what is held; give it away where it leaves little room."""
        from sparkjobs.kernels.sums import MOST_VALUES, merged

        found = merged(self._parts)
        keys = found.table.num_rows
        self._worth = keys <= _WORTH * self.rows
        has_room = keys <= _ROOM * min(self.rows, most_rows) and found.count < MOST_VALUES // 2
        self._let_go()
        if has_room:
            self._hold(found)
        return [] if has_room else [found]

    def give(self) -> list[Sums]:
        """The sums of all that is held, which is no longer."""
        from sparkjobs.kernels.sums import merged

        given = [merged(self._parts)] if self._parts else []
        self._let_go()
        return given

    def _hold(self, part: Sums) -> None:
        self._parts.append(part)
        self.rows += part.table.num_rows
        self.bytes += part.table.nbytes

    def _let_go(self) -> None:
        self._parts, self.rows, self.bytes = [], 0, 0


def _batches(found: Sequence[Sums], empty: Any) -> Iterator[Any]:
    import pyarrow as pa

    for sums in found:
        keys = sums.keys()
        marks = [pa.nulls(len(keys), empty.column(i).type) for i in (2, 3)]
        columns = [keys, sums.values(empty.column(1).type), sums.counts(), *marks]
        batch = pa.record_batch(columns, names=_names(empty))
        yield from (batch.slice(start, _BATCH_ROWS) for start in range(0, len(keys), _BATCH_ROWS))


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


def _names(batch: Any) -> list[str]:
    key, value, *marks = batch.schema.names
    return [key, value, ROWS, *marks]
