"""Sums by key over arriving rows: each batch's sums are added to the table, exactly."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sparkjobs.batch.sum_by_key import SumParams, check_sums, key_sums
from sparkjobs.errors import UsageError
from sparkjobs.ingest.intake import ROWS
from sparkjobs.ingest.typing import Column
from sparkjobs.streaming.event_time.params import need_time_column
from sparkjobs.streaming.job import StreamJob, StreamTable
from sparkjobs.streaming.params import StreamParams, check_stream

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

    from sparkjobs.streaming.context import StreamContext

_TIME = "time"


@dataclass(frozen=True)
class Params(SumParams, StreamParams):
    """Flags of ``sum_by_key_stream``."""


def each_batch(context: StreamContext, params: Params) -> Sequence[StreamTable]:
    """One table: KEY string, sum decimal(38,scale), count bigint, the totals over all batches."""
    sums = key_sums(_rows(context, params), params, context.most_rows())
    keys = (params.key_name,)
    return [StreamTable("sums", lambda: sums, "add", keys=keys, sums=("sum", "count"), at_root=True)]


def _rows(context: StreamContext, params: Params) -> DataFrame:
    from pyspark.sql import functions as F

    if params.watermark is None:
        return context.read_sums(*params.columns)
    time = Column(_TIME, "timestamp", source=params.time_column)
    rows = context.read_rows([*params.columns, time], time=_TIME)
    return rows.withColumn(ROWS, F.lit(1).cast("bigint"))


def _check(params: Params) -> None:
    check_sums(params)
    need_time_column(params)
    if params.time_column in (params.key_column, params.value_column):
        raise UsageError(
            f"--time-column {params.time_column} is the column of the key or the value as well",
            "Name the column of the time.",
        )
    check_stream(params, JOB.default_format)


JOB = StreamJob(
    name="sum_by_key_stream",
    summary="Sum the values of each key as rows arrive, in exact decimals.",
    params=Params,
    each_batch=each_batch,
    state=("sums: sum and count added up by key",),
    check=_check,
)
