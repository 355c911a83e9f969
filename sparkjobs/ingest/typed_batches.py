"""Typed batches of a CSV split: good rows leave as values, bad rows with their place and text. Runs in workers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from sparkjobs.ingest.csv_records import Records
from sparkjobs.ingest.model import BadRow
from sparkjobs.ingest.typing import Column
from sparkjobs.kernels.typed_text import type_text


def typed(records: Records, columns: Sequence[Column], null: str | None) -> tuple[list[Any], list[BadRow]]:
    """The columns of the good rows, typed, and all rows that are bad.

    Args:
        records: rows as text.
        columns: what they should be, in the order of the records' columns.
        null: the text that stands for null; ``None`` when only null itself does.
    """
    values, wrong = [], []
    for column, text in zip(columns, records.columns, strict=True):
        present = text if null is None else pc.if_else(pc.equal(text, null), pa.scalar(None, pa.string()), text)
        value, bad = type_text(present, column.kind)
        if column.required and present.null_count:
            bad = bad | pc.is_null(present).to_numpy(zero_copy_only=False)
        values.append(value)
        wrong.append(bad)
    refused = np.logical_or.reduce(wrong) if wrong else np.zeros(0, bool)
    if not refused.any():
        return values, list(records.bad)
    rows = [
        records.refuse(int(index), _reason(records, columns, wrong, null, int(index)))
        for index in np.flatnonzero(refused)
    ]
    keep = pa.array(~refused)
    return [value.filter(keep) for value in values], [*records.bad, *rows]


def _reason(records: Records, columns: Sequence[Column], wrong: Sequence[Any], null: str | None, index: int) -> str:
    """Why a row is bad: the fault of its first column that has one."""
    at = next(i for i, bad in enumerate(wrong) if bad[index])
    text = records.columns[at][index].as_py()
    return f"{columns[at].name}: {text}"


def limbs(value: Any) -> tuple[Any, Any, Any]:
    """A decimal as two bigints that add up exactly, and the decimal itself where it needs more."""
    words = np.frombuffer(value.buffers()[1], np.int64)[2 * value.offset : 2 * (value.offset + len(value))]
    low, high = words[::2], words[1::2]
    fits = high == (low >> 63)
    small = np.where(fits, low, 0)
    big = pa.nulls(len(value), value.type) if fits.all() else pc.if_else(pa.array(fits), None, value)
    return pa.array(small >> 32), pa.array(small & 0xFFFFFFFF), big
