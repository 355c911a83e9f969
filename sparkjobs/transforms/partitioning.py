"""A partition number for each row: by hash, by range or at random, the same again when a task is retried."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sparkjobs.sql import quoted

if TYPE_CHECKING:
    from pyspark.sql import Column, DataFrame

PARTITION = "partition_id"
# Rows, or different keys, that the bounds of ranges are made from.
SAMPLE = 100_000
# Names with a space, which no column has that Delta can write: one of the input would be replaced and then
# dropped.
_CONTENT, _NUMBER, _KEY, _BOUNDS = "the content", "the number", "the key", "the bounds"


@dataclass(frozen=True)
class Assigned:
    """Rows with their partition number; for ranges also one row with their bounds, an array."""

    rows: DataFrame
    bounds: DataFrame | None = None


def by_hash(rows: DataFrame, columns: Sequence[str], partitions: int) -> Assigned:
    """``pmod(xxhash64(columns), partitions)``: equal keys stand together."""
    from pyspark.sql import functions as F

    key = F.xxhash64(*[_comparable(rows, name) for name in columns])
    return Assigned(rows.withColumn(PARTITION, _modulo(key, partitions)))


def by_random(rows: DataFrame, partitions: int, seed: int) -> Assigned:
    """A hash of the row's content, the seed and its number among equal rows.

    ``rand()`` would give a retried task other numbers, and rows would be lost or doubled. Equal rows are
    numbered, so that they spread as well; which of them has which number makes no difference.
    """
    from pyspark.sql import Window
    from pyspark.sql import functions as F

    values = [_comparable(rows, name) for name in rows.columns]
    content = F.xxhash64(F.lit(seed), *values)
    # Ordered by the values too: two rows with one hash must not swap their numbers in a retry.
    number = F.row_number().over(Window.partitionBy(_CONTENT).orderBy(*values))
    spread = rows.withColumn(_CONTENT, content).withColumn(_NUMBER, number)
    placed = spread.withColumn(PARTITION, _modulo(F.xxhash64(_CONTENT, _NUMBER), partitions))
    return Assigned(placed.drop(_CONTENT, _NUMBER))


def by_range(rows: DataFrame, columns: Sequence[str], partitions: int, count: int) -> Assigned:
    """Ranges of the key with about equal numbers of rows: partition p holds bounds[p-1] < key <= bounds[p].

    Args:
        rows: the table.
        columns: the key; nulls come first, as Spark orders them.
        partitions: how many ranges.
        count: rows of the table.
    """
    from pyspark.sql import functions as F

    keyed = rows.withColumn(_KEY, F.struct(*[F.col(quoted(name)) for name in columns]))
    bounds = quantile_bounds(keyed.select(_KEY), partitions, count).persist()
    found = F.expr(search_expression(quoted(_KEY), quoted(_BOUNDS), 0, partitions - 1)).cast("int")
    placed = keyed.crossJoin(F.broadcast(bounds)).withColumn(PARTITION, found)
    return Assigned(placed.drop(_KEY, _BOUNDS), bounds)


def quantile_bounds(keys: DataFrame, partitions: int, count: int) -> DataFrame:
    """One row with ``_BOUNDS``: the keys at 1/partitions, 2/partitions, ... of all rows.

    Exact up to ``SAMPLE`` rows. Beyond, keys with many rows are all kept, and of the others those whose
    hash falls into one of ``count / SAMPLE`` classes, weighted to stand for the rest: the same input has
    the same bounds however it is partitioned.

    Args:
        keys: the column ``_KEY``.
        partitions: how many ranges.
        count: rows of ``keys``.
    """
    from pyspark.sql import Window
    from pyspark.sql import functions as F

    classes = max(1, -(-count // SAMPLE))
    weighed = keys.groupBy(_KEY).agg(F.count(F.lit(1)).alias("_weight"))
    heavy = F.col("_weight") >= classes
    chosen = weighed.where(heavy | (F.pmod(F.xxhash64(_KEY), F.lit(classes)) == 0)).withColumn(
        "_weight", F.when(heavy, F.col("_weight")).otherwise(F.col("_weight") * classes)
    )
    # A constant key: one task orders the sample, and Spark need not warn of it.
    everything = Window.partitionBy(F.lit(0))
    # Each key stands there once, so rows say what the usual range says; RAPIDS has no range over a struct.
    running = F.sum("_weight").over(everything.orderBy(_KEY).rowsBetween(Window.unboundedPreceding, 0))
    summed = chosen.withColumn("_until", running).withColumn("_all", F.sum("_weight").over(everything))
    # The quantiles i / partitions that fall on a key: (until - weight) < i * all / partitions <= until.
    first = F.expr(f"(_until - _weight) * {partitions} div _all + 1")
    last = F.expr(f"least({partitions - 1}, _until * {partitions} div _all)")
    hit = summed.withColumn("_first", first).withColumn("_last", last).where("_first <= _last")
    numbered = hit.select(F.explode(F.sequence("_first", "_last")).alias("number"), _KEY)
    listed = F.sort_array(F.collect_list(F.struct("number", _KEY)))
    return numbered.agg(F.transform(listed, lambda item: item[_KEY]).alias(_BOUNDS))


def search_expression(key: str, bounds: str, first: int, last: int) -> str:
    """SQL for the number of bounds below the key: a binary search written out as nested ``if``. Pure.

    Args:
        key: column of the key.
        bounds: column with the sorted array.
        first: index of the first bound to look at.
        last: index after the last.
    """
    if first == last:
        return str(first)
    middle = (first + last) // 2
    below = search_expression(key, bounds, first, middle)
    above = search_expression(key, bounds, middle + 1, last)
    return f"if({key} <= {bounds}[{middle}], {below}, {above})"


def bounds_as_text(bounds: DataFrame, columns: Sequence[str]) -> list[str]:
    """The bounds for people: the value of one column, or a JSON object of several."""
    from pyspark.sql import functions as F

    # The default pattern would cut microseconds off.
    options = {"timestampFormat": "yyyy-MM-dd'T'HH:mm:ss.SSSSSSXXX"}

    def text(key: Column) -> Column:
        return key[columns[0]].cast("string") if len(columns) == 1 else F.to_json(key, options)

    row = bounds.select(F.transform(_BOUNDS, text).alias("text")).first()
    return [] if row is None else list(row.text)


def _modulo(value: Column, partitions: int) -> Column:
    from pyspark.sql import functions as F

    return F.pmod(value, F.lit(partitions)).cast("int")


def _comparable(rows: DataFrame, name: str) -> Column:
    """The column itself, or its JSON where Spark can neither hash nor order its type."""
    from pyspark.sql import functions as F

    kind = dict(rows.dtypes)[name]
    column = F.col(quoted(name))
    # (HASH_MAP_TYPE; maps have no order either.)
    return F.to_json(column) if "map<" in kind or "variant" in kind else column
