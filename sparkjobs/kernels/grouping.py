"""Rows to packed groups: the numbers of a group in one binary value instead of a row for each.

A shuffle moves a thousand numbers in one binary value for little more than the price of one row.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from sparkjobs.kernels.statistics import F64, I64, Mask

# A packed row has at most 8 KiB of numbers: Arrow batches of 10,000 such rows still fit in memory.
ROW_VALUES = 1024
_DENSE = 1 << 16


def pack_groups(keys: Sequence[Any], values: Any) -> Any:
    """Pack the numbers of equal keys.

    Args:
        keys: Arrow arrays, one for each key column; null is a key like any other.
        values: Arrow array of doubles; nulls are left out, but their group stays.

    Returns:
        a record batch: the keys, then ``packed``, binary of native doubles. A group may have
        several rows; one without numbers has one row with nothing in it.
    """
    codes, first = group_codes(keys)
    numbers = _primitive(values, np.float64)
    if values.null_count:
        valid = _valid(values)
        codes, numbers = codes[valid], numbers[valid]
    ordered = numbers[_order(codes, len(first))]
    groups, cuts = _rows(np.bincount(codes, minlength=len(first)))
    buffers = [None, pa.py_buffer((cuts * 8).astype(np.int32)), pa.py_buffer(ordered)]
    packed = pa.Array.from_buffers(pa.binary(), len(groups), buffers)
    where = integers(first[groups])
    columns = [key.take(where) for key in keys]
    return pa.record_batch([*columns, packed], names=[*_names(len(keys)), "packed"])


def group_codes(keys: Sequence[Any]) -> tuple[I64, I64]:
    """Number the groups: a code for each row, and the first row of each code."""
    codes = np.zeros(len(keys[0]), np.int64)
    span = 1
    for key in keys:
        encoded = pc.dictionary_encode(key, null_encoding="encode")
        codes = codes * len(encoded.dictionary) + _primitive(encoded.indices, np.int32)
        span *= len(encoded.dictionary)
        if span > _DENSE:
            codes, span = _dense(codes)
    return codes, _first_rows(codes, span)


def unpack(packed: Any) -> tuple[F64, I64]:
    """The numbers of packed rows, one after the other, and where each row's begin (with the end)."""
    offsets = np.frombuffer(packed.buffers()[1], np.int32)[packed.offset :][: len(packed) + 1]
    bounds = offsets.astype(np.int64) // 8
    data = packed.buffers()[2]
    numbers = np.frombuffer(data, np.float64, len(data) // 8) if data is not None else np.zeros(0)
    return numbers[bounds[0] : bounds[-1]], bounds - bounds[0]


def run_starts(keys: Sequence[Any]) -> I64:
    """Where a new key begins in arrays in which equal keys stand together; 0 is the first."""
    changed = np.zeros(max(len(keys[0]) - 1, 0), np.bool_)
    for key in keys:
        changed |= _differs(key.slice(0, len(key) - 1), key.slice(1))
    return np.concatenate(([0], np.flatnonzero(changed) + 1))


def _differs(left: Any, right: Any) -> Mask:
    unequal = pc.not_equal(left, right)  # null where either is
    differs = _bits(unequal.buffers()[1], unequal.offset, len(unequal))
    if not left.null_count and not right.null_count:
        return differs
    one, other = _valid(left), _valid(right)
    return (differs & one & other) | (one ^ other)


# Arrow's own to_numpy and scalar import pandas, which takes a good part of a second in each worker.
def _primitive(array: Any, kind: Any) -> npt.NDArray[Any]:
    return np.frombuffer(array.buffers()[1], kind)[array.offset :][: len(array)]


def _valid(array: Any) -> Mask:
    bitmap = array.buffers()[0]
    return np.ones(len(array), np.bool_) if bitmap is None else _bits(bitmap, array.offset, len(array))


def _bits(bitmap: Any, offset: int, count: int) -> Mask:
    unpacked = np.unpackbits(np.frombuffer(bitmap, np.uint8), bitorder="little")
    return unpacked[offset : offset + count].view(np.bool_)


def _dense(codes: I64) -> tuple[I64, int]:
    """Codes without gaps."""
    encoded = pc.dictionary_encode(integers(codes))
    return _primitive(encoded.indices, np.int32).astype(np.int64), len(encoded.dictionary)


def _first_rows(codes: I64, span: int) -> I64:
    first = np.full(span, -1, np.int64)
    first[codes[::-1]] = np.arange(len(codes) - 1, -1, -1)
    return _compact(codes, first) if (first < 0).any() else first


def _compact(codes: I64, first: I64) -> I64:
    """Close the gaps of unused codes, in ``codes`` itself as well."""
    used = first >= 0
    codes[:] = (np.cumsum(used) - 1)[codes]
    return first[used]


def _order(codes: I64, groups: int) -> I64:
    """Rows in the order of their codes; numpy sorts 16-bit numbers by radix, several times as quick."""
    if groups <= _DENSE:
        return np.argsort(codes.astype(np.uint16), kind="stable")
    low = np.argsort((codes & 0xFFFF).astype(np.uint16), kind="stable")
    high = codes[low] >> 16
    if groups <= _DENSE * _DENSE:
        return low[np.argsort(high.astype(np.uint16), kind="stable")]
    return low[np.argsort(high, kind="stable")]


def _rows(counts: I64) -> tuple[I64, I64]:
    """Cut groups into rows of bounded size: the group of each row, and the rows' bounds."""
    pieces = np.maximum(1, -(-counts // ROW_VALUES))
    groups = np.repeat(np.arange(len(counts)), pieces)
    piece = np.arange(len(groups)) - np.repeat(np.cumsum(pieces) - pieces, pieces)
    starts = (np.cumsum(counts) - counts)[groups] + piece * ROW_VALUES
    return groups, np.append(starts, counts.sum())


def integers(numbers: I64) -> Any:
    """An Arrow array; ``pa.array`` of numpy's would import pandas in each new worker."""
    return pa.Array.from_buffers(
        pa.int64(), len(numbers), [None, pa.py_buffer(np.ascontiguousarray(numbers))]
    )


def doubles(numbers: F64, null: Mask) -> Any:
    """An Arrow array that is null where ``null`` says so."""
    valid = pa.py_buffer(np.packbits(~null, bitorder="little"))
    return pa.Array.from_buffers(
        pa.float64(), len(numbers), [valid, pa.py_buffer(np.ascontiguousarray(numbers))]
    )


def _names(keys: int) -> list[str]:
    return [f"k{i}" for i in range(keys)]
