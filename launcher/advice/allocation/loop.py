"""Spark's ExecutorAllocationManager as arithmetic: it is told what is, and answers what to ask for."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from launcher.advice.allocation.allocation_settings import NEVER, AllocationSettings

# ExecutorAllocationManager.intervalMillis
TICK_MS = 100


@dataclass(frozen=True)
class Load:
    """One resource profile at a moment.

    Attributes:
        pending: tasks of submitted stages that were not launched.
        running: tasks that run.
        known: executors from their registration to their removal, those told to go included.
        leaving: of them those told to go.
    """

    pending: int
    running: int
    known: int
    leaving: int = 0


class AllocationLoop:
    """The policy, without executors and without a clock.

    The target of each resource profile starts at ``initial`` and stays there until the first stage is
    submitted or an executor idles too long. From then on it is lowered at once to what the tasks need, and
    raised while tasks wait: by 1, 2, 4, ... as long as the whole step was granted, else again from 1.
    Executors told to go still count as known (SPARK's ``executorCountWithResourceProfile``), until their
    removal is reported.

    Args:
        settings: bounds and timeouts.
        slots: task slots of an executor, by resource profile.
    """

    def __init__(self, settings: AllocationSettings, slots: Mapping[int, int]) -> None:
        self._settings = settings
        self._slots = slots
        self._initializing = True
        self._step: dict[int, int] = {0: 1}
        self.targets: dict[int, int] = {0: settings.first}
        self.add_at_ms = NEVER

    def stage_submitted(self, now_ms: float, profile: int) -> None:
        """Tasks wait; a profile that is new asks for the initial number too."""
        self._initializing = False
        self.backlogged(now_ms)
        self._step.setdefault(profile, 1)
        self.targets.setdefault(profile, self._settings.initial)

    def backlogged(self, now_ms: float) -> None:
        """Tasks wait: the first request comes when they still do after the backlog timeout."""
        if self.add_at_ms == NEVER:
            self.add_at_ms = now_ms + self._settings.backlog_ms

    def drained(self) -> None:
        """No task waits any more."""
        self.add_at_ms = NEVER
        self._step = dict.fromkeys(self._step, 1)

    def tick(self, now_ms: float, loads: Mapping[int, Load], idlers: bool = False) -> None:
        """Look at the load and set the targets anew.

        Args:
            now_ms: the time.
            loads: by profile; one without a load has none.
            idlers: whether executors have idled too long, which ends the initial phase.
        """
        self._initializing = self._initializing and not idlers
        if self._initializing:
            return
        raised = False
        for profile, target in list(self.targets.items()):
            load = loads.get(profile, Load(0, 0, 0))
            needed = self.needed(profile, load)
            if needed < target:
                self.targets[profile] = max(needed, self._settings.least)
                self._step[profile] = 1
            elif now_ms >= self.add_at_ms:
                raised |= self._raise(profile, needed, load.known)
        if raised:
            self.add_at_ms = now_ms + self._settings.sustained_ms

    def needed(self, profile: int, load: Load) -> int:
        """Executors that could run all its tasks at once, times the ratio."""
        tasks = load.pending + load.running
        return math.ceil(tasks * self._settings.ratio / self._slots.get(profile, 1))

    def _raise(self, profile: int, needed: int, known: int) -> bool:
        """Raise a target by its step; answers whether that changed it."""
        old, step = self.targets[profile], self._step[profile]
        if old >= self._settings.most:
            self._step[profile] = 1
            return False
        new = min(max(old, known) + step, needed)
        new = int(max(min(new, self._settings.most), self._settings.least))
        self.targets[profile] = new
        self._step[profile] = step * 2 if new - old == step else 1
        return new > old

    def released(self, profile: int, idlers: Sequence[int], load: Load) -> Sequence[int]:
        """Which of the executors that idled too long may go: not below the target, nor below the least."""
        floor = max(self._settings.least, self.targets.get(profile, 0))
        return idlers[: max(0, load.known - load.leaving - floor)]
