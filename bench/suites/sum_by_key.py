"""``sum_by_key``: exact sums by key, from every format."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from bench.engines import duck
from bench.engines.jobs import job
from bench.engines.reading import Read, failfast, strict, table
from bench.engines.spark import write
from bench.inputs import tables
from bench.model import Contestant, Inputs, Query, Sizes, Suite

TYPES = {"id": "string", "value": "decimal(38,9)"}
# 1.05 times the bare query's time at most, as a ratio of rates.
_TABLE_AIM, _TEXT_AIM = 1 / 1.05, 1.3
_DUCK_CSV = (
    "read_csv('{}', header=true, auto_detect=false, delim=',', quote='\"', escape='\"', "
    "columns={{'id': 'VARCHAR', 'value': 'DECIMAL(38,9)'}})"
)
_DUCK_JSON = "read_json('{}', format='newline_delimited', columns={{id: 'VARCHAR', value: 'DECIMAL(38,9)'}})"


def plain(read: Read) -> Query:
    """The sums by plain Spark, written as the same Delta table."""

    def query(spark: Any, source: Path, output: Path) -> None:
        from pyspark.sql import functions as F

        rows = read(spark, source).select("id", F.col("value").cast("decimal(38,9)").alias("value"))
        total = F.sum("value").cast("decimal(38,9)").alias("sum")
        write(rows.groupBy("id").agg(total, F.count("value").alias("count")), output, "sums")

    return query


def duckdb(source_of: str) -> Query:
    """The sums by DuckDB, which leaves them in memory."""

    def query(connection: Any, source: Path, _: Path) -> Any:
        rows = source_of.format(source)
        total = "sum(value::DECIMAL(38,9))::DECIMAL(38,9) AS sum"
        return duck.arrow(connection, f"SELECT id, {total}, count(value) AS count FROM {rows} GROUP BY id")

    return query


def inputs_of(make: Callable[[int], Path], rows: Callable[[Sizes], int]) -> Callable[[Sizes], Inputs]:
    """The data of so many rows, and the sample."""
    return lambda sizes: Inputs(make(rows(sizes)), make(int(rows(sizes) * sizes.sample)))


def _suite(
    title: str,
    kind: str,
    make: Callable[[int], Path],
    rows: Callable[[Sizes], int],
    peers: dict[str, Contestant],
) -> Suite:
    ours = job("sum_by_key", "--format", kind, table="sums")
    return Suite(
        title=f"sum_by_key, {title}",
        job="sum_by_key",
        inputs=inputs_of(make, rows),
        contestants={"ours": Contestant("ours", ours), **peers},
        tables={"sums": ()},
    )


def _of_table(kind: str) -> dict[str, Contestant]:
    found = {"spark": Contestant("spark", plain(table(kind)), aim=_TABLE_AIM)}
    if kind == "parquet":
        found["duckdb"] = Contestant("duckdb", duckdb("'{}'"))
    return found


def _of_text(kind: str, duck_source: str) -> dict[str, Contestant]:
    return {
        "spark-failfast": Contestant("spark", plain(failfast(kind, TYPES)), aim=_TEXT_AIM),
        "spark-strict": Contestant("spark", plain(strict(kind, TYPES)), aim=_TEXT_AIM),
        "duckdb": Contestant("duckdb", duckdb(duck_source)),
    }


def _rows(sizes: Sizes) -> int:
    return sizes.rows


def text_rows(sizes: Sizes) -> int:
    """Rows of CSV and of JSON lines."""
    return sizes.text_rows


csv_file = partial(tables.csv, tables.pairs)
quoted_file = partial(tables.csv, tables.pairs, quoted=True)
jsonl_file = partial(tables.jsonl, tables.pairs)

SUITES = {
    "sum_by_key-parquet": _suite(
        "Parquet", "parquet", partial(tables.parquet, tables.pairs), _rows, _of_table("parquet")
    ),
    "sum_by_key-delta": _suite(
        "Delta", "delta", partial(tables.delta, tables.pairs), _rows, _of_table("delta")
    ),
    "sum_by_key-csv": _suite("CSV", "csv", csv_file, text_rows, _of_text("csv", _DUCK_CSV)),
    "sum_by_key-csv-quoted": _suite(
        "CSV with quotes", "csv", quoted_file, text_rows, _of_text("csv", _DUCK_CSV)
    ),
    "sum_by_key-jsonl": _suite("JSON lines", "jsonl", jsonl_file, text_rows, _of_text("json", _DUCK_JSON)),
}
