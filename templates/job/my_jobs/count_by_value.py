"""How often each value of a column occurs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sparkjobs.checks import at_least
from sparkjobs.ingest.typing import Column
from sparkjobs.job import BatchParams, Job, OutputTable
from sparkjobs.params import param

if TYPE_CHECKING:
    from sparkjobs.context import JobContext


@dataclass(frozen=True)
class Params(BatchParams):
    """Each field is a flag: ``--column``, ``--min-count``. The common flags come from ``BatchParams``."""

    column: str = param(help="column whose values are counted")
    min_count: int = param(1, help="leave out values that occur less often", check=at_least(1))


def run(context: JobContext, params: Params) -> Sequence[OutputTable]:
    """One table: value string, count bigint."""
    # Import pyspark inside functions only: jobs are listed without it.
    from pyspark.sql import functions as F

    rows = context.read_rows([Column("value", "string", source=params.column)])
    counts = rows.groupBy("value").agg(F.count("*").alias("count"))
    kept = counts.where(F.col("count") >= params.min_count)
    return [OutputTable("counts", kept, keys=("value",), at_root=True)]


JOB = Job(
    name="count_by_value",
    summary="Count how often each value of a column occurs.",
    params=Params,
    run=run,
)
