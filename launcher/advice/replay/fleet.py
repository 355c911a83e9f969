"""The executors of a replay: when each takes tasks, which slots are free, what is lost with one."""

from __future__ import annotations

import heapq
import math
from abc import ABC, abstractmethod
from dataclasses import replace

from launcher.advice.replay.model import Lease, Model

# Kinds of events beside those of ``Progress``.
READY_EXECUTOR, CLOSED, REMOVED = -5, -6, -7


class Fleet(ABC):
    """Executors and the events that happen to them.

    Args:
        model: what is played.
    """

    def __init__(self, model: Model) -> None:
        self.model = model
        self._heap: list[tuple[float, int, int, int, int]] = []
        self._events = 0
        self._prepare_executors()

    def _prepare_executors(self) -> None:
        profiles = {stage.profile for stage in self.model.stages} | set(self.model.slots)
        self.hosts: list[bool] = []  # whether it is an executor, and no slots of one for guests
        self.leases: list[Lease] = []
        self.removed: list[float | None] = []
        self._open: list[bool] = []
        self._dead: list[bool] = []
        self._free: list[list[int]] = []
        self._slot_executor: list[int] = []
        self._slot_stage: list[int] = []
        self._slot_seen: list[set[int]] = []
        self._slot_task: list[int] = []
        self._offers: dict[int, dict[int, None]] = {profile: {} for profile in profiles}
        self.running = dict.fromkeys(profiles, 0)
        self._tasks_at_once = 0
        self._counted_ms = float(self.model.start_ms)
        self._area = self._square_area = 0.0  # of the running tasks, and of their square, over time
        self.idle_since: dict[int, float] = {}

    def push(self, at_ms: float, kind: int, place: int, task: int = 0) -> None:
        """Let something happen."""
        self._events += 1
        heapq.heappush(self._heap, (at_ms, self._events, kind, place, task))

    def next_event_ms(self) -> float:
        """When something happens next; ``inf`` when nothing does."""
        return self._heap[0][0] if self._heap else math.inf

    def _lease(self, lease: Lease) -> int:
        """Take an executor in; answers its place."""
        place = self._take_in(lease, host=True)
        first = len(self._slot_executor) - lease.slots
        for profile, slots in self.model.guests.get(lease.profile, {}).items():
            # Stages of two profiles that run at once on one executor are rare: its slots count for each.
            self._take_in(replace(lease, profile=profile, slots=slots), host=False)
            for slot in range(min(slots, lease.slots)):  # of one JVM, which either warms for the other
                self._slot_seen[slot - slots] = self._slot_seen[first + slot]
        return place

    def _take_in(self, lease: Lease, *, host: bool) -> int:
        place = len(self.leases)
        first = len(self._slot_executor)
        self.leases.append(lease)
        self.hosts.append(host)
        self.removed.append(None)
        self._open.append(False)
        self._dead.append(False)
        self._free.append(list(range(first, first + lease.slots)))
        self._slot_executor += [place] * lease.slots
        self._slot_stage += [-1] * lease.slots
        self._slot_seen += [set() for _ in range(lease.slots)]
        self._slot_task += [-1] * lease.slots
        self.push(lease.ready_ms, READY_EXECUTOR, place)
        if lease.closed_ms is not None:
            self.push(lease.closed_ms, CLOSED, place)
        if lease.removed_ms is not None:
            self.push(lease.removed_ms, REMOVED, place)
        return place

    def _executor_ready(self, now: float, place: int) -> None:
        lease = self.leases[place]
        if lease.closed_ms is not None and now >= lease.closed_ms:
            return
        self._open[place] = True
        self._offers.setdefault(lease.profile, {})[place] = None
        self._dispatch(now, lease.profile)

    def _executor_closed(self, _now: float, place: int) -> None:
        lease = self.leases[place]
        self._open[place] = False
        self._offers.get(lease.profile, {}).pop(place, None)
        # One that was lost had died by now: what runs on it goes on in vain until that is noticed.
        self._dead[place] = lease.lost

    def _executor_removed(self, now: float, place: int) -> None:
        self._executor_closed(now, place)
        self.removed[place] = now
        self.idle_since.pop(place, None)
        if self.leases[place].lost:
            self._lose_tasks(now, place)

    def _lose_tasks(self, now: float, place: int) -> None:
        free = set(self._free[place])
        profile = self.leases[place].profile
        for slot, executor in enumerate(self._slot_executor):
            if executor == place and slot not in free and self._slot_task[slot] >= 0:
                self._count(now, profile, -1)
                self._stopped(self._slot_stage[slot])
                self._requeue(now, self._slot_stage[slot], self._slot_task[slot])
        self._free[place].clear()
        self._dispatch(now, profile)

    def _release(self, now: float, executor: int, slot: int, profile: int) -> None:
        self._count(now, profile, -1)
        free = self._free[executor]
        free.append(slot)
        if self._open[executor]:
            self._offers[profile][executor] = None
        if len(free) == self.leases[executor].slots:
            self.idle_since[executor] = now

    def _count(self, now: float, profile: int, change: int) -> None:
        """Tasks that begin or end; a slot that goes on with another one changes nothing."""
        running, passed = self._tasks_at_once, now - self._counted_ms
        self._area += running * passed
        self._square_area += running * running * passed
        self._counted_ms = now
        self._tasks_at_once = running + change
        self.running[profile] += change

    @abstractmethod
    def _dispatch(self, now: float, profile: int) -> None:
        """Hand out tasks while there are free slots."""

    @abstractmethod
    def _stopped(self, stage: int) -> None:
        """A task of a stage runs no more."""

    @abstractmethod
    def _requeue(self, now: float, stage: int, task: int) -> None:
        """Let a task run again."""
