"""What predictions of one run start from: its model, its cluster's habits, the sizes it was seen at."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from launcher.advice.allocation.allocation_settings import AllocationSettings
from launcher.advice.allocation.elastic_player import ClusterHabits
from launcher.advice.allocation.observed import habits_of, observe
from launcher.advice.prediction.floor import Floor, floor_of
from launcher.advice.prediction.warmth import Warmth, warmth_of
from launcher.advice.replay.model import Model
from launcher.advice.replay.occupancy import Capacity
from launcher.advice.replay.outcome import Outcome
from launcher.advice.replay.player import Player
from launcher.advice.replay.take_apart import model_of, recorded_allocation
from launcher.records.history.trace import Trace


@dataclass(frozen=True)
class Basis:
    """One run, ready to be predicted from.

    Attributes:
        trace: the run.
        model: to be played.
        replay: of it at its own executors.
        settings: of its dynamic allocation as it turned out to be; ``None`` without one.
        habits: of its cluster.
        warmth: of its slots.
        floor: what no executor can buy.
        executors: the most it had at a time.
        cores: of one of them.
        slots: task slots of one of them.
        seen_slots: slots of all its executors; where they changed, as its tasks saw them, weighted by their
            time.
        fixed: whether it had the same executors throughout.
    """

    trace: Trace
    model: Model
    replay: Outcome
    settings: AllocationSettings | None
    habits: ClusterHabits
    warmth: Warmth
    floor: Floor
    executors: int
    cores: int
    slots: int
    seen_slots: float
    fixed: bool

    @property
    def error(self) -> float:
        """Of the replay at its own executors, as a part of the time."""
        recorded = self.model.recorded_ms / 1000
        return self.replay.seconds / recorded - 1 if recorded else 0.0

    @property
    def conf(self) -> Mapping[str, str]:
        """Spark's settings; empty where the log has lost them."""
        return self.trace.conf or {}


def is_local(master: str) -> bool:
    """Whether an application ran in one process on one machine; ``local-cluster`` has executors."""
    return master.startswith("local") and not master.startswith("local-cluster")


def basis_of(trace: Trace) -> Basis:
    """Take a run apart, and measure what its cluster and its tasks are like.

    Raises:
        DataError: a setting of dynamic allocation in the log is no number or no length of time.
    """
    model = model_of(trace)
    settings = recorded_allocation(trace)
    habits = habits_of(trace, model)
    if settings is not None:
        seen = observe(trace, model, settings)
        settings, habits = seen.settings, seen.habits
    replay = Player(model, model.leases).play()
    cores = [executor.cores for executor in trace.executors if executor.profile == 0]
    slots, executors = model.slots.get(0, 1), max(1, replay.peak)
    fixed = settings is None and all(executor.removed_ms is None for executor in trace.executors)
    warmth = warmth_of(model.stages)
    return Basis(
        trace=trace,
        model=model,
        replay=replay,
        settings=settings,
        habits=habits,
        warmth=warmth,
        floor=floor_of(model, warmth.conversions(None, 1.0, 1.0)),
        executors=executors,
        cores=max(cores, default=slots),
        slots=slots,
        seen_slots=float(executors * slots) if fixed else _seen_slots(trace, model) or float(slots),
        fixed=fixed,
    )


def _seen_slots(trace: Trace, model: Model) -> float:
    """Slots there were at the launch of each task, weighted by the task's time."""
    spans = [(lease.slots, lease.ready_ms, lease.closed_ms) for lease in model.leases]
    capacity = Capacity(spans)
    total = time = 0.0
    for stage in trace.stages:
        for launch, finish in zip(stage.tasks.launch_ms, stage.tasks.finish_ms, strict=True):
            total += capacity.at(launch) * (finish - launch)
            time += finish - launch
    return total / time if time else 0.0
