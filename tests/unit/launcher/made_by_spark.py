"""Tables whose files look as Spark writes them, which delta-rs' own writer cannot be told to do."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from deltalake import DeltaTable, write_deltalake
from deltalake.transaction import AddAction


def add_file(
    table: Path,
    rows: pa.Table,
    *,
    int96: bool = True,
    partition: Mapping[str, str | None] | None = None,
    folder: str = "",
    metadata: Mapping[str, str] | None = None,
    stats: Mapping[str, Any] | None = None,
    partition_by: Sequence[str] = (),
) -> str:
    """Commit one Parquet file; the table is made with the rows' columns where there is none."""
    if not (table / "_delta_log").exists():
        write_deltalake(str(table), _whole(rows, partition_by).slice(0, 0), partition_by=list(partition_by))
    number = len(list(table.rglob("*.parquet")))
    name = f"{folder}/" * bool(folder) + f"part-{number:05}-0-c000.snappy.parquet"
    (table / name).parent.mkdir(parents=True, exist_ok=True)
    told = {"org.apache.spark.version": "4.0.4", **(metadata or {})}
    with pq.ParquetWriter(
        table / name, rows.schema, use_deprecated_int96_timestamps=int96, store_schema=False
    ) as writer:
        writer.write_table(rows)
        writer.add_key_value_metadata(told)
    known = {"numRecords": rows.num_rows, **(stats or {})}
    size = (table / name).stat().st_size
    add = AddAction(name, size, partition or {}, 1_700_000_000_000, True, json.dumps(known))
    opened = DeltaTable(str(table))
    opened.create_write_transaction([add], "append", opened.schema(), partition_by=list(partition_by))
    return name


def _whole(rows: pa.Table, partition_by: Sequence[str]) -> pa.Table:
    for name in partition_by:
        rows = rows.append_column(name, pa.nulls(rows.num_rows, pa.string()))
    return rows
