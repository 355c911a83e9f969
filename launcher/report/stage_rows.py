"""The table of stages. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from launcher.records.history.trace import Ended
from launcher.report.view.run_view import RunView, column
from launcher.report.view.stage_view import StageView, stage_views


@dataclass(frozen=True)
class StageRow:
    """One attempt of a stage.

    Attributes:
        id: its number.
        attempt: number of the attempt.
        name: call site.
        begin_s: launch of its first task, from the start of the application.
        seconds: until its last task ended.
        tasks: how many it has.
        failed: attempts that failed or went with their executor.
        task_seconds: of all attempts, launch to finish.
        median_s: median task.
        longest_s: longest task.
        skew: longest by median; ``None`` without one.
        slowest: partition of the longest task.
        gc_share: of run time.
        spilled_bytes: to disk.
        read_bytes: input.
        written_bytes: output.
        shuffle_read_bytes: shuffle read.
        shuffle_written_bytes: shuffle written.
        peak_bytes: the most execution memory of a task.
    """

    id: int
    attempt: int
    name: str
    begin_s: float
    seconds: float
    tasks: int
    failed: int
    task_seconds: float
    median_s: float
    longest_s: float
    skew: float | None
    slowest: int | None
    gc_share: float
    spilled_bytes: int
    read_bytes: int
    written_bytes: int
    shuffle_read_bytes: int
    shuffle_written_bytes: int
    peak_bytes: int


def stage_rows(view: RunView) -> Iterator[StageRow]:
    """A row for each stage that ran."""
    for stage in stage_views(view):
        yield _row(stage, view.trace.start_ms)


def _row(view: StageView, start_ms: int) -> StageRow:
    stage, spans = view.stage, view.spans
    ended = column(stage.tasks.ended)
    median = float(np.median(spans)) if len(spans) else 0.0
    longest = int(np.argmax(spans)) if len(spans) else None
    run_ms = view.total("run_ms")
    return StageRow(
        id=stage.id,
        attempt=stage.attempt,
        name=stage.name,
        begin_s=round((view.begin - start_ms) / 1000, 3),
        seconds=round(view.seconds, 3),
        tasks=stage.size,
        failed=int(((ended == int(Ended.FAILED)) | (ended == int(Ended.LOST))).sum()),
        task_seconds=round(view.task_seconds, 3),
        median_s=round(median / 1000, 3),
        longest_s=0.0 if longest is None else round(int(spans[longest]) / 1000, 3),
        skew=round(int(spans[longest]) / median, 2) if longest is not None and median else None,
        slowest=None if longest is None else int(view.of("index")[longest]),
        gc_share=round(view.total("gc_ms") / run_ms, 4) if run_ms else 0.0,
        spilled_bytes=view.total("spilled_bytes"),
        read_bytes=view.total("read_bytes"),
        written_bytes=view.total("written_bytes"),
        shuffle_read_bytes=view.total("shuffle_read_bytes"),
        shuffle_written_bytes=view.total("shuffle_written_bytes"),
        peak_bytes=max(stage.tasks.peak_bytes, default=0),
    )
