"""Three ways of deciding how many executors a stream has, for the simulation. Pure."""

from __future__ import annotations

from sparkjobs.streaming.scaling.events import Decision, Event
from sparkjobs.streaming.scaling.memory import Memory
from sparkjobs.streaming.scaling.policy import begin, decide
from sparkjobs.streaming.scaling.rules import Rules

_IDLE_S, _BACKLOG_S = 60.0, 1.0


class Ours:
    """The policy of ``sparkjobs.streaming.scaling``; keeps its decisions."""

    def __init__(self, rules: Rules, start: int | None = None) -> None:
        self._rules = rules
        self.memory: Memory = begin(rules, rules.least if start is None else start)
        self.decisions: list[tuple[Event, Decision]] = []

    def start(self) -> int:
        """Where it begins."""
        return self.memory.target

    def each_step(self, at: float, working: bool, pending: float, alive: int) -> None:
        """It looks at batches only."""

    def after(self, event: Event) -> int:
        """What the policy says."""
        self.memory, decision = decide(self._rules, self.memory, event)
        self.decisions.append((event, decision))
        return decision.target


class Static:
    """Always the most."""

    def __init__(self, rules: Rules) -> None:
        self._most = rules.most

    def start(self) -> int:
        """The most."""
        return self._most

    def each_step(self, at: float, working: bool, pending: float, alive: int) -> None:
        """Nothing changes."""

    def after(self, event: Event) -> None:
        """Nothing changes."""


class Sparks:
    """Spark's ExecutorAllocationManager with its defaults: waiting tasks grow it, idle minutes shrink it.

    One second after tasks began to wait it asks for 1 more, then each second for 2, 4, 8 more while they
    wait; the executors of a stream idle only when there is no batch for a minute.
    """

    def __init__(self, rules: Rules) -> None:
        self._rules = rules
        self._target = rules.least
        self._add = 1
        self._next: float | None = None
        self._worked_at = 0.0

    def start(self) -> int:
        """The fewest."""
        return self._rules.least

    def each_step(self, at: float, working: bool, pending: float, alive: int) -> int | None:
        """Its loop; between batches it does no other thing than time idle executors."""
        if working:
            self._worked_at = at
        if pending <= 0:
            self._next, self._add = None, 1
            if at - self._worked_at >= _IDLE_S:
                self._target = self._rules.least
            return self._target
        if self._next is None:
            self._next = at + _BACKLOG_S
        elif at >= self._next:
            wanted = int(pending) + alive
            self._target = min(self._rules.most, max(self._target, min(wanted, self._target + self._add)))
            self._next, self._add = at + _BACKLOG_S, self._add * 2
        return self._target

    def after(self, event: Event) -> None:
        """It knows nothing of batches."""
