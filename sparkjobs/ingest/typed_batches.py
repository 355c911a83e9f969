"""Typed batches: good rows leave as values, bad rows with their place and text. Runs in the workers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from sparkjobs.ingest.csv_records import Records
from sparkjobs.ingest.intake import BAD, FATAL
from sparkjobs.ingest.model import BadRow
from sparkjobs.ingest.reading import bad_array
from sparkjobs.ingest.text_faults import text_fault
from sparkjobs.ingest.typing import Column
from sparkjobs.kernels.typed_text import type_text
from sparkjobs.tables.partitions import UNHOLDABLE


def typed_batch(records: Records, columns: Sequence[Column], null: str | None) -> Any:
    """One Arrow batch: the good rows typed, then one row for each bad one.

    Args:
        records: rows as text.
        columns: what they should be, in the order of the records' columns.
        null: the text that stands for null; ``None`` when only null itself does.
    """
    texts = [_present(text, null) for text in records.columns]
    typed = [typed_column(column, text) for column, text in zip(columns, texts, strict=True)]
    refused = np.logical_or.reduce([wrong for _, wrong in typed])
    values = [value for value, _ in typed]
    bad = list(records.bad)
    if refused.any():
        faults = [wrong for _, wrong in typed]
        bad += [_bad_row(records, columns, texts, faults, int(i)) for i in np.flatnonzero(refused)]
    return value_batch(columns, values, ~refused, bad)


def failed_batch(columns: Sequence[Column], reason: str) -> Any:
    """The batch that reports a file that cannot be read."""
    values = [pa.nulls(1, arrow_type(column.kind)) for column in columns]
    arrays = [*values, bad_array([], 1), pa.array([reason])]
    return pa.record_batch(arrays, names=[*(column.name for column in columns), BAD, FATAL])


def arrow_type(kind: str) -> Any:
    """The Arrow type of a column's values."""
    known = {
        "string": pa.string(), "bigint": pa.int64(), "double": pa.float64(), "boolean": pa.bool_(),
        "timestamp": pa.timestamp("us", "UTC"),
    }  # fmt: skip
    if kind in known:
        return known[kind]
    precision, scale = kind.removeprefix("decimal(").removesuffix(")").split(",")
    return pa.decimal128(int(precision), int(scale))


def _present(text: Any, null: str | None) -> Any:
    if null is None:
        return text
    absent = pc.equal(text, null)
    return pc.if_else(absent, pa.scalar(None, pa.string()), text) if pc.any(absent).as_py() else text


def typed_column(column: Column, text: Any) -> tuple[Any, Any]:
    """The values of a column of text, and a bool array of the rows that it makes bad ones."""
    value, wrong = type_text(text, column.kind)
    if column.required and text.null_count:
        wrong = wrong | text.is_null().to_numpy(zero_copy_only=False)
    if column.partition and column.kind == "string":
        empty = pc.fill_null(pc.is_in(text, pa.array(UNHOLDABLE)), False)
        wrong = wrong | empty.to_numpy(zero_copy_only=False)
    return value, wrong


def _bad_row(
    records: Records, columns: Sequence[Column], texts: Sequence[Any], faults: Sequence[Any], index: int
) -> BadRow:
    """A bad row; the reason is that of its first column that has one."""
    at = next(i for i, wrong in enumerate(faults) if wrong[index])
    return records.refuse(index, text_fault(columns[at], texts[at][index].as_py()))


def value_batch(
    columns: Sequence[Column], values: Sequence[Any], good: Any, bad: Sequence[BadRow] = ()
) -> Any:
    """One Arrow batch: the good rows, then one row for each bad one.

    Args:
        columns: what the values are.
        values: an Arrow array for each column.
        good: bool array: the rows that are good.
        bad: the bad rows.
    """
    if not good.all():
        keep = pa.array(good)
        values = [value.filter(keep) for value in values]
    count = len(values[0])
    if bad:
        values = [pa.concat_arrays([value, pa.nulls(len(bad), value.type)]) for value in values]
    arrays = [*values, bad_array(bad, count), pa.nulls(count + len(bad), pa.string())]
    return pa.record_batch(arrays, names=[*(column.name for column in columns), BAD, FATAL])
