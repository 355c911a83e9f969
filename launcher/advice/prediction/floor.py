"""What no executor can buy: the driver's own time, and the longest chain of tasks."""

from __future__ import annotations

from dataclasses import dataclass, replace

from launcher.advice.replay.model import Lease, Model, StagePart
from launcher.advice.replay.player import Player


@dataclass(frozen=True)
class Floor:
    """The shortest time of an application, seconds.

    Attributes:
        seconds: with a slot for every task from the beginning.
        driver_s: of it what passes though no task takes any time: gaps, delays, start and end.
        critical_path_s: the rest: the longest chain of tasks, skew included.
    """

    seconds: float
    driver_s: float
    critical_path_s: float


def floor_of(model: Model) -> Floor:
    """Play it with slots without end, and once more with tasks that take no time."""
    seconds = _endless(model, 1)
    driver = min(seconds, _endless(model, 0))
    return Floor(seconds, driver, seconds - driver)


def _endless(model: Model, part: int) -> float:
    """Seconds with a slot for each task, tasks taking all or none of their time."""
    stages = tuple(_alone(stage, part) for stage in model.stages)
    profiles = {stage.profile for stage in stages}
    leases = [Lease(profile, len(stages), model.start_ms, model.start_ms) for profile in sorted(profiles)]
    return Player(replace(model, stages=stages), leases).play().seconds


def _alone(stage: StagePart, part: int) -> StagePart:
    """With a slot for each, only the longest of its tasks counts, all attempts together."""
    if not stage.durations:
        return stage
    longest = max(stage.durations)
    for place, tries in stage.retries.items():
        longest = max(longest, stage.durations[place] + sum(tries))
    done = min(1, stage.completes_at)
    return replace(
        stage, durations=[longest * part], classes=stage.classes[:1], retries={}, completes_at=done
    )
