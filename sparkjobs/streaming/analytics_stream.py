"""Time-series analytics over arriving files: derived rows appended, groups complete after each batch."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sparkjobs import paths
from sparkjobs.batch.analytics import SeriesParams, between, check_series, groups
from sparkjobs.streaming.job import StreamJob, StreamTable
from sparkjobs.streaming.params import StreamParams, check_stream, not_here
from sparkjobs.transforms import derive

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

    from sparkjobs.context import JobContext

_WHOLE = "needs the whole series, which a stream never has; use the batch job analytics"


@dataclass(frozen=True)
class Params(SeriesParams, StreamParams):
    """Flags of ``analytics_stream``."""

    describe: bool = not_here(False, f"describe {_WHOLE}")
    z: bool = not_here(False, f"z {_WHOLE}")
    ddof: int | None = not_here(None, f"z {_WHOLE}")
    outliers: str | None = not_here(None, f"outlier {_WHOLE}")
    outlier_limit: float | None = not_here(None, f"outlier {_WHOLE}")


def each_batch(context: JobContext, params: Params) -> Sequence[StreamTable]:
    """Tables ``rows`` (appended) and ``groups`` (of all rows so far)."""
    rows = between(context.read_rows(params.columns), params)
    derived = derive.derive(rows, derive.parse_derivations(params.derive))

    def all_groups() -> DataFrame:
        so_far = context.spark.read.format("delta").load(paths.hadoop(paths.child(params.output, "rows")))
        return groups(so_far, params, context)

    return [
        StreamTable("rows", lambda: derived, "append"),
        StreamTable("groups", all_groups, "complete"),
    ]


def _check(params: Params) -> None:
    check_series(params)
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
