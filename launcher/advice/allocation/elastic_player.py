"""A replay in which Spark's allocation loop asks for the executors and lets them go."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

from launcher.advice.allocation.allocation_settings import NEVER, AllocationSettings
from launcher.advice.allocation.held import Held
from launcher.advice.allocation.loop import TICK_MS, AllocationLoop, Load
from launcher.advice.replay.conversion import Conversion
from launcher.advice.replay.fleet import REMOVED
from launcher.advice.replay.model import Lease, Model
from launcher.advice.replay.outcome import Outcome
from launcher.advice.replay.player import TICK, Player

# Where a log shows none that was taken back.
RECALL_MS = 200.0


@dataclass(frozen=True)
class ClusterHabits:
    """How a cluster answers requests.

    Attributes:
        first_ms: from the application's start to the registration of each initial executor.
        start_ms: from a request to the registration, one for each request, from the first again at the end.
        removal_ms: from the order to go to the removal, likewise.
        ready_ms: from the registration to the first task.
        ceiling: executors that it gives at most, of all profiles together.
        recall_ms: a request that is no older has reached no node, and is taken back when the target falls.
    """

    first_ms: Sequence[float] = (0.0,)
    start_ms: Sequence[float] = (0.0,)
    removal_ms: Sequence[float] = (0.0,)
    ready_ms: float = 0.0
    ceiling: float = NEVER
    recall_ms: float = RECALL_MS


class ElasticPlayer(Player):
    """Plays a model under dynamic allocation.

    The loop looks at the load every 100 ms, as ``ExecutorAllocationManager`` does; while nothing happens the
    looks are left out. It goes on after the last job, until the application ends.

    Args:
        model: what is played.
        settings: of dynamic allocation.
        habits: of the cluster.
        conversions: as for ``Player``.
    """

    def __init__(
        self,
        model: Model,
        settings: AllocationSettings,
        habits: ClusterHabits,
        conversions: Sequence[Conversion] | None = None,
    ) -> None:
        self._settings, self._habits = settings, habits
        self._loop = AllocationLoop(settings, model.slots)
        # Under dynamic allocation each profile has executors of its own (``ResourceProfileManager``).
        super().__init__(replace(model, guests={}) if model.guests else model, (), conversions)
        self._starting: dict[int, float] = {}  # executors that are not registered yet: when asked for
        self._leaving: set[int] = set()
        self._known: Counter[int] = Counter()  # by profile; to count at each look is slow
        self._told_to_go: Counter[int] = Counter()
        self._recalled: set[int] = set()
        self._started = self._sent_away = 0
        self._held = Held(model, settings)
        self._let_shuffle_go = False
        self._handlers[TICK] = self._tick
        self._watch()
        self._begin()

    def _begin(self) -> None:
        start = float(self.model.start_ms)
        firsts = self._habits.first_ms or (0.0,)
        for number in range(int(min(self._settings.first, self._habits.ceiling))):
            self._start(start, 0, firsts[min(number, len(firsts) - 1)])
        self.push(start, TICK, 0)

    def _watch(self) -> None:
        for place, stage in enumerate(self.model.stages):
            if stage.caches or (stage.writes_shuffle and self._settings.tracking):
                self.watched[place] = 1

    def launched(self, stage: int, executor: int) -> None:
        """An executor runs a task whose output it will hold."""
        self._held.ran(stage, executor)

    # What the loop is told

    def _stage_submitted(self, now: float, place: int) -> None:
        super()._stage_submitted(now, place)
        self._held.job_began(self.model.stages[place].job)
        self._loop.stage_submitted(now, self.model.stages[place].profile)
        self._ask(now)

    def _requeue(self, now: float, stage: int, task: int) -> None:
        super()._requeue(now, stage, task)
        self._loop.backlogged(now)

    def drained(self) -> None:
        """The loop stops asking when no task of any profile waits."""
        if not any(self.pending.values()):
            self._loop.drained()

    def _job_ended(self, now: float, place: int) -> None:
        super()._job_ended(now, place)
        self._held.job_ended(place)

    def _load(self, profile: int) -> Load:
        waiting, running = self.pending.get(profile, 0), self.running.get(profile, 0)
        return Load(waiting, running, self._known[profile], self._told_to_go[profile])

    # What it answers

    def _tick(self, now: float, _place: int) -> None:
        if now > self.progress.end_ms:
            return
        self._arrive(now)
        idlers, deadline = self._idlers(now)
        loads = {profile: self._load(profile) for profile in self._loop.targets}
        self._loop.tick(now, loads, bool(idlers))
        self._ask(now)
        for profile, load in loads.items():
            own = [place for place in idlers if self.leases[place].profile == profile]
            for place in self._loop.released(profile, own, load):
                self._send_away(now, place)
        self._tick_again(now, deadline)

    def _tick_again(self, now: float, deadline: float) -> None:
        """The next look that can find something new: after the next event, or when a timeout is over."""
        add = self._loop.add_at_ms if self._loop.add_at_ms > now else NEVER
        soonest = min(self.next_event_ms(), add, deadline, *self._starting_at())
        if soonest < NEVER:
            steps = max(1, math.ceil((soonest - now) / TICK_MS))
            self.push(now + steps * TICK_MS, TICK, 0)

    def _starting_at(self) -> list[float]:
        return [self.leases[place].added_ms for place in self._starting]

    def _arrive(self, now: float) -> None:
        for place in [place for place in self._starting if self.leases[place].added_ms <= now]:
            del self._starting[place]
            self._known[self.leases[place].profile] += 1
            # It idles from its registration on.
            self.idle_since.setdefault(place, self.leases[place].added_ms)

    def _idlers(self, now: float) -> tuple[list[int], float]:
        """The executors that have idled too long, and when the next one will have."""
        over: list[int] = []
        soonest = NEVER
        for place, since in self.idle_since.items():
            if place in self._leaving or place in self._starting:
                continue
            deadline = since + self._held.timeout_ms(place)
            if deadline <= now:
                over.append(place)
            else:
                soonest = min(soonest, deadline)
        return sorted(over), soonest

    def _ask(self, now: float) -> None:
        """Let the cluster start what the targets lack, and take back what was just asked for in excess."""
        for profile, target in self._loop.targets.items():
            own = [place for place in self._starting if self.leases[place].profile == profile]
            lacking = target - (self._known[profile] - self._told_to_go[profile]) - len(own)
            for _ in range(int(min(lacking, self._habits.ceiling - self._alive())) if lacking > 0 else 0):
                lags = self._habits.start_ms or (0.0,)
                self._start(now, profile, lags[self._started % len(lags)])
                self._started += 1
            for place in reversed(own[lacking:] if lacking < 0 else []):
                if now - self._starting[place] <= self._habits.recall_ms:
                    self._recall(place)

    def _alive(self) -> int:
        return sum(removed is None for removed in self.removed) - len(self._leaving)

    def _start(self, now: float, profile: int, lag_ms: float) -> None:
        slots = self.model.slots.get(profile, 1)
        added = now + lag_ms
        place = self._lease(Lease(profile, slots, added, added + self._habits.ready_ms))
        self._starting[place] = now

    def _recall(self, place: int) -> None:
        del self._starting[place]
        self._recalled.add(place)
        self.removed[place] = self.leases[place].added_ms

    def _send_away(self, now: float, place: int) -> None:
        self._leaving.add(place)
        self._let_shuffle_go |= self._held.wanted(place)
        self._told_to_go[self.leases[place].profile] += 1
        self.idle_since.pop(place, None)
        super()._executor_closed(now, place)
        lags = self._habits.removal_ms or (0.0,)
        self.push(now + lags[self._sent_away % len(lags)], REMOVED, place)
        self._sent_away += 1

    def _executor_ready(self, now: float, place: int) -> None:
        if place not in self._recalled and place not in self._leaving:
            self._arrive(now)
            super()._executor_ready(now, place)

    def _executor_removed(self, now: float, place: int) -> None:
        self._leaving.discard(place)
        self._known[self.leases[place].profile] -= 1
        self._told_to_go[self.leases[place].profile] -= 1
        super()._executor_removed(now, place)

    def _outcome(self) -> Outcome:
        for place in self._recalled:
            self.removed[place] = self.leases[place].added_ms
        return replace(super()._outcome(), let_shuffle_go=self._let_shuffle_go)
