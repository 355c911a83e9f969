"""The groups that a batch touches, computed again from the rows of their windows alone.

Medians and quantiles cannot be added up, so a group is made of its rows. They are found by the partitions of
the table of rows and by the statistics of its files, and the groups by those of their own: a batch costs as
much as its windows hold, however long the past is.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sparkjobs import paths
from sparkjobs.batch.analytics import SeriesParams, statistics, windowed
from sparkjobs.jvm import delta_table_exists
from sparkjobs.sql import quoted
from sparkjobs.streaming.job import GONE, Change
from sparkjobs.transforms.spans import DAY, Span, inside, merged, since, until, utc_day
from sparkjobs.transforms.windows import WINDOW_COLUMNS, seconds

if TYPE_CHECKING:
    from pyspark.sql import Column, DataFrame, SparkSession

    from sparkjobs.context import JobContext

START, END = WINDOW_COLUMNS
# So many windows are sent to every task; more are shuffled.
_MOST_SENT = 200_000


@dataclass(frozen=True)
class _Touched:
    """Keys with the start and the end of windows or sessions, and what is known of them.

    Attributes:
        frame: the keys, ``window_start`` and ``window_end``; kept in memory.
        spans: from when to when they last.
        starts: when they start.
        many: whether they are too many to be sent to every task.
    """

    frame: DataFrame
    spans: tuple[Span, ...]
    starts: tuple[Span, ...]
    many: bool


def changed_groups(context: JobContext, params: SeriesParams, new: DataFrame, output: str) -> Change:
    """The groups that a batch touches, and the sessions that became part of another one.

    Args:
        context: the batch's.
        params: keys, windows or sessions.
        new: the batch's rows.
        output: the folder of the tables ``rows``, which holds the batch, and ``groups``, which does not.
    """
    from pyspark.sql import functions as F

    keys = params.key_columns
    touched = _looked_at(windowed(new, params).select(*map(quoted, keys), START, END))
    before = table_of(context.spark, paths.child(output, "groups"))
    met = None
    if params.session_gap is not None and before is not None:
        met = _met(before, touched, keys)
        touched = _looked_at(touched.frame.unionByName(met))
    rows = table_of(context.spark, paths.child(output, "rows"))
    assert rows is not None
    near = rows.where(inside(touched.spans, quoted("timestamp"), DAY if DAY in rows.columns else None))
    found = statistics(_rows(near, touched, params), params, context).withColumn(GONE, F.lit(False))
    if met is not None:
        found = found.persist()
        gone = _without(met, found, (*keys, START)).withColumn(GONE, F.lit(True))
        found = found.unionByName(gone, allowMissingColumns=True)
    return Change(found, inside(touched.starts, f"t.{START}"))


def table_of(spark: SparkSession, path: str) -> DataFrame | None:
    """A table as it is now; ``None`` where there is none."""
    if not delta_table_exists(spark, paths.hadoop(path)):
        return None
    return spark.read.format("delta").load(paths.hadoop(path))


def _rows(rows: DataFrame, touched: _Touched, params: SeriesParams) -> DataFrame:
    """Each row of the touched windows or sessions, with its window."""
    from pyspark.sql import functions as F

    keys = params.key_columns
    if params.session_gap is None:
        spread, windows = windowed(rows, params), touched.frame.select(*_named((*keys, START)))
        return spread.join(_sent(windows, touched), _same(spread, (*keys, START)), "left_semi")
    last = F.unix_micros(END) - seconds(params.session_gap) * 1_000_000
    first = F.unix_micros(START).alias("first us")
    ranges = touched.frame.select(*_named(keys), first, last.alias("last us"))
    at = F.unix_micros("timestamp")
    within = [at >= F.col("`first us`"), at <= F.col("`last us`")]
    return windowed(rows.join(_sent(ranges, touched), [*_same(rows, keys), *within], "left_semi"), params)


def _met(groups: DataFrame, new: _Touched, keys: Sequence[str]) -> DataFrame:
    """The sessions with which new ones are one: no longer pause than the gap lies between them.

    A session ends by the gap after its last row, so a new row belongs to it that comes until then.
    """
    from pyspark.sql import functions as F

    near = " OR ".join(
        f"({since(END, span.first_us)} AND {until(START, span.last_us)})" for span in new.spans
    )
    sessions = new.frame.select(*_named(keys), F.col(START).alias("first"), F.col(END).alias("last"))
    meets = [F.col(START) <= F.col("last"), F.col(END) >= F.col("first")]
    before = groups.where(near or "false").select(*map(quoted, keys), START, END)
    return before.join(_sent(sessions, new), [*_same(before, keys), *meets], "left_semi")


def _looked_at(windows: DataFrame) -> _Touched:
    """Each window once; one pass tells from when to when those last that start on the same day."""
    from pyspark.sql import functions as F

    frame = windows.distinct().persist()
    start, end = F.unix_micros(START), F.unix_micros(END)
    days = (
        frame.groupBy(utc_day(F.col(START)).alias("day"))
        .agg(
            F.count(F.lit(1)).alias("windows"),
            F.min(start).alias("first"),
            F.max(start).alias("newest"),
            F.max(end).alias("last"),
        )
        .collect()
    )
    return _Touched(
        frame,
        merged(Span(row.first, row.last) for row in days),
        merged(Span(row.first, row.newest) for row in days),
        sum(row.windows for row in days) > _MOST_SENT,
    )


def _sent(windows: DataFrame, of: _Touched) -> DataFrame:
    from pyspark.sql import functions as F

    return windows if of.many else F.broadcast(windows)


def _without(rows: DataFrame, others: DataFrame, keys: Sequence[str]) -> DataFrame:
    return rows.join(others.select(*_named(keys)), _same(rows, keys), "left_anti")


def _named(keys: Sequence[str]) -> list[Column]:
    """Keys by names of their own, which no column of a user can have."""
    from pyspark.sql import functions as F

    return [F.col(quoted(key)).alias(f"key {i}") for i, key in enumerate(keys)]


def _same(rows: DataFrame, keys: Sequence[str]) -> list[Column]:
    """Equal keys; a null key is one."""
    from pyspark.sql import functions as F

    return [rows[quoted(key)].eqNullSafe(F.col(f"`key {i}`")) for i, key in enumerate(keys)]
