"""Whether two contestants' tables say the same: cell by cell, floats to a relative 1e-9.

Rows are sorted by their exact columns, then by their floats. A hash of rounded floats would not do: of
millions of numbers that differ in their last bit some lie on an edge of the rounding.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
from deltalake import DeltaTable

# Scores lie around 0, where no relative tolerance holds.
RELATIVE, ABSOLUTE = 1e-9, 1e-9
_INTEGERS = (pl.Int8, pl.Int16, pl.Int32, pl.UInt8, pl.UInt16, pl.UInt32, pl.UInt64)


def same_tables(ours: Path, theirs: Path, tables: Mapping[str, tuple[str, ...]]) -> bool:
    """Whether all the named tables in two folders agree in the named columns (``()`` means all)."""
    return all(
        same_rows(one, other)
        for name, columns in tables.items()
        for one, other in zip(_load(ours, name, columns), _load(theirs, name, columns), strict=True)
    )


def same_rows(one: pl.DataFrame, other: pl.DataFrame) -> bool:
    """Whether two frames of plain columns hold the same rows in any order. Pure."""
    names = sorted(one.columns)
    if names != sorted(other.columns) or one.height != other.height:
        return False
    floats = [name for name in names if one.schema[name].is_float()]
    exact = [name for name in names if name not in floats]
    order = [*exact, *floats]
    left, right = (frame.select(order).sort(order, nulls_last=True) for frame in (one, other))
    return left.select(exact).equals(right.select(exact)) and all(
        _near(left[name], right[name]) for name in floats
    )


def _near(left: pl.Series, right: pl.Series) -> bool:
    if not left.is_null().equals(right.is_null()):
        return False
    numbers = [side.fill_null(0.0).to_numpy() for side in (left, right)]
    return bool(np.allclose(*numbers, rtol=RELATIVE, atol=ABSOLUTE, equal_nan=True))


def _load(folder: Path, name: str, columns: Sequence[str]) -> list[pl.DataFrame]:
    """The table as frames of plain columns: a map column stands in a frame of its own."""
    file = folder / f"{name}.parquet"
    table = pq.read_table(file) if file.exists() else DeltaTable(str(folder / name)).to_pyarrow_table()
    rows = pl.DataFrame(_listed(table.select(list(columns) or table.column_names)))
    nested = [column for column, kind in rows.schema.items() if _is_map(kind)]
    plain = rows.drop(nested).with_columns(
        _plain(column, kind) for column, kind in rows.drop(nested).schema.items()
    )
    return [plain, *(_long(rows, column) for column in nested)]


def _listed(table: pa.Table) -> pa.Table:
    """Maps as lists of their entries, which every version of Polars knows."""
    for place, field in enumerate(table.schema):
        if pa.types.is_map(field.type):
            entry = pa.struct([("key", field.type.key_type), ("value", field.type.item_type)])
            table = table.set_column(place, field.name, table.column(place).cast(pa.list_(entry)))
    return table


def _is_map(kind: pl.DataType) -> bool:
    return isinstance(kind, pl.List) and isinstance(kind.inner, pl.Struct)


def _plain(name: str, kind: pl.DataType) -> pl.Expr:
    """Engines differ in widths of whole numbers and in how they write a time's zone."""
    column = pl.col(name)
    if isinstance(kind, pl.Decimal):
        return column.cast(pl.String)
    if isinstance(kind, pl.Datetime):
        return column.dt.cast_time_unit("us").dt.epoch("us")
    if isinstance(kind, pl.List):
        return column.list.join("\x1f")
    return column.cast(pl.Int64) if kind in _INTEGERS else column


def _long(rows: pl.DataFrame, name: str) -> pl.DataFrame:
    """One row an entry of the map, beside the first column, which tells the row."""
    entries = rows.select(pl.col(rows.columns[0]), pl.col(name)).explode(name).drop_nulls(name)
    return entries.unnest(name)
