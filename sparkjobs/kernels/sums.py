"""Exact sums of decimals by key, of one batch at a time. Runs in the workers; no Spark.

Arrow adds decimals of 38 digits up without a look at what no longer fits. So they are added as whole numbers:
64 bits are cut into two halves, each of which adds up in 64 bits for any batch, and put together in 128.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

_HALF = 32
_LOW = (1 << _HALF) - 1


@dataclass(frozen=True)
class Sums:
    """One entry for each key: Arrow arrays of the keys, of their sums and of how many values were added."""

    keys: Any
    sums: Any
    counts: Any


def sums_by_key(keys: Any, values: Any) -> Sums | None:
    """Add values up by key.

    Args:
        keys: Arrow array without nulls.
        values: Arrow array of ``decimal128``, without nulls, as long.

    Returns:
        The sums, of the values' type; ``None`` where there are none, or one does not fit 64 bits unscaled.
    """
    if not len(values):
        return None
    low, high = _words(values)
    if not np.array_equal(high, low >> 63):
        return None
    table = pa.table({"key": keys, "upper": low >> _HALF, "lower": low & _LOW})
    found = table.group_by("key", use_threads=False).aggregate(
        [("upper", "sum"), ("lower", "sum"), ("lower", "count")]
    )
    upper, lower = (found[name].combine_chunks().to_numpy() for name in ("upper_sum", "lower_sum"))
    counts = found["lower_count"].combine_chunks()
    return Sums(found["key"].combine_chunks(), _joined(upper, lower, values.type), counts)


def _words(values: Any) -> tuple[Any, Any]:
    """The lower and the upper 64 bits of each decimal."""
    words = np.frombuffer(values.buffers()[1], np.int64).reshape(-1, 2)
    words = words[values.offset : values.offset + len(values)]
    return words[:, 0], words[:, 1]


def _joined(upper: Any, lower: Any, kind: Any) -> Any:
    """``upper * 2^32 + lower`` as decimals; ``lower`` is not negative."""
    shifted = upper.astype(np.uint64) << np.uint64(_HALF)
    low = shifted + lower.astype(np.uint64)
    words = np.empty((len(upper), 2), np.uint64)
    words[:, 0] = low
    words[:, 1] = ((upper >> _HALF) + (low < shifted)).astype(np.uint64)
    return pa.Array.from_buffers(kind, len(upper), [None, pa.py_buffer(words)])
