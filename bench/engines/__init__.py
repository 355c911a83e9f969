"""The engines: how each is started in its own process, and how it is made quiet between two runs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from bench.engines import duck, spark


def _nothing() -> None:
    return None


# Ours and plain Spark have the same session, each in a process of its own.
ENGINES: Mapping[str, Callable[[], Any]] = {
    "ours": spark.start,
    "spark": spark.start,
    "duckdb": duck.start,
    "polars": _nothing,
    "scikit-learn": _nothing,
}


def settle(session: Any) -> None:
    """Before a run: forget what the run before it kept, outside the measured time."""
    if hasattr(session, "catalog"):
        spark.settle(session)
