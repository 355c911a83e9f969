"""A trace with the figures over time that findings and pictures share. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from launcher.advice.allocation.allocation_settings import AllocationSettings, allocation_settings
from launcher.advice.prediction.basis import is_local
from launcher.records.history.facts.slots import slots_in
from launcher.records.history.trace import Ended, Stage, Trace
from launcher.report.sql.queries import Queries
from launcher.report.view.demand_curve import demand_of, pending_of
from launcher.report.view.steps import Ints, Steps, steps, together
from launcher.spec.units import is_on
from sparkjobs.errors import DataError
from sparkjobs.streaming.progress.batch_progress import Decided

LOCAL = "driver"


@dataclass(frozen=True, eq=False)
class RunView:
    """One application.

    Attributes:
        trace: what its event log tells.
        queries: what the plans of its queries tell.
        decisions: how a stream moved its executors, oldest first.
    """

    trace: Trace
    queries: Queries = field(default_factory=Queries)
    decisions: tuple[Decided, ...] = ()

    @cached_property
    def end_ms(self) -> int:
        """Its end, or the last that is known of it."""
        end = self.trace.last_ms if self.trace.end_ms is None else self.trace.end_ms
        return max(end, self.trace.start_ms + 1)

    @property
    def seconds(self) -> float:
        """From start to end."""
        return (self.end_ms - self.trace.start_ms) / 1000

    @cached_property
    def is_local(self) -> bool:
        """Whether the driver is the only executor, which nothing can take away or add.

        Without any executor its master tells: on a cluster none may have come.
        """
        if not self.trace.executors:
            return is_local(self.conf("spark.master"))
        return all(one.id == LOCAL for one in self.trace.executors)

    @cached_property
    def stages(self) -> tuple[Stage, ...]:
        """The stages that ran, in the order of their start."""
        ran = [stage for stage in self.trace.stages if len(stage.tasks)]
        return tuple(sorted(ran, key=lambda stage: (min(stage.tasks.launch_ms), stage.id)))

    @cached_property
    def running(self) -> Steps:
        """Attempts of tasks that run."""
        begun = [column(stage.tasks.launch_ms) for stage in self.stages]
        ended = [column(stage.tasks.finish_ms) for stage in self.stages]
        return self._spans(begun, ended)

    @cached_property
    def pending(self) -> Steps:
        """Tasks of submitted stages that wait for a slot."""
        return pending_of(self.trace, self.running, self.end_ms)

    @cached_property
    def supply(self) -> Steps:
        """Executors that are there."""
        return self._executors([1.0] * len(self.trace.executors))

    @cached_property
    def slots(self) -> Steps:
        """Tasks that the executors could run at once."""
        return self._executors([float(slots_in(self.trace, one)) for one in self.trace.executors])

    @cached_property
    def demand(self) -> Steps:
        """Executors that all unfinished tasks of the submitted stages would fill."""
        return demand_of(self.trace, self.end_ms)

    @cached_property
    def idle_slots(self) -> Steps:
        """Slots without a task."""
        return together(self.slots, self.running, lambda there, used: np.maximum(there - used, 0.0))

    @cached_property
    def jobs(self) -> Steps:
        """Jobs that run."""
        begun = np.array([job.start_ms for job in self.trace.jobs], dtype=np.int64)
        ended = np.array(
            [self.end_ms if job.end_ms is None else job.end_ms for job in self.trace.jobs], dtype=np.int64
        )
        return self._spans([begun], [ended])

    @cached_property
    def first_launch_ms(self) -> int | None:
        """When the first task began; ``None``: none did."""
        return min((min(stage.tasks.launch_ms) for stage in self.stages), default=None)

    @property
    def executor_seconds(self) -> float:
        """From each executor's adding to its removal or the end."""
        return self.supply.between(self.trace.start_ms, self.end_ms) / 1000

    def width(self, begin: int, end: int) -> float:
        """Slots there on average between two moments, at least one."""
        return max(1.0, self.slots.mean(begin, end))

    def conf(self, key: str, otherwise: str = "") -> str:
        """A setting of Spark as the log tells it."""
        return (self.trace.conf or {}).get(key, otherwise)

    def is_on(self, key: str, *, default: bool = False) -> bool:
        """Whether a setting of Spark is ``true``."""
        return is_on(self.trace.conf or {}, key, default=default)

    @cached_property
    def allocation(self) -> AllocationSettings | None:
        """The settings of dynamic allocation; ``None`` without it."""
        try:
            return allocation_settings(self.trace.conf or {}, self.trace.spark)
        except DataError:  # a log that was damaged
            return None

    @property
    def is_elastic(self) -> bool:
        """Whether Spark's own loop moved the executors."""
        return self.is_on("spark.dynamicAllocation.enabled")

    def _executors(self, weights: list[float]) -> Steps:
        executors = self.trace.executors
        came = np.array([one.added_ms for one in executors], dtype=np.int64)
        went = np.array(
            [self.end_ms if one.removed_ms is None else one.removed_ms for one in executors], dtype=np.int64
        )
        return self._spans([came], [went], np.array(weights))

    def _spans(self, begun: list[Ints], ended: list[Ints], weights: np.ndarray | None = None) -> Steps:
        starts, ends = _joined(begun), _joined(ended)
        ups = np.ones(len(starts)) if weights is None else weights
        changes = np.concatenate([ups, -ups])
        return steps(
            np.concatenate([starts, np.maximum(starts, ends)]), changes, self.trace.start_ms, self.end_ms
        )


def column(values: object) -> Ints:
    """A column of tasks as an array, without a copy."""
    return np.frombuffer(values, dtype=np.int64) if len(values) else np.empty(0, np.int64)  # type: ignore[arg-type, call-overload]


def succeeded(stage: Stage) -> Ints:
    """The places of a stage's attempts that succeeded."""
    found: Ints = np.flatnonzero(column(stage.tasks.ended) == int(Ended.SUCCESS))
    return found


def _joined(parts: list[Ints]) -> Ints:
    return np.concatenate(parts) if parts else np.empty(0, np.int64)
