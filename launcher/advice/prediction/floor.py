"""What no executor can buy: the driver's own time, and the longest chain of tasks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from launcher.advice.replay.conversion import Conversion
from launcher.advice.replay.model import Lease, Model, StagePart
from launcher.advice.replay.player import Player
from launcher.records.history.facts.slots import SlotClass


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


def floor_of(model: Model, warm: Sequence[Conversion] = ()) -> Floor:
    """Play it with slots without end, and once more with tasks that take no time.

    Args:
        model: the run.
        warm: of each stage, what tells how long a task takes in a warm slot; without it as recorded. At
            another size a task that found a cold slot may find a warm one.
    """
    seconds = _endless(model, 1, warm)
    driver = min(seconds, _endless(model, 0, warm))
    return Floor(seconds, driver, seconds - driver)


def _endless(model: Model, part: int, warm: Sequence[Conversion]) -> float:
    """Seconds with a slot for each task, tasks taking all or none of their time."""
    known = warm or [Conversion()] * len(model.stages)
    stages = tuple(_alone(stage, part, one) for stage, one in zip(model.stages, known, strict=True))
    profiles = {stage.profile for stage in stages}
    leases = [Lease(profile, len(stages), model.start_ms, model.start_ms) for profile in sorted(profiles)]
    return Player(replace(model, stages=stages), leases).play().seconds


def _alone(stage: StagePart, part: int, warm: Conversion) -> StagePart:
    """With a slot for each, only the longest of its tasks counts, all attempts together."""
    if not stage.durations:
        return stage
    pairs = zip(stage.durations, stage.classes, strict=True)
    durations = [min(ms, warm.of(ms, found, SlotClass.REST)) for ms, found in pairs]
    longest = max(durations)
    for place, tries in stage.retries.items():
        longest = max(longest, durations[place] + sum(tries))
    done = min(1, stage.completes_at)
    return replace(
        stage, durations=[longest * part], classes=stage.classes[:1], retries={}, completes_at=done
    )
