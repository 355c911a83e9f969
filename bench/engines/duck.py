"""DuckDB, with as many threads as Spark has cores here."""

from __future__ import annotations

from typing import Any

from bench.engines.spark import CORES


def start() -> Any:
    """A connection."""
    import duckdb

    return duckdb.connect(config={"threads": CORES})


def arrow(connection: Any, query: str) -> Any:
    """The result of a query as an Arrow table."""
    return connection.sql(query).to_arrow_table()
