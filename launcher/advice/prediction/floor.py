"""What no executor can buy: the driver's own time, and the longest chain of tasks."""

from __future__ import annotations

from dataclasses import dataclass, replace

from launcher.advice.replay.model import Lease, Model
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
    seconds = _endless(model)
    timeless = tuple(
        replace(
            stage,
            durations=[0] * len(stage.durations),
            retries={k: (0,) * len(v) for k, v in stage.retries.items()},
        )
        for stage in model.stages
    )
    driver = min(seconds, _endless(replace(model, stages=timeless)))
    return Floor(seconds, driver, seconds - driver)


def _endless(model: Model) -> float:
    most = max(1, sum(len(stage.durations) for stage in model.stages))
    profiles = {stage.profile for stage in model.stages}
    leases = [Lease(profile, most, model.start_ms, model.start_ms) for profile in sorted(profiles)]
    return Player(model, leases).play().seconds
