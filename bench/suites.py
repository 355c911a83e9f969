"""What is compared: the contestants of each suite, ours first, and what the aims are."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.engines import peers, spark

Query = Callable[[Any, Path], Any]


@dataclass(frozen=True)
class Contestant:
    """An engine and its query.

    Attributes:
        same_result: its result must equal ours; a split on spaces counts other words.
        sample_only: too slow for the whole data: it reads the sample, and rates are compared.
        aim: our rate over this peer's that the project wants, for the started engine.
    """

    start: Callable[[], Any]
    query: Query
    same_result: bool = True
    sample_only: bool = False
    aim: float | None = None


def _nothing() -> None:
    return None


WORDCOUNT: Mapping[str, Contestant] = {
    "ours": Contestant(spark.start, spark.our_words),
    "duckdb": Contestant(peers.start_duckdb, peers.DUCKDB["same"], aim=1.5),
    "duckdb-spaces": Contestant(peers.start_duckdb, peers.DUCKDB["spaces"], same_result=False, aim=0.6),
    "polars": Contestant(_nothing, peers.polars_words),
    "spark-sql": Contestant(spark.start, spark.sql_words, aim=3.0),
    "spark-sql-spaces": Contestant(spark.start, spark.sql_spaces, same_result=False),
    "spark-rdd": Contestant(spark.start, spark.rdd_words, sample_only=True),
}
ANALYTICS: Mapping[str, Contestant] = {
    "ours": Contestant(spark.start, spark.our_statistics),
    "duckdb": Contestant(peers.start_duckdb, peers.DUCKDB["statistics"], aim=1 / 8),
    "spark-sql": Contestant(spark.start, spark.sql_statistics),
}
SUITES: Mapping[str, Mapping[str, Contestant]] = {"wordcount": WORDCOUNT, "analytics": ANALYTICS}
