"""What is asked of a prediction, and its answer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Dynamic:
    """Bounds of dynamic allocation; ``most`` is ``None`` for as many as the cluster gives."""

    least: int
    most: int | None


@dataclass(frozen=True)
class Case:
    """One question.

    Attributes:
        executors: a fixed number of them; ``None`` under dynamic allocation.
        dynamic: its bounds; ``None`` with a fixed number.
        cores: of one executor; ``None``: as in the run.
        conf: settings that differ from the run's.
    """

    executors: int | None = None
    dynamic: Dynamic | None = None
    cores: int | None = None
    conf: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Prediction:
    """One answer; all numbers are ``None`` where there is none.

    Attributes:
        case: the question.
        seconds: the application's time.
        low: of the 80 % band.
        high: likewise.
        executor_seconds: executors over time.
        idle_share: part of the slots' time in which they run nothing.
        cost: by the price list, executor-seconds without one.
        peak: the most executors at a time.
        why: why it cannot be predicted.
    """

    case: Case
    seconds: float | None = None
    low: float | None = None
    high: float | None = None
    executor_seconds: float | None = None
    idle_share: float | None = None
    cost: float | None = None
    peak: int | None = None
    why: str = ""

    @property
    def predictable(self) -> bool:
        """Whether there is an answer."""
        return self.seconds is not None
