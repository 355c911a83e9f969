"""Where the time of a run went: phases that follow or lie in each other, each moment counted once.

A phase that begins inside another one takes its own time away from it, and what lies in none is the rest:
so the phases add up to the whole, however the code that they measure is nested.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field

REST = "rest"
_DIGITS = 3


@dataclass(frozen=True)
class Phase:
    """A part of a run: its seconds, and their share of the whole from 0 to 1."""

    name: str
    seconds: float
    share: float


@dataclass(frozen=True)
class Spent:
    """What was spent until a moment.

    Attributes:
        until_s: the moment, in seconds of a clock that only goes forward.
        seconds: by phase, in the order in which they began first.
        open: the phases that have begun and not ended, the innermost last.
    """

    until_s: float
    seconds: Mapping[str, float] = field(default_factory=dict)
    open: tuple[str, ...] = ()

    def begin(self, name: str, now_s: float) -> Spent:
        """A phase begins; the one around it rests."""
        before = self._counted(now_s)
        return Spent(now_s, {**before, name: before.get(name, 0.0)}, (*self.open, name))

    def end(self, now_s: float) -> Spent:
        """The innermost phase ends."""
        return Spent(now_s, self._counted(now_s), self.open[:-1])

    def phases(self, now_s: float) -> tuple[Phase, ...]:
        """All phases, the rest last. Their seconds add up to the whole, whatever rounding does."""
        counted = {name: round(spent, _DIGITS) for name, spent in self._counted(now_s).items()}
        rest = counted.pop(REST, 0.0)
        whole = sum(counted.values()) + rest
        return tuple(
            Phase(name, spent, round(spent / whole, _DIGITS) if whole else 0.0)
            for name, spent in (*counted.items(), (REST, rest))
        )

    def _counted(self, now_s: float) -> dict[str, float]:
        current = self.open[-1] if self.open else REST
        return {**self.seconds, current: self.seconds.get(current, 0.0) + now_s - self.until_s}


class Profile:
    """The phases of one run as they are measured.

    Args:
        clock: seconds, only going forward.
        begun_s: the moment of that clock at which the run began; now, where it is not given.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic, begun_s: float | None = None) -> None:
        self._clock = clock
        self._spent = Spent(clock() if begun_s is None else begun_s)

    @contextmanager
    def phase(self, name: str) -> Iterator[None]:
        """Count the block as a phase, once more where it was one before."""
        self._spent = self._spent.begin(name, self._clock())
        try:
            yield
        finally:
            self._spent = self._spent.end(self._clock())

    def phases(self) -> tuple[Phase, ...]:
        """What was measured so far."""
        return self._spent.phases(self._clock())


_PROFILE: ContextVar[Profile | None] = ContextVar("sparkjobs-profile", default=None)


@contextmanager
def profiling(profile: Profile) -> Iterator[Profile]:
    """Let ``phase`` count for this profile inside the block."""
    token = _PROFILE.set(profile)
    try:
        yield profile
    finally:
        _PROFILE.reset(token)


@contextmanager
def phase(name: str) -> Iterator[None]:
    """Count the block as a phase of the run's profile; without one nothing is counted."""
    profile = _PROFILE.get()
    if profile is None:
        yield
        return
    with profile.phase(name):
        yield


def table(phases: Sequence[Phase]) -> Iterator[str]:
    """The phases as lines for people, with the whole below. Pure."""
    if not phases:
        return
    width = max(len(phase.name) for phase in phases)
    for phase in phases:
        yield f"{phase.name:<{width}}  {phase.seconds:9.3f} s  {phase.share:6.1%}"
    yield f"{'':<{width}}  {sum(phase.seconds for phase in phases):9.3f} s"
