"""What executors hold that keeps them while they idle: cached blocks, shuffle data."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from launcher.advice.allocation.allocation_settings import NEVER, AllocationSettings
from launcher.advice.replay.model import Model


@dataclass
class _Holding:
    """Of one executor: stages that left cached blocks, groups of jobs that left shuffle data, and the jobs
    that run and use it."""

    cached: set[int] = field(default_factory=set)
    groups: set[int] = field(default_factory=set)
    jobs: set[int] = field(default_factory=set)


class Held:
    """What each executor of a replay holds (``ExecutorMonitor.Tracker``).

    No log tells whose shuffle data a job reads that it did not write: that of the jobs before it in its
    group, as the queries of adaptive execution do, and where those wrote none that of anybody.

    Args:
        model: what is played.
        settings: of dynamic allocation.
    """

    def __init__(self, model: Model, settings: AllocationSettings) -> None:
        self._stages, self._jobs, self._settings = model.stages, model.jobs, settings
        self._holding: dict[int, _Holding] = {}
        self._dropped: dict[int, set[int]] = {}  # by the job after which cached blocks are dropped
        for place, stage in enumerate(model.stages):
            if stage.cached_until is not None:
                self._dropped.setdefault(stage.cached_until, set()).add(place)
        self._source = self._sources()
        # Jobs that have not ended and read what others wrote; by the group, -1 for that of anybody.
        self._readers = Counter(self._source.values())

    def _sources(self) -> dict[int, int]:
        """Of each job that reads what others wrote: whose."""
        writing = {stage.job for stage in self._stages if stage.writes_shuffle}
        wrote: set[int] = set()  # groups so far
        found = {}
        for place, job in enumerate(self._jobs):
            if job.reads:
                found[place] = job.group if job.group in wrote else -1
            if place in writing:
                wrote.add(job.group)
        return found

    def ran(self, stage: int, executor: int) -> None:
        """An executor ran a task of a stage."""
        part = self._stages[stage]
        holding = self._holding.setdefault(executor, _Holding())
        if part.caches:
            holding.cached.add(stage)
        if part.writes_shuffle and self._settings.tracking:
            holding.groups.add(self._jobs[part.job].group)
            holding.jobs.add(part.job)

    def job_began(self, job: int) -> None:
        """A job runs: what it reads is in use again."""
        source = self._source.get(job)
        if source is None:
            return
        for holding in self._holding.values():
            if source in holding.groups or (source < 0 and holding.groups):
                holding.jobs.add(job)

    def job_ended(self, job: int) -> None:
        """A job is over."""
        dropped = self._dropped.get(job, set())
        for holding in self._holding.values():
            holding.jobs.discard(job)
            holding.cached -= dropped
        if job in self._source:
            self._readers[self._source[job]] -= 1

    def wanted(self, executor: int) -> bool:
        """Whether an executor has shuffle data that a job reads which has not ended."""
        holding = self._holding.get(executor)
        if holding is None or not holding.groups:
            return False
        return self._readers[-1] > 0 or any(self._readers[group] > 0 for group in holding.groups)

    def timeout_ms(self, executor: int) -> float:
        """How long an executor may idle (``ExecutorMonitor.Tracker.updateTimeout``).

        Shuffle data is in use while a job runs that wrote it or reads it, and not as long as a query, of
        which adaptive execution makes several jobs.
        """
        holding = self._holding.get(executor)
        if holding is None:
            return self._settings.idle_ms
        if holding.jobs:
            return NEVER
        cached = self._settings.cached_idle_ms if holding.cached else NEVER
        shuffle = self._settings.tracking_ms if holding.groups else NEVER
        return min(cached, shuffle) if holding.cached or holding.groups else self._settings.idle_ms
