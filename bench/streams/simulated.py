"""A stream and its executors, simulated: what a policy costs and what it does to latency. Pure.

The stream is ours: a look at each trigger, but none while a batch runs, makes one batch of what is new.
It has a fixed part on the driver and a part for its rows on the executors.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Protocol

from sparkjobs.streaming.scaling.events import Arrived, Batch, Event
from sparkjobs.streaming.scaling.rules import Rules

_STEPS = 50
_POINTS = 8


@dataclass(frozen=True)
class Stream:
    """What is simulated.

    Attributes:
        rate: rows a second.
        length_s: how long.
        rules: bounds, trigger and objective; ``start_s`` is how long an executor takes to start.
        fixed_s: seconds of a batch without rows.
        row_s: seconds of one executor for one row.
        noise: of rows and of batches, as a share (standard deviation).
        lost_at: when an executor is lost; it is replaced.
        seed: of the noise.
        told: whether the policy hears what the tasks of a batch took.
        cold: how much longer the first batch takes, as a share; of each that follows half of that.
        tasks_s: seconds of one executor for the tasks of a batch without rows.
        start_costs_s: seconds by which the batches are longer in which an executor starts and works first.
    """

    rate: Callable[[float], float]
    length_s: float
    rules: Rules
    fixed_s: float = 0.5
    row_s: float = 0.01
    noise: float = 0.1
    lost_at: Sequence[float] = ()
    seed: int = 1
    told: bool = True
    cold: float = 0.0
    tasks_s: float = 0.0
    start_costs_s: float = 0.0


class Scaler(Protocol):
    """Decides how many executors there shall be."""

    def start(self) -> int:
        """Executors at the start."""

    def each_step(self, at: float, working: bool, pending: float, alive: int) -> int | None:
        """Asked all the time; ``pending``: tasks that wait for a slot."""

    def after(self, event: Event) -> int | None:
        """Asked after each look and when a batch has ended."""


@dataclass
class Fleet:
    """Executors that are alive and those that start.

    Attributes:
        alive: executors that run tasks.
        target: executors asked for.
        seconds: executor-seconds so far.
    """

    start_s: float
    step_s: float
    alive: int
    target: int
    seconds: float = 0.0
    _ready: list[float] = field(default_factory=list)

    def ask(self, at: float, target: int) -> None:
        """As ``requestTotalExecutors`` and ``killExecutors``; what starts is given up first."""
        self.target = target
        self._ready = self._ready[: max(0, target - self.alive)]
        self.alive = min(self.alive, target)
        self._ready += [at + self.start_s] * (target - self.alive - len(self._ready))

    def lose(self, at: float) -> None:
        """One ends, and another is started in its place."""
        self.alive = max(0, self.alive - 1)
        self.ask(at, self.target)

    def step(self, at: float) -> None:
        """Time goes on."""
        self.alive += sum(ready <= at for ready in self._ready)
        self._ready = [ready for ready in self._ready if ready > at]
        self.seconds += self.alive * self.step_s


@dataclass(frozen=True)
class Outcome:
    """What came of it.

    Attributes:
        executor_seconds: executors over time.
        latencies: pairs of seconds from arrival to commit, and rows that waited so long; sorted.
        most_rows: the most rows that one batch had.
        targets: when and what was asked for, whenever it changed.
    """

    executor_seconds: float
    latencies: tuple[tuple[float, float], ...]
    most_rows: int
    targets: tuple[tuple[float, int], ...]

    def latency(self, part: float) -> float:
        """Seconds within which that part of the rows was committed."""
        rest = part * sum(rows for _, rows in self.latencies)
        for seconds, rows in self.latencies:
            rest -= rows
            if rest <= 0:
                return seconds
        return 0.0

    def turns(self) -> list[float]:
        """When the number began to go the other way."""
        moves = [(at, number - before) for (_, before), (at, number) in pairwise(self.targets)]
        return [at for (_, one), (at, other) in pairwise(moves) if one * other < 0]


@dataclass
class _Running:
    look: Arrived
    begun: float
    fixed: float
    work: float
    whole: float


class Simulation:
    """One run of a stream under one policy."""

    def __init__(self, stream: Stream, scaler: Scaler) -> None:
        self._stream = stream
        self._scaler = scaler
        self._noise = random.Random(stream.seed)
        start = scaler.start()
        self._step_s = stream.rules.trigger_s / _STEPS
        self._fleet = Fleet(stream.rules.start_s, self._step_s, start, start)
        self._running: _Running | None = None
        self._latencies: list[tuple[float, float]] = []
        self._targets = [(0.0, start)]
        self._most_rows = self._begun = 0
        self._had = start
        self._looked_at = self._told_at = 0.0

    def run(self) -> Outcome:
        """Play it to its end."""
        losses = sorted(self._stream.lost_at)
        for number in range(1, round(self._stream.length_s / self._step_s) + 1):
            at = number * self._step_s
            self._fleet.step(at)
            while losses and losses[0] <= at:
                losses.pop(0)
                self._fleet.lose(at)
            self._look(at)
            self._work(at)
            self._ask(at, self._scaler.each_step(at, *self._tasks(), self._fleet.alive))
        seconds = self._fleet.seconds
        return Outcome(seconds, tuple(sorted(self._latencies)), self._most_rows, tuple(self._targets))

    def _look(self, at: float) -> None:
        """Each trigger; while a batch runs for longer than that, only the policy hears of it."""
        trigger_s = self._stream.rules.trigger_s
        if at - self._told_at < trigger_s - self._step_s / 2:
            return
        if self._running is not None:
            self._told_at = at
            self._ask(at, self._scaler.after(Event(at, running=True)))
            return
        span = at - self._looked_at
        rows = round(self._stream.rate(at - span / 2) * span * self._factor())
        self._told_at = self._looked_at = at
        if rows:
            self._ask(at, self._scaler.after(Event(at, waiting=(rows,))))
            self._begin(at, Arrived(at, span, rows))
        else:
            self._ask(at, self._scaler.after(Event(at, arrived=(Arrived(at, span, 0),))))

    def _begin(self, at: float, look: Arrived) -> None:
        cold = 1 + self._stream.cold * 0.5**self._begun
        self._begun += 1
        work = (self._stream.tasks_s + look.rows * self._stream.row_s) * self._factor() * cold
        fixed = self._stream.fixed_s * self._factor() * cold
        if self._fleet.target > self._fleet.alive or self._fleet.alive > self._had:
            fixed += self._stream.start_costs_s
        self._had = self._fleet.alive
        self._most_rows = max(self._most_rows, look.rows)
        self._running = _Running(look, at, fixed, work, work)

    def _work(self, at: float) -> None:
        running = self._running
        if running is None:
            return
        used = min(self._step_s, running.fixed)
        running.fixed -= used
        running.work -= (self._step_s - used) * self._fleet.alive
        if running.fixed <= 0 and running.work <= 0:
            self._end(at, running)

    def _end(self, at: float, done: _Running) -> None:
        self._running = None
        # The next look comes at once where its trigger has passed.
        self._told_at = self._looked_at
        look = done.look
        for point in range(_POINTS):
            waited = at - look.at + look.seconds * (point + 0.5) / _POINTS
            self._latencies.append((waited, look.rows / _POINTS))
        work = done.whole if self._stream.told else None
        batch = Batch(look.rows, at - done.begun + self._step_s, self._fleet.alive, work)
        self._ask(at, self._scaler.after(Event(at, batch, (look,), self._overdue(at))))

    def _overdue(self, at: float) -> tuple[float, ...]:
        """What came while a batch took longer than a trigger waits, and is known to."""
        since = at - self._looked_at
        rows = round(self._stream.rate(at - since / 2) * since)
        return (float(rows),) if since > self._stream.rules.trigger_s and rows else ()

    def _tasks(self) -> tuple[bool, float]:
        """Whether tasks run, and how many wait: twice as many as there may be executors."""
        running, rules = self._running, self._stream.rules
        if running is None or running.fixed > 0 or running.whole <= 0:
            return False, 0.0
        left = 2 * rules.most * running.work / running.whole
        return True, max(0.0, left - self._fleet.alive)

    def _ask(self, at: float, target: int | None) -> None:
        if target is not None and target != self._fleet.target:
            self._fleet.ask(at, target)
            self._targets.append((at, target))

    def _factor(self) -> float:
        return max(0.1, self._noise.gauss(1.0, self._stream.noise))
