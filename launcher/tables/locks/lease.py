"""When a lease is renewed, and what happens when it cannot be. Pure: events and time in, instructions out.

A lease counts from the moment at which its last good renewal was sent, so that it ends here no later than for
anybody who watches it. Without a renewal the run is stopped after half of it, while there is time to end in
peace; killed after four fifths; and lost at its end. A process that slept through these moments (suspended,
swapped out) finds them all passed and is told the last.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import IntEnum

LEASE_S = 300.0


@dataclass(frozen=True)
class Terms:
    """The times of a lease, in seconds, all from its length.

    Attributes:
        lease_s: how long a lock lasts without renewal.
    """

    lease_s: float = LEASE_S

    @property
    def heartbeat_s(self) -> float:
        """Between two renewals."""
        return self.lease_s / 10

    @property
    def retry_s(self) -> float:
        """Between two attempts while renewal fails."""
        return self.lease_s / 60

    @property
    def request_s(self) -> float:
        """The longest that one request to the store may take."""
        return min(10.0, self.lease_s / 4)

    def passed(self, unrenewed_s: float) -> Stage:
        """The stage of a lease that has not been renewed for so long."""
        ends = ((self.lease_s, Stage.LOST), (self.lease_s * 0.8, Stage.KILL), (self.lease_s / 2, Stage.STOP))
        return next((stage for end_s, stage in ends if unrenewed_s >= end_s), Stage.HELD)


class Stage(IntEnum):
    """How far a lease has come without renewal."""

    HELD = 0
    STOP = 1
    KILL = 2
    LOST = 3


@dataclass(frozen=True)
class Lease:
    """A lease as its holder knows it; times in seconds of one clock that never goes back.

    Attributes:
        terms: its times.
        renewed_s: when the last good renewal was sent.
        tried_s: when the last attempt was sent.
        why: why the last attempt failed; empty after a good one.
        stage: the gravest that was told.
    """

    terms: Terms
    renewed_s: float
    tried_s: float
    why: str = ""
    stage: Stage = Stage.HELD


@dataclass(frozen=True)
class Tick:
    """Time has passed."""


@dataclass(frozen=True)
class Renewed:
    """A renewal that was sent at ``sent_s`` succeeded."""

    sent_s: float


@dataclass(frozen=True)
class NotRenewed:
    """A renewal that was sent at ``sent_s`` failed, or nobody knows."""

    sent_s: float
    why: str


@dataclass(frozen=True)
class Taken:
    """The lock is somebody else's."""

    why: str


Event = Tick | Renewed | NotRenewed | Taken


@dataclass(frozen=True)
class Renew:
    """Renew the lease now."""


@dataclass(frozen=True)
class StopRun:
    """End the run in peace: the lease cannot be renewed."""

    why: str


@dataclass(frozen=True)
class KillRun:
    """Kill the run: the lease is about to end."""

    why: str


@dataclass(frozen=True)
class Lost:
    """Kill the run: the lock is gone, somebody else may be writing."""

    why: str


Instruction = Renew | StopRun | KillRun | Lost


def granted(terms: Terms, sent_s: float) -> Lease:
    """The lease of a lock that was asked for at ``sent_s``."""
    return Lease(terms, renewed_s=sent_s, tried_s=sent_s)


def step(lease: Lease, event: Event, now_s: float) -> tuple[Lease, tuple[Instruction, ...]]:
    """What an event changes and what is to be done about it."""
    if lease.stage is Stage.LOST:
        return lease, ()
    if isinstance(event, Taken):
        return replace(lease, stage=Stage.LOST, why=event.why), (Lost(event.why),)
    if isinstance(event, Renewed):
        lease = replace(lease, renewed_s=event.sent_s, tried_s=event.sent_s, why="")
    elif isinstance(event, NotRenewed):
        lease = replace(lease, tried_s=event.sent_s, why=event.why)
    lease, instructions = _next_stage(lease, now_s)
    if lease.stage is Stage.LOST or not isinstance(event, Tick) or now_s < _next_try_s(lease):
        return lease, instructions
    return replace(lease, tried_s=now_s), (*instructions, Renew())


def next_look_s(lease: Lease, now_s: float) -> float:
    """Seconds until there may be something to do."""
    stages = (lease.terms.lease_s / 2, lease.terms.lease_s * 0.8, lease.terms.lease_s)
    moments = [lease.renewed_s + after_s for after_s in stages if lease.renewed_s + after_s > now_s]
    return max(0.0, min([_next_try_s(lease), *moments]) - now_s)


def _next_stage(lease: Lease, now_s: float) -> tuple[Lease, tuple[Instruction, ...]]:
    unrenewed_s = now_s - lease.renewed_s
    stage = lease.terms.passed(unrenewed_s)
    if stage <= lease.stage:
        return lease, ()
    cause = f": {lease.why}" if lease.why else ""
    why = f"the lease was not renewed for {unrenewed_s:.0f} of {lease.terms.lease_s:g} s{cause}"
    make: dict[Stage, Callable[[str], Instruction]]
    make = {Stage.STOP: StopRun, Stage.KILL: KillRun, Stage.LOST: Lost}
    return replace(lease, stage=stage), (make[stage](why),)


def _next_try_s(lease: Lease) -> float:
    failing = bool(lease.why)
    return lease.tried_s + (lease.terms.retry_s if failing else lease.terms.heartbeat_s)
