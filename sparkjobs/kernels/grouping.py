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

try:
    # pyarrow.acero has the same names, but imports pyarrow.dataset and with it pandas: see _primitive.
    from pyarrow._acero import AggregateNodeOptions, Declaration, TableSourceNodeOptions
except ImportError:  # a name that pyarrow may change
    from pyarrow.acero import AggregateNodeOptions, Declaration, TableSourceNodeOptions

from sparkjobs.kernels.statistics import F64, I64, Mask

# A packed row has at most 8 KiB of numbers: Arrow batches of 10,000 such rows still fit in memory.
ROW_VALUES = 1024


def pack_groups(batches: Sequence[Any], keys: int) -> Any:
    """Pack the numbers of equal keys.

    Args:
        batches: record batches of key columns and one of doubles. Null is a key like any other; a null
            number is left out, but its group stays.
        keys: how many columns are keys.

    Returns:
        a record batch: the keys, then ``packed``, binary of native doubles. A group may have
        several rows; one without numbers has one row with nothing in it.
    """
    columns, numbers, bounds = _lists(batches, keys)
    groups, cuts = _rows(np.diff(bounds))
    if len(groups) > len(bounds) - 1:
        columns = [column.take(integers(groups)) for column in columns]
    buffers = [None, pa.py_buffer((cuts * 8).astype(np.int32)), pa.py_buffer(numbers)]
    packed = pa.Array.from_buffers(pa.binary(), len(groups), buffers)
    return pa.record_batch([*columns, packed], names=[*_names(keys), "packed"])


def _lists(batches: Sequence[Any], keys: int) -> tuple[list[Any], F64, I64]:
    """One row a group: its keys; the numbers of all groups one after the other, and where each begins."""
    names = _names(keys)
    table = pa.Table.from_batches(batches).rename_columns([*names, "value"])
    wanted = [
        Declaration("table_source", TableSourceNodeOptions(table)),
        Declaration("aggregate", AggregateNodeOptions([("value", "hash_list", None, "values")], names)),
    ]
    # A single thread, as in every task: Spark runs one for each core. It keeps the order of the rows too.
    found = Declaration.from_sequence(wanted).to_table(use_threads=False)
    lists = _whole(found.column("values"))
    bounds = np.frombuffer(lists.buffers()[1], np.int32)[lists.offset :][: len(lists) + 1].astype(np.int64)
    values = lists.values
    numbers = _primitive(values, np.float64)
    if values.null_count:
        valid = _valid(values)
        numbers, bounds = numbers[valid], np.concatenate(([0], np.cumsum(valid)))[bounds]
    return [_whole(found.column(name)) for name in names], numbers[bounds[0] : bounds[-1]], bounds - bounds[0]


def _whole(column: Any) -> Any:
    return column.chunk(0) if column.num_chunks == 1 else pa.concat_arrays(column.chunks)


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
