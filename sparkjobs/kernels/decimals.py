"""The digits of Arrow decimals as whole numbers of 64 bits."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from sparkjobs.kernels.grouping import integers


def words(values: Any) -> tuple[Any, Any]:
    """The lower and the upper 64 bits of the digits of each ``decimal128``; anything where it is null."""
    data = values.buffers()[1]
    pairs = np.frombuffer(data, np.int64).reshape(-1, 2) if len(values) else np.empty((0, 2), np.int64)
    pairs = pairs[values.offset :][: len(values)]
    return pairs[:, 0], pairs[:, 1]


def unscaled(values: Any) -> tuple[Any, Any]:
    """The digits of decimals, 123 of 1.23.

    Args:
        values: Arrow array of ``decimal128``.

    Returns:
        An ``int64`` array, null where they do not fit, and the values that do not, with null for all others.
    """
    low, high = words(values)
    fit = np.array_equal(high, low >> 63)
    if fit and not values.null_count:
        return _bigints(low, None), pa.nulls(len(values), values.type)
    short = pc.and_kleene(pa.array(high == low >> 63), values.is_valid())
    return _bigints(low, short), pc.if_else(short, None, values)


def _bigints(numbers: Any, valid: Any) -> Any:
    array = integers(numbers)
    return array if valid is None else pc.if_else(valid, array, None)
