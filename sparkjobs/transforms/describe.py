"""What a table's numbers look like: one row a column, quartiles exact (linear interpolation)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from sparkjobs.sql import quoted
from sparkjobs.strategies import NATIVE, Strategy
from sparkjobs.transforms.exact_median import grouped_statistics
from sparkjobs.transforms.native_statistics import by_column

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

NUMERIC = ("tinyint", "smallint", "int", "bigint", "float", "double", "decimal")
_QUARTILES = (0.25, 0.75)


def numeric_columns(rows: DataFrame) -> tuple[str, ...]:
    """The columns that hold numbers."""
    return tuple(name for name, kind in rows.dtypes if kind.partition("(")[0] in NUMERIC)


def describe(rows: DataFrame, columns: Sequence[str], chosen: Strategy) -> DataFrame:
    """``column, count, mean, stddev (sample), min, q25, median, q75, max`` of the columns, one row each."""
    return _native(rows, columns) if chosen.way == NATIVE else _kernel(rows, columns, chosen)


def _native(rows: DataFrame, columns: Sequence[str]) -> DataFrame:
    from pyspark.sql import functions as F

    at = [F.col("quantiles")[i].alias(name) for i, name in enumerate(("q25", "median", "q75"))]
    found = by_column(rows, columns, (_QUARTILES[0], 0.5, _QUARTILES[1]))
    return found.select("column", "count", "mean", "stddev", "min", *at, "max")


def _kernel(rows: DataFrame, columns: Sequence[str], chosen: Strategy) -> DataFrame:
    from pyspark.sql import functions as F

    # One long table, so that one pass and one kernel serve all columns.
    cells = [
        F.struct(F.lit(name).alias("column"), F.col(quoted(name)).cast("double").alias("x"))
        for name in columns
    ]
    long = rows.select(F.inline(F.array(*cells)))
    statistics = grouped_statistics(long, ["column"], "x", _QUARTILES, chosen)
    return statistics.select(
        "column", "count", "mean", "stddev", "min", F.col("q_25").alias("q25"), "median",
        F.col("q_75").alias("q75"), "max",
    )  # fmt: skip
