"""More tasks than the work is worth."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from launcher.advice.allocation.allocation_settings import version_of
from launcher.report.findings.loss import Loss, alike, named, seconds_text
from launcher.report.findings.partition_keys import AQE, PARALLEL, PARTITIONS, SPLIT, is_adaptive, without_sql
from launcher.report.view.run_view import RunView
from launcher.report.view.stage_view import StageView

# A task of a second hides its fixed cost; below a fifth of that it is mostly fixed cost.
GOOD_MS, SMALL_MS = 1000, 200
LEAST_TASKS, LEAST_ROUNDS = 40, 4
LISTING = "spark.sql.sources.parallelPartitionDiscovery.parallelism"
COALESCE = "spark.sql.adaptive.coalescePartitions.parallelismFirst"
COALESCE_SINCE = (3, 2)


def small_tasks(view: RunView, stages: Sequence[StageView]) -> Iterator[Loss]:
    """Seconds lost: (tasks - tasks of a second that would do, at least one a slot) x the fixed cost of one
    (the tenth part of them that is shortest), by the slots; stage by stage.
    """
    small = [stage for stage in stages if _is_small(stage)]
    if not small:
        return
    stage = max(small, key=_lost_s)
    lost, would_do = sum(map(_lost_s, small)), round(_would_do(stage))
    message = (
        f"{named(stage.stage)} has {len(stage.rows):,} tasks of {round(_median(stage))} ms (median) in "
        f"{seconds_text(stage.seconds)}; {would_do:,} would do{alike(len(small) - 1)}"
    )
    if not stage.total("read_bytes") and not stage.total("shuffle_read_bytes"):
        yield Loss("small-tasks", lost, *_without_input(view, stage, message))
        return
    reads = stage.total("read_bytes") > stage.total("shuffle_read_bytes")
    if without_sql(view, stage):
        yield Loss("small-tasks", lost, *_of_rdd(reads, would_do, message))
        return
    if reads:
        fix = f"Raise {SPLIT}, or merge the small input files."
        yield Loss("small-tasks", lost, (SPLIT, "spark.sql.files.openCostInBytes"), message, fix)
        return
    key, value = (COALESCE, "false") if is_adaptive(view) else (AQE, "true")
    if key == COALESCE and version_of(view.trace.spark) < COALESCE_SINCE:
        yield Loss("small-tasks", lost, (PARTITIONS,), message, f"Set {PARTITIONS}={would_do}.")
        return
    fix = f"Set {PARTITIONS}={would_do}, or {key}={value} so that Spark itself joins small partitions."
    yield Loss("small-tasks", lost, (PARTITIONS, key), message, fix)


def _without_input(view: RunView, stage: StageView, message: str) -> tuple[tuple[str, ...], str, str]:
    if without_sql(view, stage):
        return (PARALLEL,), message, f"Give its source fewer partitions, or lower {PARALLEL}."
    fix = f"Give its source fewer partitions; where it lists the folders of a table, set {LISTING}."
    return (LISTING, PARALLEL), message, fix


def _of_rdd(reads: bool, would_do: int, message: str) -> tuple[tuple[str, ...], str, str]:
    """No setting joins the splits of files that an RDD reads."""
    if reads:
        return (), message, f"Put coalesce({would_do}) behind the read, or merge the small input files."
    return (PARALLEL,), message, f"Set {PARALLEL}={would_do}, or give the shuffle so many partitions."


def _median(stage: StageView) -> float:
    return float(np.median(stage.spans)) if len(stage.spans) else 0.0


def _is_small(stage: StageView) -> bool:
    return len(stage.rows) >= max(LEAST_TASKS, LEAST_ROUNDS * stage.width) and _median(stage) < SMALL_MS


def _would_do(stage: StageView) -> float:
    return max(stage.width, float(stage.spans.sum()) / GOOD_MS)


def _lost_s(stage: StageView) -> float:
    fixed = max(1.0, float(np.quantile(stage.spans, 0.1)))
    return (len(stage.rows) - _would_do(stage)) * fixed / stage.width / 1000
