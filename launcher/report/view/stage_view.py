"""One stage of a run as findings look at it. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from launcher.records.history.trace import Stage
from launcher.report.view.run_view import RunView, column, succeeded
from launcher.report.view.steps import Ints


@dataclass(frozen=True, eq=False)
class StageView:
    """A stage that ran tasks.

    Attributes:
        stage: the stage.
        begin: launch of its first task, ms since the epoch.
        end: end of its last task.
        width: slots there on average meanwhile.
    """

    stage: Stage
    begin: int
    end: int
    width: float

    @property
    def seconds(self) -> float:
        """From its first launch to its last end."""
        return (self.end - self.begin) / 1000

    @cached_property
    def rows(self) -> Ints:
        """The attempts that succeeded."""
        return succeeded(self.stage)

    @cached_property
    def spans(self) -> Ints:
        """How long these took, launch to finish, ms."""
        tasks = self.stage.tasks
        spans: Ints = (column(tasks.finish_ms) - column(tasks.launch_ms))[self.rows]
        return np.maximum(spans, 0)

    @cached_property
    def task_seconds(self) -> float:
        """All attempts together, launch to finish."""
        tasks = self.stage.tasks
        return float(np.sum(column(tasks.finish_ms) - column(tasks.launch_ms))) / 1000

    def of(self, name: str) -> Ints:
        """A column of the attempts that succeeded."""
        return column(getattr(self.stage.tasks, name))[self.rows]

    def total(self, name: str) -> int:
        """The sum of a column over all attempts."""
        return int(column(getattr(self.stage.tasks, name)).sum())


def stage_views(view: RunView) -> Iterator[StageView]:
    """The stages that ran, in the order of their start."""
    for stage in view.stages:
        begin, end = min(stage.tasks.launch_ms), max(stage.tasks.finish_ms)
        yield StageView(stage, begin, max(end, begin), view.width(begin, end))
