"""Exact median, quantiles and the usual statistics by group, several times as quick as Spark's own.

Spark's ``percentile`` keeps a hash map of every distinct number of a group. Here the Python workers
pack the numbers of a group into binary values, Spark shuffles and sorts those few rows (and spills
them to disk where they are many), and the workers sort each group's numbers where they lie.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Sequence
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from sparkjobs.errors import UsageError
from sparkjobs.sql import quoted
from sparkjobs.strategies import NATIVE, Strategy, strategy
from sparkjobs.transforms.native_statistics import by_group
from sparkjobs.worker_imports import forget_archives

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession
    from pyspark.sql.types import DataType

_LOG = logging.getLogger(__name__)

_BATCH_BYTES = "spark.sql.execution.arrow.maxBytesPerBatch"
# (BatchedPythonArrowInput asks the writer for its size after each row, but for Int.MaxValue.)
_UNMEASURED = str((1 << 31) - 1)  # this very value turns the measuring off
_MEASURES = ("count", "sum", "mean", "min", "max", "stddev")


def grouped_statistics(
    rows: DataFrame,
    keys: Sequence[str],
    value: str,
    quantiles: Sequence[float] = (),
    chosen: Strategy | None = None,
) -> DataFrame:
    """Exact statistics of a column for each group.

    The value is taken as a double. Nulls are not counted; a group of nulls has count 0 and nulls. NaN is
    the greatest number, and makes sum, mean and stddev NaN; infinities count as numbers. Quantiles
    and the median interpolate linearly between the two nearest numbers; stddev is that of a sample,
    null for a single number. A null key is a group.

    Args:
        rows: the table.
        keys: columns that make the groups; none makes one group of all rows.
        value: a numeric column.
        quantiles: each from 0 to 1.
        chosen: the way; where the kernel cannot be taken, the native one is, unless it was asked for by name.

    Returns:
        the keys, ``count, sum, mean, median, min, max, stddev`` and a column for each quantile, named
        by ``quantile_name``: one row a group.

    Raises:
        UsageError: a quantile outside 0 to 1, an output column that is named twice, a stream, whose rows
            are seen only once, or the kernel was asked for and cannot be had.
    """
    if rows.isStreaming:
        raise UsageError("statistics by group need the rows twice, a stream has them once", "Use a table.")
    names = [quantile_name(q) for q in quantiles]
    _check(keys, quantiles, names)
    chosen = chosen or strategy({}, "grouped_statistics")
    if chosen.way == NATIVE:
        return _native(rows, keys, value, quantiles)
    reason = _no_kernel(rows, keys)
    if reason is None:
        return _kernel(rows, keys, value, quantiles)
    if chosen.forced:
        raise UsageError(f"--strategy kernel: {reason}", "Leave it at auto, or ask for native.")
    _LOG.warning("exact median by Spark's percentile, several times slower: %s", reason)
    return _native(rows, keys, value, quantiles)


def quantile_name(quantile: float) -> str:
    """The output column of a quantile: ``q_25`` for 0.25, ``q_99_9`` for 0.999."""
    return "q_" + f"{quantile * 100:.10g}".replace(".", "_")


def _check(keys: Sequence[str], quantiles: Sequence[float], names: Sequence[str]) -> None:
    wrong = [q for q in quantiles if not 0 <= q <= 1]
    if wrong:
        raise UsageError(f"quantile {wrong[0]} is not between 0 and 1", "Write 0.95 for the 95th percentile.")
    columns = [*keys, *_MEASURES, "median", *names]
    twice = sorted({name for name in columns if columns.count(name) > 1})
    if twice:
        raise UsageError(f"statistics by group would have two columns named {twice[0]}", "Rename the key.")


def _no_kernel(rows: DataFrame, keys: Sequence[str]) -> str | None:
    """Why the kernel cannot be taken, or ``None``."""
    if not keys:
        return "there is no key to divide the work by"
    for key in keys:
        kind = rows.select(quoted(key)).schema[0].dataType
        if not _is_exact(kind):
            return f"key {key} is {kind.simpleString()}, whose equality is Spark's own affair"
    missing = next((name for name in ("numpy", "pyarrow") if find_spec(name) is None), None)
    return f"{missing} is not installed" if missing else None


def _is_exact(kind: DataType) -> bool:
    """Whether two keys are equal exactly when their bits are."""
    # Floats have two zeros and many NaN; a collation makes different strings equal.
    exact = (
        "boolean",
        "tinyint",
        "smallint",
        "int",
        "bigint",
        "date",
        "timestamp",
        "timestamp_ntz",
        "binary",
    )
    name = kind.simpleString()
    return name in exact or name == "string" or name.startswith("decimal(")


def _kernel(rows: DataFrame, keys: Sequence[str], value: str, quantiles: Sequence[float]) -> DataFrame:
    from pyspark.sql import functions as F
    from pyspark.sql.types import BinaryType, StructField, StructType

    _leave_batches_unmeasured(rows.sparkSession)
    plain_names = [f"k{i}" for i in range(len(keys))]
    narrow = rows.select(
        *[F.col(quoted(key)).alias(name) for key, name in zip(keys, plain_names, strict=True)],
        F.col(quoted(value)).cast("double").alias("value"),
    )
    key_fields = [StructField(field.name, field.dataType) for field in narrow.schema.fields[:-1]]
    packed = narrow.mapInArrow(
        _Pack(len(keys)), StructType([*key_fields, StructField("packed", BinaryType())])
    )
    # AQE may merge these partitions and splits none: OptimizeSkewInRebalancePartitions and local reads leave
    # REPARTITION_BY_COL alone.
    sorted_rows = packed.repartition(*plain_names).sortWithinPartitions(*plain_names)
    # The median is asked for as the first quantile.
    reduced = sorted_rows.mapInArrow(
        _Reduce(len(keys), (0.5, *quantiles)), StructType([*key_fields, *_measures(len(quantiles) + 1)])
    )
    columns_of_quantiles = [F.col(f"q{i + 1}").alias(quantile_name(q)) for i, q in enumerate(quantiles)]
    return reduced.select(
        *[F.col(name).alias(key) for name, key in zip(plain_names, keys, strict=True)],
        "count", "sum", "mean", F.col("q0").alias("median"), "min", "max", "stddev", *columns_of_quantiles,
    )  # fmt: skip


def _leave_batches_unmeasured(spark: SparkSession) -> None:
    """Spark adds a batch up anew after each row that goes to a worker: half of the whole work here.

    What is left bounds a batch as well, the number of its rows: keys and a number, or 8 KiB of packed
    numbers. Spark reads the setting when the tasks run, so it holds for the session; a limit that the
    application was started with stays.
    """
    if not spark.sparkContext.getConf().contains(_BATCH_BYTES):
        spark.conf.set(_BATCH_BYTES, _UNMEASURED)


def _measures(quantiles: int) -> list[Any]:
    from pyspark.sql.types import DoubleType, LongType, StructField

    names = [*_MEASURES[1:], *(f"q{i}" for i in range(quantiles))]
    return [StructField("count", LongType()), *(StructField(name, DoubleType()) for name in names)]


def _native(rows: DataFrame, keys: Sequence[str], value: str, quantiles: Sequence[float]) -> DataFrame:
    from pyspark.sql import functions as F

    found = by_group(rows, keys, value, (0.5, *quantiles))
    columns_of_quantiles = [
        F.col("quantiles")[i + 1].alias(quantile_name(q)) for i, q in enumerate(quantiles)
    ]
    return found.select(
        *[F.col(f"k{i}").alias(key) for i, key in enumerate(keys)],
        "count", "sum", "mean", F.col("quantiles")[0].alias("median"), "min", "max", "stddev",
        *columns_of_quantiles,
    )  # fmt: skip


class _Pack:
    """Runs in the workers before the shuffle."""

    def __init__(self, keys: int) -> None:
        self._keys = keys

    def __call__(self, batches: Iterable[Any]) -> Iterator[Any]:
        from sparkjobs.kernels.grouped import pack_batches

        yield from pack_batches(batches, self._keys)
        forget_archives()


class _Reduce:
    """Runs in the workers after the shuffle."""

    def __init__(self, keys: int, quantiles: Sequence[float]) -> None:
        self._keys = keys
        self._quantiles = tuple(quantiles)

    def __call__(self, batches: Iterable[Any]) -> Iterator[Any]:
        from sparkjobs.kernels.grouped import reduce_batches

        yield from reduce_batches(batches, self._keys, self._quantiles)
        forget_archives()
