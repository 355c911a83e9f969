"""Tables by a fixed seed, written a piece at a time; each in the formats that suites read."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from decimal import Decimal
from itertools import chain
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pcsv
import pyarrow.parquet as pq

from bench.inputs.folder import kept

# (random numbers, rows, rows of the whole file, number of the file)
Make = Callable[[np.random.Generator, int, int, int], pa.Table]
_PIECE = 1 << 20
_START = np.datetime64("2026-01-01", "us")
_MONTH_US = 30 * 86_400 * 1_000_000


def pairs(draw: np.random.Generator, rows: int, total: int, part: int) -> pa.Table:
    """``id string, value decimal(12,2)``: 100,000 keys, of which a few are frequent."""
    number = (draw.random(rows) ** 2 * 100_000).astype(np.int64)
    return pa.table({"id": _named("k", number), "value": _money(draw, rows)})


def series(draw: np.random.Generator, rows: int, total: int, part: int) -> pa.Table:
    """``timestamp, key string, value double``: 100 series over 30 days."""
    values = np.round(draw.normal(100, 25, rows), 3)
    key = _named("s", draw.integers(0, 100, rows))
    return pa.table({"timestamp": _times(draw, rows, part), "key": key, "value": values})


def events(draw: np.random.Generator, rows: int, total: int, part: int) -> pa.Table:
    """``user, time, kind, item, amount``: 20 events a user over 30 days; views, carts and purchases."""
    users = max(1, total // 20)
    kinds = pa.array(["view", "cart", "buy"]).take(pa.array(draw.choice(3, rows, p=[0.8, 0.13, 0.07])))
    return pa.table(
        {
            "user": _named("u", part * users + draw.integers(0, users, rows)),
            "time": _times(draw, rows, part),
            "kind": kinds,
            "item": _named("i", (draw.random(rows) ** 3 * 20_000).astype(np.int64)),
            "amount": _money(draw, rows),
        }
    )


def groups(draw: np.random.Generator, rows: int, total: int, part: int) -> pa.Table:
    """``id4 int, id5 int, v3 double`` with 100 x 100 groups, as the db-benchmark's G1 has."""
    keys = {name: draw.integers(1, 101, rows, np.int32) for name in ("id4", "id5")}
    return pa.table({**keys, "v3": draw.random(rows) * 100})


def parquet(make: Make, rows: int, part: int = 0) -> Path:
    """The table as one Parquet file of many row groups; another ``part`` has other users and times."""

    def write(path: Path) -> None:
        pieces = _pieces(make, rows, part)
        first = next(pieces)
        with pq.ParquetWriter(path, first.schema) as writer:
            for piece in chain([first], pieces):
                writer.write_table(piece, row_group_size=_PIECE // 4)

    return kept(f"{make.__name__}-{rows}-{part}.parquet", write)


def delta(make: Make, rows: int) -> Path:
    """The same rows as a Delta table."""

    def write(path: Path) -> None:
        from deltalake import write_deltalake

        file = pq.ParquetFile(parquet(make, rows))
        write_deltalake(str(path), pa.RecordBatchReader.from_batches(file.schema_arrow, file.iter_batches()))

    return kept(f"{make.__name__}-{rows}.delta", write)


def csv(make: Make, rows: int, *, quoted: bool = False) -> Path:
    """The same rows as CSV, every text and number in quotes or none."""

    def write(path: Path) -> None:
        options = pcsv.WriteOptions(quoting_style="all_valid" if quoted else "none", quoting_header="none")
        file = pq.ParquetFile(parquet(make, rows))
        with pcsv.CSVWriter(path, _texts(file.read_row_group(0)).schema, write_options=options) as writer:
            for number in range(file.num_row_groups):
                writer.write_table(_texts(file.read_row_group(number)))

    return kept(f"{make.__name__}-{rows}{'-quoted' if quoted else ''}.csv", write)


def jsonl(make: Make, rows: int) -> Path:
    """The same rows as JSON lines, numbers as numbers."""

    def write(path: Path) -> None:
        file = pq.ParquetFile(parquet(make, rows))
        with path.open("w", encoding="utf-8") as lines:
            for number in range(file.num_row_groups):
                lines.writelines(_objects(file.read_row_group(number)))

    return kept(f"{make.__name__}-{rows}.jsonl", write)


def _pieces(make: Make, rows: int, part: int) -> Iterator[pa.Table]:
    for number, start in enumerate(range(0, rows, _PIECE)):
        yield make(np.random.default_rng([2, part, number]), min(_PIECE, rows - start), rows, part)


def _named(letter: str, numbers: np.ndarray) -> pa.Array:
    return pc.binary_join_element_wise(letter, pc.cast(pa.array(numbers), pa.string()), "")


def _money(draw: np.random.Generator, rows: int) -> pa.Array:
    cents = pa.array(draw.integers(-999_999, 10_000_000, rows)).cast(pa.decimal128(19, 0))
    return pc.multiply(cents, pa.scalar(Decimal("0.01"))).cast(pa.decimal128(12, 2))


def _times(draw: np.random.Generator, rows: int, part: int) -> pa.Array:
    moments = _START + (part * _MONTH_US + draw.integers(0, _MONTH_US, rows)).astype("timedelta64[us]")
    return pa.array(moments, pa.timestamp("us", "UTC"))


def _texts(table: pa.Table) -> pa.Table:
    """Every column as the text that a file holds."""
    return pa.table({name: _text(table.column(name)) for name in table.column_names})


def _text(column: pa.ChunkedArray) -> pa.ChunkedArray:
    if pa.types.is_timestamp(column.type):
        return pc.strftime(column, "%Y-%m-%dT%H:%M:%SZ")
    return column.cast(pa.string())


def _objects(table: pa.Table) -> Iterator[str]:
    names = table.column_names
    bare = [not (pa.types.is_string(of) or pa.types.is_timestamp(of)) for of in table.schema.types]
    columns = [_text(table.column(name)).to_pylist() for name in names]
    shown = [
        values if is_bare else map(json.dumps, values) for values, is_bare in zip(columns, bare, strict=True)
    ]
    form = "{" + ",".join(f'"{name}":%s' for name in names) + "}\n"
    return (form % row for row in zip(*shown, strict=True))
