"""The same run with more or less input: stages take longer by their measured rows per second."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from launcher.advice.prediction.basis import Basis
from launcher.advice.prediction.floor import floor_of
from launcher.advice.replay.model import StagePart
from launcher.records.history.trace import Stage, Tasks
from launcher.spec.units import size_bytes

_SPLIT_KEY, _SPLIT = "spark.sql.files.maxPartitionBytes", 128 << 20
# Splits of at least this part of the size of a split are whole ones: more input makes more of them.
_FULL = 0.5


@dataclass(frozen=True)
class Scaled:
    """A run with other input.

    Attributes:
        basis: to predict from.
        unscaled: names of the stages that read no rows, so that nobody can say how they follow the input.
        unscaled_share: their part of the time of all tasks.
    """

    basis: Basis
    unscaled: tuple[str, ...]
    unscaled_share: float


def with_input(basis: Basis, factor: float) -> Scaled:
    """The run as it would be with ``factor`` times the input.

    A stage that reads whole splits of files has as many more tasks as there is more input; any other that
    reads rows keeps its tasks, and each takes longer by as many more rows at its measured rate. The time that
    its quickest task took whatever it read does not grow.

    Args:
        basis: the run.
        factor: input over the run's input, more than 0.
    """
    recorded = {(stage.id, stage.attempt): stage for stage in basis.trace.stages}
    split = _split_bytes(basis)
    parts: list[StagePart] = []
    unscaled: dict[str, None] = {}
    left = 0.0
    for part in basis.model.stages:
        stage = recorded[part.id, part.attempt]
        if not _rows(stage.tasks):
            left += sum(part.durations)
            unscaled[part.name] = None
            parts.append(part)
        elif _reads_whole_splits(stage.tasks, split):
            parts.append(_more_tasks(part, factor))
        else:
            parts.append(_longer_tasks(part, stage, factor))
    model = replace(basis.model, stages=tuple(parts))
    work = sum(sum(part.durations) for part in basis.model.stages)
    found = replace(basis, model=model, floor=floor_of(model, basis.warmth.conversions(None, 1.0, 1.0)))
    return Scaled(found, tuple(unscaled), left / work if work else 0.0)


def _split_bytes(basis: Basis) -> int:
    try:
        return size_bytes(basis.conf.get(_SPLIT_KEY, str(_SPLIT)))
    except ValueError:
        return _SPLIT


def _rows(tasks: Tasks) -> int:
    return sum(tasks.read_rows) + sum(tasks.shuffle_read_rows)


def _reads_whole_splits(tasks: Tasks, split: int) -> bool:
    """Whether the middle task read a whole split; one task alone does not tell."""
    if not sum(tasks.read_rows) or len(tasks) < 2:
        return False
    return sorted(tasks.read_bytes)[len(tasks) // 2] >= _FULL * split


def _more_tasks(part: StagePart, factor: float) -> StagePart:
    """As many tasks as there are splits, by turns as those that were; what follows them is as it was."""
    count = max(1, round(len(part.durations) * factor))
    turns = [place % len(part.durations) for place in range(count)]
    done = count if part.completes_at == len(part.durations) else min(count, part.completes_at)
    return replace(
        part,
        durations=[part.durations[place] for place in turns],
        classes=bytes(part.classes[place] for place in turns),
        retries={place: tries for place, tries in part.retries.items() if place < count},
        completes_at=done,
    )


def _longer_tasks(part: StagePart, stage: Stage, factor: float) -> StagePart:
    fixed = _fixed_ms(part.durations, stage)
    return replace(
        part,
        durations=[_grown(ms, fixed, factor) for ms in part.durations],
        retries={
            place: tuple(round(_grown(ms, fixed, factor)) for ms in tries)
            for place, tries in part.retries.items()
        },
    )


def _grown(ms: float, fixed_ms: float, factor: float) -> float:
    fixed = min(ms, fixed_ms)
    return fixed + (ms - fixed) * factor


def _fixed_ms(durations: Sequence[float], stage: Stage) -> float:
    """What a task takes without rows: the quickest one's time, where it read next to nothing."""
    rows = [
        read + shuffled
        for read, shuffled in zip(stage.tasks.read_rows, stage.tasks.shuffle_read_rows, strict=True)
    ]
    empty = [
        finish - launch
        for launch, finish, count in zip(stage.tasks.launch_ms, stage.tasks.finish_ms, rows, strict=True)
        if count * len(rows) <= 0.01 * sum(rows)
    ]
    return float(min(empty, default=0)) if durations else 0.0
