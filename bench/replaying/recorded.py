"""Real logs, played at their own executors and under their own dynamic allocation."""

from __future__ import annotations

from dataclasses import dataclass

from launcher.advice.allocation.elastic_player import ElasticPlayer
from launcher.advice.allocation.observed import observe
from launcher.advice.replay.player import Player
from launcher.advice.replay.take_apart import model_of, recorded_allocation
from launcher.records.history.trace import Trace


@dataclass(frozen=True)
class Recorded:
    """How near a replay at the recorded executors comes.

    Attributes:
        seconds: of the application.
        replayed_s: of the replay.
        job_error: mean over its jobs of the error of each, as a part of its time.
        jobs: so many of them lasted at all.
    """

    seconds: float
    replayed_s: float
    job_error: float
    jobs: int

    @property
    def error(self) -> float:
        """Of the application's time, as a part of it."""
        return self.replayed_s / self.seconds - 1 if self.seconds else 0.0


@dataclass(frozen=True)
class Elastic:
    """How near a replay under dynamic allocation comes, with starts and removals as in the log."""

    executor_seconds: float
    replayed_executor_s: float
    seconds: float
    replayed_s: float
    added: int
    replayed_added: int
    peak: int
    replayed_peak: int

    @property
    def error(self) -> float:
        """Of the executor-seconds, as a part of them."""
        return self.replayed_executor_s / self.executor_seconds - 1


def at_recorded_executors(trace: Trace) -> Recorded:
    """Play a run as it was."""
    model = model_of(trace)
    outcome = Player(model, model.leases).play()
    errors = [
        abs((end - start) / (job.end_ms - job.start_ms) - 1)
        for job, start, end in zip(trace.jobs, outcome.job_starts, outcome.job_ends, strict=True)
        if job.end_ms is not None and job.end_ms > job.start_ms and start is not None and end is not None
    ]
    mean = sum(errors) / len(errors) if errors else 0.0
    return Recorded(model.recorded_ms / 1000, outcome.seconds, mean, len(errors))


def under_own_allocation(trace: Trace) -> Elastic | None:
    """Play a run under the loop that it had; ``None`` for one that had none."""
    settings = recorded_allocation(trace)
    if settings is None:
        return None
    model = model_of(trace)
    seen = observe(trace, model, settings)
    outcome = ElasticPlayer(model, seen.settings, seen.habits).play()
    was = Player(model, model.leases).play()
    return Elastic(
        was.executor_seconds,
        outcome.executor_seconds,
        model.recorded_ms / 1000,
        outcome.seconds,
        len(was.lives),
        len(outcome.lives),
        was.peak,
        outcome.peak,
    )
