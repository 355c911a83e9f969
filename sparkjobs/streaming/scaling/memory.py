"""What the policy remembers of batches and looks, and which of them are a measure. Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace

from sparkjobs.streaming.scaling.cost import measured
from sparkjobs.streaming.scaling.events import Arrived, Batch, Event

_BATCHES, _LOOKS, _STARTS = 30, 30, 3
# Seconds of work that a new executor takes at most for what it starts.
_STARTS_WORK_S = 15.0
# Of fewer batches nobody knows what is usual.
KNOWN = 5


@dataclass(frozen=True)
class Shrunk:
    """Executors were given back.

    Attributes:
        at: when.
        rate: rows a second at that time.
        peak: the most since then.
        to: how many were left.
        undone_at: when those turned out to be too few.
    """

    at: float
    rate: float
    peak: float
    to: int
    undone_at: float | None = None


@dataclass(frozen=True)
class Memory:
    """All that the policy knows of the past.

    Attributes:
        target: executors asked for.
        since: when that number was decided; ``None`` before the first event.
        begun: when the batch that is waited for began, as far as can be told: of the first two.
        runs: how many batches have ended.
        first: the first of them.
        alive: executors of the last of them.
        batches: recent ones, the oldest first.
        looks: recent ones, the oldest first.
        measured_at: when the last of those batches ended.
        starts: by how many seconds recent batches on new executors were longer than others.
        judged_since: when it was first told how many would be enough.
        enough: of the last while, when and how many executors would have been enough.
        shrunk: the last time that executors were given back.
        undone: the last times that those turned out to be too few.
    """

    target: int
    since: float | None = None
    begun: float | None = None
    runs: int = 0
    first: Batch | None = None
    alive: int = 0
    batches: tuple[Batch, ...] = ()
    measured_at: float | None = None
    starts: tuple[float, ...] = ()
    looks: tuple[Arrived, ...] = ()
    judged_since: float | None = None
    enough: tuple[tuple[float, int], ...] = ()
    shrunk: Shrunk | None = None
    undone: tuple[Shrunk, ...] = ()


def remembered(memory: Memory, event: Event) -> Memory:
    """What is known after an event.

    Args:
        memory: before it.
        event: what happened.
    """
    memory = replace(
        memory,
        since=event.at if memory.since is None else memory.since,
        begun=event.at if memory.begun is None and _something_is_there(event) else memory.begun,
        looks=(*memory.looks, *event.arrived)[-_LOOKS:],
    )
    return memory if event.batch is None else _counted(memory, event.batch, event.at)


def _something_is_there(event: Event) -> bool:
    return event.running or bool(event.waiting) or event.batch is not None


def _counted(memory: Memory, batch: Batch, at: float) -> Memory:
    """The first batch of a run, and the first on new executors, starts workers and compiles: no measure.

    As long as there is no other, such a batch has to do.
    """
    batches = () if memory.runs == 1 else memory.batches
    known = batch.rows > 0 and batch.executors > 0
    counts = known and (batch.executors <= memory.alive or not batches or _dearer(memory, batch))
    new = known and not counts
    return replace(
        memory,
        begun=memory.begun if memory.runs else at,
        measured_at=at if counts else memory.measured_at,
        starts=(*memory.starts, *_longer(batches, batch))[-_STARTS:] if new else memory.starts,
        runs=memory.runs + 1,
        first=memory.first or batch,
        alive=batch.executors or memory.alive,
        batches=(*batches, batch)[-_BATCHES:] if counts else batches,
    )


def _dearer(memory: Memory, batch: Batch) -> bool:
    """Whether a batch on new executors took more work than their start explains."""
    cost = measured(memory.batches)
    if cost is None or batch.work is None:
        return False
    return batch.work - cost.work(batch.rows) > _STARTS_WORK_S * (batch.executors - memory.alive)


def _longer(batches: tuple[Batch, ...], cold: Batch) -> tuple[float, ...]:
    """By how many seconds a batch on new executors was longer than others; nothing where few are known."""
    cost = measured(batches) if len(batches) >= KNOWN else None
    return () if cost is None else (max(0.0, cold.seconds - cost.seconds(cold.rows, cold.executors)),)
