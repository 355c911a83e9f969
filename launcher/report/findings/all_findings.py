"""All findings of a run."""

from __future__ import annotations

from collections.abc import Iterator

from launcher.report.findings.driver_time import driver_bound, slow_start
from launcher.report.findings.failures import failed_tasks
from launcher.report.findings.files import big_broadcast, full_scan, small_files
from launcher.report.findings.huge_task import huge_task
from launcher.report.findings.idle import idle
from launcher.report.findings.loss import Loss, noteworthy
from launcher.report.findings.memory import gc, spill
from launcher.report.findings.skew import skew
from launcher.report.findings.small_tasks import small_tasks
from launcher.report.view.run_view import RunView
from launcher.report.view.stage_view import stage_views

IDS = (
    "skew", "small-tasks", "huge-task", "spill", "gc", "idle-ramp", "idle-driver", "idle-tail", "idle-held",
    "slow-start", "small-files", "full-scan", "big-broadcast", "driver-bound", "failed-tasks",
)  # fmt: skip


def findings(view: RunView) -> list[Loss]:
    """What cost a run time or executors, the dearest first."""
    return noteworthy(_all(view), view.seconds)


def _all(view: RunView) -> Iterator[Loss]:
    stages = list(stage_views(view))
    for stage in stages:
        yield from skew(view, stage)
    yield from huge_task(view, stages)
    yield from small_tasks(view, stages)
    yield from spill(view, stages)
    yield from gc(view, stages)
    yield from idle(view)
    yield from slow_start(view)
    yield from driver_bound(view)
    yield from failed_tasks(view, stages)
    yield from small_files(view, stages)
    yield from full_scan(view, stages)
    yield from big_broadcast(view)
