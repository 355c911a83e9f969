"""How far a run is, told on stderr from Spark's own status tracker; works with the UI off.

On a terminal one line is rewritten; elsewhere a line is written when something has changed and the
last one is some seconds old. The reporter never fails a run: what it cannot learn it leaves out.
"""

from __future__ import annotations

import os
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

SILENT_VARIABLE = "SPARKJOBS_NO_PROGRESS"
POLL_S = 0.5
LINE_EVERY_S = 10.0
_WIDTH = 24


@dataclass(frozen=True)
class Stage:
    """A running stage: tasks done, running and in all."""

    number: int
    done: int
    active: int
    total: int


def render(stages: Sequence[Stage], elapsed_s: float) -> str:
    """One line for the running stages. Pure."""
    if not stages:
        return f"{elapsed_s:5.0f} s  preparing"
    done, total = sum(stage.done for stage in stages), sum(stage.total for stage in stages)
    active = sum(stage.active for stage in stages)
    filled = round(_WIDTH * done / total) if total else 0
    names = ", ".join(str(stage.number) for stage in stages)
    bar = "█" * filled + "░" * (_WIDTH - filled)
    return f"{elapsed_s:5.0f} s  stage {names}  {bar}  {done}/{total} tasks, {active} running"


@contextmanager
def reporting(spark: SparkSession, out: TextIO | None = None) -> Iterator[None]:
    """Report progress while the block runs, unless the launcher shows it already."""
    if os.environ.get(SILENT_VARIABLE):
        yield
        return
    reporter = _Reporter(spark, out or sys.stderr)
    reporter.start()
    try:
        yield
    finally:
        reporter.finish()


class _Reporter(threading.Thread):
    def __init__(self, spark: SparkSession, out: TextIO) -> None:
        super().__init__(name="sparkjobs-progress", daemon=True)
        self._tracker = spark.sparkContext.statusTracker()
        self._out = out
        self._terminal = out.isatty()
        self._done = threading.Event()
        self._begin_s = time.monotonic()
        self._last_line = ""
        self._last_s = self._begin_s

    def run(self) -> None:
        while not self._done.wait(POLL_S):
            try:
                self._show(self._stages())
            except Exception:  # the session may be closing: progress is not worth a failure
                return

    def finish(self) -> None:
        """Stop and leave a clean line."""
        self._done.set()
        self.join(timeout=2)
        if self._terminal and self._last_line:
            self._out.write("\r\033[K")
            self._out.flush()

    def _stages(self) -> list[Stage]:
        found = []
        for number in sorted(self._tracker.getActiveStageIds()):
            info = self._tracker.getStageInfo(number)
            if info is not None:
                found.append(Stage(number, info.numCompletedTasks, info.numActiveTasks, info.numTasks))
        return found

    def _show(self, stages: Sequence[Stage]) -> None:
        now = time.monotonic()
        line = render(stages, now - self._begin_s)
        if self._terminal:
            self._out.write(f"\r\033[K{line}")
        elif stages and now - self._last_s >= LINE_EVERY_S:
            self._out.write(line + "\n")
            self._last_s = now
        self._out.flush()
        self._last_line = line
