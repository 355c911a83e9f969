"""Time-series analytics over arriving rows: derived rows appended, the groups of a batch made anew."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from sparkjobs import paths
from sparkjobs.batch.analytics import SeriesParams, between, check_series, groups
from sparkjobs.errors import UsageError
from sparkjobs.streaming.job import Change, StreamJob, StreamTable
from sparkjobs.streaming.params import StreamParams, check_stream, not_here
from sparkjobs.streaming.settings import ONE_TASK_ROWS
from sparkjobs.streaming.touched import START, changed_groups, table_of
from sparkjobs.transforms import derive
from sparkjobs.transforms.spans import DAY, utc_day

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

    from sparkjobs.streaming.context import StreamContext

_WHOLE = "needs the whole series, which a stream never has; use the batch job analytics"
_TIME = "timestamp"


@dataclass(frozen=True)
class Params(SeriesParams, StreamParams):
    """Flags of ``analytics_stream``."""

    describe: bool = not_here(False, f"describe {_WHOLE}")
    z: bool = not_here(False, f"z {_WHOLE}")
    ddof: int | None = not_here(None, f"z {_WHOLE}")
    outliers: str | None = not_here(None, f"outlier {_WHOLE}")
    outlier_limit: float | None = not_here(None, f"outlier {_WHOLE}")

    @property
    def series(self) -> Params:
        """The same with ``--time-column`` as the column of the time."""
        return self if self.time_column is None else replace(self, timestamp_column=self.time_column)


def each_batch(context: StreamContext, params: Params) -> Sequence[StreamTable]:
    """Tables ``rows`` (appended) and ``groups`` (of all rows so far)."""
    series = params.series
    rows = between(context.read_rows(series.columns, time=_TIME), series)
    if context.rows_in_time <= ONE_TASK_ROWS:
        # Within one partition nothing is shuffled, neither for windows nor for what is distinct.
        rows = rows.coalesce(1)
    derived = derive.derive(rows, derive.parse_derivations(series.derive))
    if params.windowed is None:
        context.warn("without --window or --session-gap groups are computed from all rows after each batch")
        return _all_rows(context, series, derived)
    return _by_day(context, series, derived)


def _by_day(context: StreamContext, params: Params, derived: DataFrame) -> Sequence[StreamTable]:
    from pyspark.sql import functions as F

    def changed() -> Change:
        return changed_groups(context, params, derived, params.output)

    # A session keeps its start where its end moves.
    keys = (*params.key_columns, START)
    groups_table = StreamTable("groups", changed, "merge", keys=keys, whole=_groups_of_all(context, params))
    so_far = table_of(context.spark, paths.child(params.output, "rows"))
    if so_far is not None and DAY not in so_far.columns:  # as version 0.1.0 made it
        return [StreamTable("rows", lambda: derived, "append"), groups_table]
    dated = derived.withColumn(DAY, utc_day(F.col(_TIME)))
    if context.rows_in_time > ONE_TASK_ROWS:
        # A file for each day and not one for each day and task; one task writes no more anyway.
        dated = dated.hint("rebalance", F.col(DAY))
    return [StreamTable("rows", lambda: dated, "append", partition_by=(DAY,)), groups_table]


def _all_rows(context: StreamContext, params: Params, derived: DataFrame) -> Sequence[StreamTable]:
    return [
        StreamTable("rows", lambda: derived, "append"),
        StreamTable("groups", _groups_of_all(context, params), "complete"),
    ]


def _groups_of_all(context: StreamContext, params: Params) -> Callable[[], DataFrame]:
    def all_groups() -> DataFrame:
        so_far = table_of(context.spark, paths.child(params.output, "rows"))
        assert so_far is not None
        return groups(so_far, params, context)

    return all_groups


def _check(params: Params) -> None:
    own = SeriesParams.__dataclass_fields__["timestamp_column"].default
    if params.time_column is not None and params.timestamp_column not in (own, params.time_column):
        raise UsageError(
            f"--time-column {params.time_column} and --timestamp-column {params.timestamp_column} differ",
            "A row has one time: leave one of them out.",
        )
    check_series(params.series)
    for flag, names in (
        ("--key-columns", params.key_columns),
        ("--derive", [item.name for item in derive.parse_derivations(params.derive)]),
    ):
        if params.windowed is not None and DAY in [name.lower() for name in names]:
            raise UsageError(f"{flag} {DAY}: the output has a column of that name", "Choose another.")
    check_stream(params, JOB.default_format)


JOB = StreamJob(
    name="analytics_stream",
    summary="Derive columns from a time series as it arrives, and keep its groups by key and window.",
    params=Params,
    each_batch=each_batch,
    state=("groups: computed from all rows",),
    tables=("rows", "groups"),
    check=_check,
)
