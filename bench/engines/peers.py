"""DuckDB and Polars, with as many threads as Spark has cores here."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

CORES = os.cpu_count() or 2
WORD = r"[\p{L}\p{M}\p{Nd}]+(?:'[\p{L}\p{M}\p{Nd}]+)*"
_LINES = (
    "read_csv('{path}', columns={{'line': 'VARCHAR'}}, delim='\x01', quote='', escape='', "
    "header=false, auto_detect=false)"
)
_STATISTICS = (
    "count(v3) AS count, sum(v3) AS sum, avg(v3) AS mean, median(v3) AS median, "
    "min(v3) AS min, max(v3) AS max, stddev_samp(v3) AS stddev"
)


def start_duckdb() -> Any:
    """A connection."""
    import duckdb

    return duckdb.connect(config={"threads": CORES})


def duckdb_words(expression: str) -> Callable[[Any, Path], Any]:
    """Count the words that an expression over ``line`` lists."""

    def query(connection: Any, path: Path) -> Any:
        lines = _LINES.format(path=path)
        words = f"SELECT unnest({expression}) AS word FROM {lines}"
        return connection.sql(f"SELECT word, count(*) AS count FROM ({words}) GROUP BY 1").to_arrow_table()

    return query


def duckdb_statistics(connection: Any, path: Path) -> Any:
    """The group-by with an exact median."""
    return connection.sql(f"SELECT id4, id5, {_STATISTICS} FROM '{path}' GROUP BY ALL").to_arrow_table()


def polars_words(_: Any, path: Path) -> Any:
    """Count words in the streaming engine."""
    import polars as pl

    lines = pl.scan_csv(path, has_header=False, separator="\x01", quote_char=None, new_columns=["line"])
    words = lines.select(pl.col("line").str.to_lowercase().str.extract_all(WORD).alias("word")).explode(
        "word"
    )
    counts = words.drop_nulls().group_by("word").agg(pl.len().cast(pl.Int64).alias("count"))
    return counts.collect(engine="streaming").to_arrow()


DUCKDB = {
    "same": duckdb_words("regexp_extract_all(lower(line), '" + WORD.replace("'", "''") + "')"),
    "spaces": duckdb_words("string_split(line, ' ')"),
    "statistics": duckdb_statistics,
}
