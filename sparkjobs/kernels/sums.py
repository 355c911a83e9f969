"""Exact sums of decimals by key, a part at a time. Runs in the workers; no Spark.

Arrow adds decimals of 38 digits up without a look at what no longer fits. So they are added as whole
numbers: 64 bits are cut into two halves, each of which adds up in 64 bits for ``MOST_VALUES`` of them, and
put together in 128.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from sparkjobs.kernels.decimals import words

# So many halves add up in 64 bits whatever they are.
MOST_VALUES = 1 << 30
_HALF = 32
_LOW = (1 << _HALF) - 1
_NAMES = ("key", "upper", "lower", "count")


@dataclass(frozen=True)
class Sums:
    """Sums of some values, unscaled; a key may stand more than once until ``merged``.

    Attributes:
        table: Arrow table: ``key``, ``upper`` and ``lower`` (the sum is ``upper * 2^32 + lower``, and
            ``lower`` not negative) and ``count``, how many values were added.
        count: how many values were added in all.
    """

    table: Any
    count: int

    def keys(self) -> Any:
        """An Arrow array."""
        return _whole(self.table["key"])

    def counts(self) -> Any:
        """An Arrow array of 64-bit numbers, as long as ``keys``."""
        return _whole(self.table["count"])

    def values(self, kind: Any) -> Any:
        """The sums as Arrow decimals of a type, as long as ``keys``."""
        upper, lower = (_whole(self.table[name]).to_numpy() for name in ("upper", "lower"))
        return _joined(upper, lower, kind)


def sums_of(keys: Any, values: Any) -> Sums | None:
    """Each value by itself.

    Args:
        keys: Arrow array without nulls.
        values: Arrow array of ``decimal128``, without nulls, as long.

    Returns:
        ``None`` where a value does not fit 64 bits unscaled.
    """
    low, high = words(values)
    if not np.array_equal(high, low >> 63):
        return None
    columns = [keys, low >> _HALF, low & _LOW, np.ones(len(low), np.int64)]
    return Sums(pa.table(dict(zip(_NAMES, columns, strict=True))), len(low))


def merged(parts: Sequence[Sums]) -> Sums:
    """The sums of all parts, each key once; at most ``MOST_VALUES`` of them, and at least one part."""
    table = pa.concat_tables([part.table for part in parts])
    found = table.group_by("key", use_threads=False).aggregate([(name, "sum") for name in _NAMES[1:]])
    columns = [found["key"], *(found[f"{name}_sum"] for name in _NAMES[1:])]
    return Sums(pa.table(dict(zip(_NAMES, columns, strict=True))), sum(part.count for part in parts))


def _whole(column: Any) -> Any:
    return column.chunk(0) if column.num_chunks == 1 else column.combine_chunks()


def _joined(upper: Any, lower: Any, kind: Any) -> Any:
    """``upper * 2^32 + lower`` as decimals; ``lower`` is not negative."""
    shifted = upper.astype(np.uint64) << np.uint64(_HALF)
    low = shifted + lower.astype(np.uint64)
    pairs = np.empty((len(upper), 2), np.uint64)
    pairs[:, 0] = low
    pairs[:, 1] = ((upper >> _HALF) + (low < shifted)).astype(np.uint64)
    return pa.Array.from_buffers(kind, len(upper), [None, pa.py_buffer(pairs)])
