"""From rows to statistics by group, in two steps with a shuffle between them.

``pack_batches`` runs before the shuffle and puts the numbers of a group together; ``reduce_batches``
runs after it, on packed rows sorted by key, and holds one batch and one group at a time. A group
beyond ``HOT_VALUES`` numbers goes to a temporary file, so memory stays bounded for hot groups too.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import numpy as np
import pyarrow as pa

from sparkjobs.kernels.grouping import doubles, integers, pack_groups, run_starts, unpack
from sparkjobs.kernels.selection import SpilledGroup
from sparkjobs.kernels.statistics import F64, Statistics, statistics

# Rows packed together: 16 MiB of numbers. More rows make fuller groups and fewer packed rows.
PACK_ROWS = 2 << 20
# Numbers of one group held in memory: 32 MiB.
HOT_VALUES = 4 << 20


def pack_batches(batches: Iterable[Any], keys: int) -> Iterator[Any]:
    """Pack record batches of ``keys`` key columns and a column of doubles."""
    waiting: list[Any] = []
    rows = 0
    for batch in batches:
        waiting.append(batch)
        rows += batch.num_rows
        if rows >= PACK_ROWS:
            yield pack_groups(waiting, keys)
            waiting, rows = [], 0
    if rows:
        yield pack_groups(waiting, keys)


def reduce_batches(batches: Iterable[Any], keys: int, quantiles: Sequence[float]) -> Iterator[Any]:
    """Statistics of packed rows sorted by key.

    Returns:
        record batches: keys, count, sum, mean, min, max, stddev, the quantiles as ``q0``, ``q1``, ...
    """
    reducer = _Reducer(keys, quantiles)
    for batch in batches:
        if batch.num_rows:
            yield from reducer.add(batch)
    yield from reducer.finish()


class _OpenGroup:
    """The last group of a batch: the next batch may go on with it."""

    def __init__(self, keys: list[Any]) -> None:
        self.keys = keys
        self._parts: list[F64] = []
        self._count = 0
        self._spilled: SpilledGroup | None = None

    def is_for(self, keys: list[Any]) -> bool:
        return all(mine.equals(other) for mine, other in zip(self.keys, keys, strict=True))

    def append(self, values: F64) -> None:
        # A copy, because the batch's memory must not be held by its last group.
        self._parts.append(values.copy())
        self._count += len(values)
        if self._count > HOT_VALUES:
            self._spill()

    def close(self, quantiles: Sequence[float]) -> Statistics:
        if self._spilled is None:
            values = np.concatenate(self._parts)
            return statistics(values, np.array([0, len(values)]), quantiles)
        self._spill()
        found = self._spilled.statistics(quantiles)
        self._spilled.close()
        return found

    def _spill(self) -> None:
        self._spilled = self._spilled or SpilledGroup()
        for part in self._parts:
            self._spilled.append(part)
        self._parts, self._count = [], 0


class _Reducer:
    """Keeps the open group between batches; the others of a batch are worked off together."""

    def __init__(self, keys: int, quantiles: Sequence[float]) -> None:
        self._keys = keys
        self._quantiles = quantiles
        self._open: _OpenGroup | None = None

    def add(self, batch: Any) -> Iterator[Any]:
        columns = batch.columns[: self._keys]
        numbers, bounds = unpack(batch.column(self._keys))
        starts = run_starts(columns)
        edges = bounds[np.append(starts, batch.num_rows)]
        first = [column.slice(0, 1) for column in columns]
        joins = self._open is not None and self._open.is_for(first)
        if self._open is not None and joins:
            self._open.append(numbers[: edges[1]])
            starts, edges = starts[1:], edges[1:]
        if len(starts):
            yield from self.finish()
            yield from self._complete(columns, numbers, starts[:-1], edges[:-1])
            self._open = _OpenGroup([column.slice(int(starts[-1]), 1) for column in columns])
            self._open.append(numbers[edges[-2] :])

    def finish(self) -> Iterator[Any]:
        """Close the open group."""
        if self._open is not None:
            yield self._batch(self._open.keys, self._open.close(self._quantiles))
            self._open = None

    def _complete(self, columns: list[Any], numbers: F64, starts: Any, edges: Any) -> Iterator[Any]:
        """The groups that begin and end in this batch."""
        if len(starts):
            values = numbers[edges[0] : edges[-1]].copy()
            found = statistics(values, edges - edges[0], self._quantiles)
            where = integers(starts)
            yield self._batch([column.take(where) for column in columns], found)

    def _batch(self, keys: list[Any], found: Statistics) -> Any:
        empty, single = found.count == 0, found.count <= 1
        columns = [doubles(column, empty) for column in (found.sum, found.mean, found.min, found.max)]
        columns += [doubles(found.stddev, single)]
        columns += [doubles(column, empty) for column in found.quantiles]
        names = [f"k{i}" for i in range(self._keys)] + ["count", "sum", "mean", "min", "max", "stddev"]
        names += [f"q{i}" for i in range(len(found.quantiles))]
        return pa.record_batch([*keys, integers(found.count), *columns], names=names)
