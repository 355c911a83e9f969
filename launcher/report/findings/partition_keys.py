"""Settings that decide into how many tasks a stage is cut, and which of them a stage heeds. Pure."""

from __future__ import annotations

from launcher.advice.allocation.allocation_settings import version_of
from launcher.report.view.run_view import RunView
from launcher.report.view.stage_view import StageView

PARTITIONS, SPLIT = "spark.sql.shuffle.partitions", "spark.sql.files.maxPartitionBytes"
PARALLEL, AQE = "spark.default.parallelism", "spark.sql.adaptive.enabled"
# SPARK-33679
_ADAPTIVE_BY_DEFAULT = (3, 2)


def is_adaptive(view: RunView) -> bool:
    """Whether Spark changed plans while they ran, which its version decides where nobody did."""
    return view.is_on(AQE, default=version_of(view.trace.spark) >= _ADAPTIVE_BY_DEFAULT)


def without_sql(view: RunView, stage: StageView) -> bool:
    """Whether a stage is one of RDDs alone, which heed no setting of SQL: none of its jobs is of a query."""
    jobs = [job for job in view.trace.jobs if stage.stage.id in job.stages]
    return bool(jobs) and all(job.execution is None for job in jobs)


def more_tasks(view: RunView, stage: StageView) -> tuple[tuple[str, ...], str]:
    """The key by which a stage has more and smaller tasks, and what to do, to stand within a sentence.

    Without a key where the code alone decides, as of an RDD that reads files.
    """
    reads_alone = stage.total("read_bytes") and not stage.total("shuffle_read_bytes")
    if without_sql(view, stage):
        return ((), "repartition after the read") if reads_alone else ((PARALLEL,), f"raise {PARALLEL}")
    return ((SPLIT,), f"lower {SPLIT}") if reads_alone else ((PARTITIONS,), f"raise {PARTITIONS}")
