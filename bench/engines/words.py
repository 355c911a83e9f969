"""The word count in DuckDB and Polars."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from bench.engines import duck

WORD = r"[\p{L}\p{M}\p{Nd}]+(?:'[\p{L}\p{M}\p{Nd}]+)*"
_LINES = (
    "read_csv('{path}', columns={{'line': 'VARCHAR'}}, delim='\x01', quote='', escape='', "
    "header=false, auto_detect=false)"
)
_QUOTED_WORD = WORD.replace("'", "''")


def duckdb_same(connection: Any, path: Path, _: Path) -> Any:
    """Words by our definition."""
    return _counted(connection, path, f"regexp_extract_all(lower(line), '{_QUOTED_WORD}')")


def duckdb_spaces(connection: Any, path: Path, _: Path) -> Any:
    """What stands between spaces."""
    return _counted(connection, path, "string_split(line, ' ')")


def polars(_: Any, path: Path, __: Path) -> Any:
    """Words by our definition, in the streaming engine."""
    import polars as pl

    lines = pl.scan_csv(path, has_header=False, separator="\x01", quote_char=None, new_columns=["line"])
    listed = pl.col("line").str.to_lowercase().str.extract_all(WORD).alias("word")
    words = lines.select(listed).explode("word").drop_nulls()
    counts = words.group_by("word").agg(pl.len().cast(pl.Int64).alias("count"))
    return counts.collect(engine="streaming").to_arrow()


def _counted(connection: Any, path: Path, listed: str) -> Any:
    words = f"SELECT unnest({listed}) AS word FROM {_LINES.format(path=path)}"
    return duck.arrow(connection, f"SELECT word, count(*) AS count FROM ({words}) GROUP BY 1")
