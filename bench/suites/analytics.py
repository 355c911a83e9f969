"""``analytics``: derived columns, scores, description, groups."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from bench.engines.reading import Read
from bench.engines.spark import write
from bench.inputs import tables
from bench.model import Query
from bench.suites.beside_spark import Beside

_FLAGS = ("--key-columns", "key", "--window", "1 hour")
_TYPES = {"timestamp": "timestamp", "key": "string", "value": "double"}
_AIM = 1 / 1.1
# What the job derives by default.
_DERIVED = {
    "age": "value*10",
    "label": "value*2",
    "age2": "age*2",
    "label3": "label*3",
    "score": "age2*label3",
}


def plain(read: Read) -> Query:
    """The three tables by plain Spark, with its own mean, deviation and percentile."""

    def query(spark: Any, source: Path, output: Path) -> None:
        rows = _derived(read(spark, source))
        write(_scored(rows), output, "rows")
        write(_described(rows), output, "describe")
        write(_grouped(rows), output, "groups")

    return query


def _derived(rows: Any) -> Any:
    from pyspark.sql import functions as F

    for name, expression in _DERIVED.items():
        rows = rows.withColumn(name, F.expr(expression))
    return rows


def _scored(rows: Any) -> Any:
    from pyspark.sql import functions as F

    spread = rows.groupBy("key").agg(F.avg("value").alias("_mean"), F.stddev_pop("value").alias("_sd"))
    z = F.when(F.col("_sd") > 0, (F.col("value") - F.col("_mean")) / F.col("_sd"))
    scored = rows.join(spread, "key").withColumn("z", z).drop("_mean", "_sd")
    return scored.withColumn("outlier", F.coalesce(F.abs("z") > 3, F.lit(False)))


def _described(rows: Any) -> Any:
    from pyspark.sql import functions as F

    names = ("value", *_DERIVED)
    cells = [F.struct(F.lit(name).alias("column"), F.col(name).alias("x")) for name in names]
    long = rows.select(F.inline(F.array(*cells))).groupBy("column")
    found = long.agg(
        F.count("x").alias("count"), F.avg("x").alias("mean"), F.stddev("x").alias("stddev"),
        F.min("x").alias("min"), F.percentile("x", F.lit([0.25, 0.5, 0.75])).alias("p"),
        F.max("x").alias("max"),
    )  # fmt: skip
    quartiles = [F.col("p")[i].alias(name) for i, name in enumerate(("q25", "median", "q75"))]
    return found.select("column", "count", "mean", "stddev", "min", *quartiles, "max")


def _grouped(rows: Any) -> Any:
    from pyspark.sql import functions as F

    found = rows.groupBy("key", F.window("timestamp", "1 hour").alias("w")).agg(
        F.count("value").alias("count"), F.sum("value").alias("sum"), F.avg("value").alias("mean"),
        F.percentile("value", F.lit([0.25, 0.5, 0.75])).alias("p"), F.min("value").alias("min"),
        F.max("value").alias("max"), F.stddev("value").alias("stddev"),
    )  # fmt: skip
    quartiles = [F.col("p")[i].alias(name) for i, name in enumerate(("q_25", "median", "q_75"))]
    window = [F.col("w.start").alias("window_start"), F.col("w.end").alias("window_end")]
    return found.select("key", *window, "count", "sum", "mean", "min", "max", "stddev", *quartiles)


_TABLES: dict[str, tuple[str, ...]] = {"rows": (), "describe": (), "groups": ()}
_NOTE = "Each derives five columns, scores every row, describes six columns and groups by key and hour."

SUITES = Beside(
    job="analytics",
    flags=_FLAGS,
    plain=plain,
    types=_TYPES,
    content=tables.series,
    rows=lambda sizes: sizes.series_rows,
    text_rows=lambda sizes: sizes.series_text_rows,
    compared=_TABLES,
    aim=_AIM,
    note=_NOTE,
).suites()
