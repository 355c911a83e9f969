"""What executors hold that keeps them while they idle: cached blocks, shuffle data."""

from __future__ import annotations

from dataclasses import dataclass, field

from launcher.advice.allocation.allocation_settings import NEVER, AllocationSettings
from launcher.advice.replay.model import Model


@dataclass
class _Holding:
    """Of one executor: the stages that left cached blocks, shuffle data, the jobs that run and wrote it."""

    cached: set[int] = field(default_factory=set)
    shuffle: bool = False
    jobs: set[int] = field(default_factory=set)


class Held:
    """What each executor of a replay holds (``ExecutorMonitor.Tracker``).

    Args:
        model: what is played.
        settings: of dynamic allocation.
    """

    def __init__(self, model: Model, settings: AllocationSettings) -> None:
        self._stages, self._settings = model.stages, settings
        self._holding: dict[int, _Holding] = {}
        self._dropped: dict[int, set[int]] = {}  # by the job after which cached blocks are dropped
        for place, stage in enumerate(model.stages):
            if stage.cached_until is not None:
                self._dropped.setdefault(stage.cached_until, set()).add(place)

    def ran(self, stage: int, executor: int) -> None:
        """An executor ran a task of a stage."""
        part = self._stages[stage]
        holding = self._holding.setdefault(executor, _Holding())
        if part.caches:
            holding.cached.add(stage)
        if part.writes_shuffle and self._settings.tracking:
            holding.shuffle = True
            holding.jobs.add(part.job)

    def job_ended(self, job: int) -> None:
        """A job is over."""
        dropped = self._dropped.get(job, set())
        for holding in self._holding.values():
            holding.jobs.discard(job)
            holding.cached -= dropped

    def shuffle(self, executor: int) -> bool:
        """Whether an executor has shuffle data."""
        holding = self._holding.get(executor)
        return holding is not None and holding.shuffle

    def timeout_ms(self, executor: int) -> float:
        """How long an executor may idle (``ExecutorMonitor.Tracker.updateTimeout``).

        Shuffle data is in use as long as a job runs that has the stage which wrote it, and not as long as a
        query, of which adaptive execution makes several jobs.
        """
        holding = self._holding.get(executor)
        if holding is None:
            return self._settings.idle_ms
        if holding.jobs:
            return NEVER
        cached = self._settings.cached_idle_ms if holding.cached else NEVER
        shuffle = self._settings.tracking_ms if holding.shuffle else NEVER
        return min(cached, shuffle) if holding.cached or holding.shuffle else self._settings.idle_ms
