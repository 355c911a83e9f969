"""The group-by with an exact median that ``analytics`` is built on, alone."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

from bench.engines import duck
from bench.inputs import tables
from bench.model import Contestant, Suite
from bench.suites.sum_by_key import inputs_of

_STATISTICS = (
    "count(v3) AS count, sum(v3) AS sum, avg(v3) AS mean, median(v3) AS median, "
    "min(v3) AS min, max(v3) AS max, stddev_samp(v3) AS stddev"
)


def ours(spark: Any, path: Path, _: Path) -> Any:
    """Our transform."""
    from sparkjobs.transforms.exact_median import grouped_statistics

    return grouped_statistics(spark.read.parquet(str(path)), ["id4", "id5"], "v3").toArrow()


def plain(spark: Any, path: Path, _: Path) -> Any:
    """Spark's own aggregate functions."""
    from pyspark.sql import functions as F

    names = {"sum": F.sum, "mean": F.avg, "median": F.median, "min": F.min, "max": F.max, "stddev": F.stddev}
    measures = [function("v3").alias(name) for name, function in names.items()]
    rows = spark.read.parquet(str(path))
    return rows.groupBy("id4", "id5").agg(F.count("v3").alias("count"), *measures).toArrow()


def duckdb(connection: Any, path: Path, _: Path) -> Any:
    """DuckDB's."""
    return duck.arrow(connection, f"SELECT id4, id5, {_STATISTICS} FROM '{path}' GROUP BY ALL")


SUITES = {
    "analytics-kernel": Suite(
        title="Group-by with exact median",
        job="analytics-kernel",
        inputs=inputs_of(partial(tables.parquet, tables.groups), lambda sizes: sizes.group_rows),
        contestants={
            "ours": Contestant("ours", ours),
            "duckdb": Contestant("duckdb", duckdb, aim=1 / 4),
            "spark-sql": Contestant("spark", plain),
        },
        fresh=True,
    )
}
