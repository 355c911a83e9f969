"""What a replay came to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Life:
    """One executor of a replay: slots, and ms from registration to removal or the application's end."""

    profile: int
    slots: int
    added_ms: float
    removed_ms: float


@dataclass(frozen=True)
class Outcome:
    """One replay; times are ms since the epoch of the recorded run.

    Attributes:
        start_ms: when the application began.
        end_ms: when it ended.
        job_starts: of each of the model's jobs; ``None`` where it never began.
        job_ends: likewise.
        stage_ends: of each of the model's stages.
        lives: all executors it had.
        busy_ms: slot time that tasks took.
        together: tasks that run at once, as a task sees it: weighted by the time of tasks.
        launches: attempts of tasks that ran.
        finished: whether everything ended: without an executor of its profile a stage never does.
        let_shuffle_go: whether an executor was sent away with shuffle data that a later job reads.
    """

    start_ms: float
    end_ms: float
    job_starts: Sequence[float | None]
    job_ends: Sequence[float | None]
    stage_ends: Sequence[float | None]
    lives: Sequence[Life]
    busy_ms: float
    together: float
    launches: int
    finished: bool
    let_shuffle_go: bool = False

    @property
    def seconds(self) -> float:
        """From start to end."""
        return (self.end_ms - self.start_ms) / 1000

    @property
    def executor_seconds(self) -> float:
        """Executors over time, from registration to removal or the end."""
        return sum(life.removed_ms - life.added_ms for life in self.lives) / 1000

    @property
    def slot_seconds(self) -> float:
        """The same times the slots of each."""
        return sum((life.removed_ms - life.added_ms) * life.slots for life in self.lives) / 1000

    @property
    def idle_share(self) -> float:
        """The part of the slots' time in which they ran nothing."""
        return max(0.0, 1 - self.busy_ms / 1000 / self.slot_seconds) if self.slot_seconds else 0.0

    @property
    def peak(self) -> int:
        """The most executors at a time."""
        changes = [(life.added_ms, 1) for life in self.lives] + [(life.removed_ms, -1) for life in self.lives]
        alive = most = 0
        for _, change in sorted(changes):
            alive += change
            most = max(most, alive)
        return most
