"""Spark's loop beside the events of a recorded run: when it asked for each executor that came."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterator
from dataclasses import dataclass

from launcher.advice.allocation.allocation_settings import AllocationSettings
from launcher.advice.allocation.loop import TICK_MS, AllocationLoop, Load
from launcher.advice.replay.model import Model
from launcher.records.history.trace import Trace

# No YARN answers sooner. A node of Kubernetes that has the image does, a standalone worker starts an executor
# at once, and so do those inside local-cluster.
SOONEST_MS = 2500.0
_SOONEST_MS = {"spark:": 300.0, "local-cluster": 300.0, "k8s": 800.0}
# An executor that comes so late answers no request that was taken back before.
_FORGOTTEN_MS = 60_000.0

SUBMITTED, LAUNCHED, ENDED, ADDED, CLOSED, REMOVED, COMPLETED = range(7)


@dataclass(frozen=True)
class Answered:
    """Requests of the loop and the executors that answered them, ms.

    Attributes:
        first_ms: of those asked for at the start, from there to the registration.
        lags_ms: of the others, from the request to the registration, in the order of the requests.
        unasked: executors that came before any was removed and that no request explains.
        oldest_ms: the longest that a request waited which was not taken back.
        recall_ms: requests up to this age were taken back with success; ``None`` where none was.
    """

    first_ms: tuple[float, ...]
    lags_ms: tuple[float, ...]
    unasked: int
    oldest_ms: float
    recall_ms: float | None


def answered(trace: Trace, model: Model, settings: AllocationSettings) -> Answered:
    """Play the loop beside a run."""
    beside = _Beside(trace, model, settings)
    for now, kind, profile, number in sorted(_events(trace, model)):
        beside.until(now)
        beside.happens(now, kind, profile, number)
    return beside.answers()


def _events(trace: Trace, model: Model) -> Iterator[tuple[float, int, int, int]]:
    """Time, kind, profile, number of tasks or executors."""
    for stage in trace.stages:
        if stage.submitted_ms is None:
            continue
        yield stage.submitted_ms, SUBMITTED, stage.profile, len(set(stage.tasks.index))
        seen: set[int] = set()
        for index, launch, finish in zip(
            stage.tasks.index, stage.tasks.launch_ms, stage.tasks.finish_ms, strict=True
        ):
            yield launch, LAUNCHED, stage.profile, int(index not in seen)
            yield finish, ENDED, stage.profile, 1
            seen.add(index)
    for lease in model.leases:
        yield lease.added_ms, ADDED, lease.profile, 1
        if lease.removed_ms is not None:
            if lease.closed_ms is not None and lease.closed_ms < lease.removed_ms:
                yield lease.closed_ms, CLOSED, lease.profile, 1
            yield lease.removed_ms, REMOVED, lease.profile, int((lease.closed_ms or 0) < lease.removed_ms)


class _Beside:
    """The loop, told what was recorded."""

    def __init__(self, trace: Trace, model: Model, settings: AllocationSettings) -> None:
        self._loop = AllocationLoop(settings, model.slots)
        self._start = float(trace.start_ms)
        self._tick_at = self._start
        self._pending: Counter[int] = Counter()
        self._running: Counter[int] = Counter()
        self._known: Counter[int] = Counter()
        self._leaving: Counter[int] = Counter()
        self._open: dict[int, deque[float]] = {0: deque([self._start] * settings.first)}
        self._recalled: dict[int, deque[tuple[float, float]]] = {}  # request, its age then
        self._came_anyway: list[float] = []  # ages of requests that were taken back in vain
        self._first: list[float] = []
        self._lags: list[tuple[float, float]] = []
        self._unasked = 0
        self._oldest = 0.0
        self._anyone_left = False
        master = (trace.conf or {}).get("spark.master", "")
        self._soonest = next((ms for kind, ms in _SOONEST_MS.items() if master.startswith(kind)), SOONEST_MS)

    def until(self, now: float) -> None:
        """Look as often as the loop does, where that can change anything."""
        while self._tick_at <= now:
            self._tick(self._tick_at)
            later = self._loop.add_at_ms if self._loop.add_at_ms > self._tick_at else now
            steps = max(1, int((min(later, now) - self._tick_at) // TICK_MS))
            self._tick_at += steps * TICK_MS

    def happens(self, now: float, kind: int, profile: int, number: int) -> None:
        """Take a recorded event in."""
        if kind == SUBMITTED:
            self._pending[profile] += number
            self._loop.stage_submitted(now, profile)
            self._ask(now)
        elif kind == LAUNCHED:
            self._launched(profile, number)
        elif kind == ENDED:
            self._running[profile] -= number
        elif kind == ADDED:
            self._added(now, profile)
        elif kind == CLOSED:
            # It idled too long, which ends the initial phase before anything is asked for in its place.
            self._anyone_left = True
            self._leaving[profile] += number
        elif kind == REMOVED:
            self._known[profile] -= 1
            self._leaving[profile] -= number
            self._anyone_left = True

    def _launched(self, profile: int, number: int) -> None:
        self._running[profile] += 1
        self._pending[profile] -= number
        if not any(pending > 0 for pending in self._pending.values()):
            self._loop.drained()

    def _tick(self, now: float) -> None:
        loads = {
            profile: Load(
                max(0, self._pending[profile]),
                max(0, self._running[profile]),
                self._known[profile],
                self._leaving[profile],
            )
            for profile in self._loop.targets
        }
        self._loop.tick(now, loads, self._anyone_left)
        self._ask(now)

    def _ask(self, now: float) -> None:
        for profile, target in self._loop.targets.items():
            waiting = self._open.setdefault(profile, deque())
            lacking = target - (self._known[profile] - self._leaving[profile]) - len(waiting)
            waiting.extend([now] * lacking)
            for _ in range(-lacking if waiting else 0):
                if waiting:
                    self._oldest = max(self._oldest, now - waiting[0])
                    asked = waiting.pop()
                    self._recalled.setdefault(profile, deque()).append((asked, now - asked))

    def _added(self, now: float, profile: int) -> None:
        self._known[profile] += 1
        asked = self._taken(now, profile)
        if asked is None:
            self._unasked += not self._anyone_left and profile == 0
        elif asked <= self._start:
            self._first.append(now - asked)
        else:
            self._lags.append((asked, now - asked))

    def _taken(self, now: float, profile: int) -> float | None:
        """The request that an executor answers: the oldest one, taken back or not."""
        recalled, waiting = self._recalled.get(profile, deque()), self._open.get(profile, deque())
        latest = now - self._soonest
        fitting = [one for one in recalled if now - _FORGOTTEN_MS <= one[0] <= latest]
        if fitting and (not waiting or min(fitting)[0] < waiting[0]):
            asked, age = min(fitting)
            recalled.remove((asked, age))
            self._came_anyway.append(age)
            return asked
        # The application's start is stamped when its first executors may be on their way.
        early = bool(waiting) and waiting[0] <= self._start
        return waiting.popleft() if waiting and (early or waiting[0] <= latest) else None

    def _recall_ms(self) -> float | None:
        ages = [age for queue in self._recalled.values() for _, age in queue]
        return min([max(ages), *self._came_anyway]) if ages else None

    def answers(self) -> Answered:
        """What came of it."""
        lags = tuple(lag for _, lag in sorted(self._lags))
        return Answered(tuple(self._first), lags, self._unasked, self._oldest, self._recall_ms())
