"""What the policy is told, and what it answers."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Arrived:
    """What one look at the input found.

    Attributes:
        at: when it looked, in seconds of any steady clock.
        seconds: since the look before it.
        rows: rows that were new.
    """

    at: float
    seconds: float
    rows: int


@dataclass(frozen=True)
class Batch:
    """A batch that has ended.

    Attributes:
        rows: rows that it took in.
        seconds: how long it took, from its begin to its last commit.
        executors: how many were alive.
        work: seconds that one executor with all its slots would need for its tasks; ``None``: nobody knows.
    """

    rows: int
    seconds: float
    executors: int
    work: float | None = None


@dataclass(frozen=True)
class Event:
    """A batch has ended, the input was looked at, or a batch has run for one more trigger.

    Attributes:
        at: when, by the clock of the looks.
        batch: the batch that has ended.
        arrived: looks all of whose rows are known now and were not before.
        waiting: the batches that wait, in rows as far as can be told before they are read.
        running: a batch runs, so that no executor may be given back.
    """

    at: float
    batch: Batch | None = None
    arrived: tuple[Arrived, ...] = ()
    waiting: tuple[float, ...] = ()
    running: bool = False


@dataclass(frozen=True)
class Decision:
    """How many executors there shall be.

    Attributes:
        target: the number.
        reason: why, in a sentence with its numbers.
        changed: it is another number than before.
    """

    target: int
    reason: str
    changed: bool
