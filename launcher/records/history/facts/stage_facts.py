"""The facts of one stage. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from heapq import nlargest

from launcher.records.history.facts.facts import Spread, StageFacts
from launcher.records.history.facts.slots import SlotClass
from launcher.records.history.trace import Ended, Stage

SLOWEST = 3


def stage_facts(stage: Stage, classes: bytearray, job: int | None, start_ms: int) -> StageFacts:
    """The facts of a stage.

    Args:
        stage: the stage.
        classes: a ``SlotClass`` for each of its tasks.
        job: the first job that has it.
        start_ms: start of the application.
    """
    tasks = stage.tasks
    spans = [finish - launch for launch, finish in zip(tasks.launch_ms, tasks.finish_ms, strict=True)]
    good = [row for row, ended in enumerate(tasks.ended) if ended == Ended.SUCCESS]
    by_class: dict[int, list[int]] = {}
    for row in good:
        by_class.setdefault(classes[row], []).append(spans[row])
    return StageFacts(
        id=stage.id,
        attempt=stage.attempt,
        name=stage.name,
        job=job,
        profile=stage.profile,
        size=stage.size,
        failed=sum(ended in (Ended.FAILED, Ended.LOST) for ended in tasks.ended),
        killed=sum(ended == Ended.KILLED for ended in tasks.ended),
        submitted_s=_since(stage.submitted_ms, start_ms),
        completed_s=_since(stage.completed_ms, start_ms),
        task_seconds=sum(spans) / 1000,
        fresh=spread(by_class.get(SlotClass.FRESH, ())),
        first=spread(by_class.get(SlotClass.FIRST, ())),
        rest=spread(by_class.get(SlotClass.REST, ())),
        skew=_skew([spans[row] for row in good]),
        slowest=tuple(tasks.index[row] for row in nlargest(SLOWEST, good, key=spans.__getitem__)),
        gc_share=share(sum(tasks.gc_ms), sum(tasks.run_ms)),
        read_bytes=_sum(tasks.read_bytes, good),
        read_rows=_sum(tasks.read_rows, good),
        written_bytes=_sum(tasks.written_bytes, good),
        written_rows=_sum(tasks.written_rows, good),
        shuffle_read_bytes=_sum(tasks.shuffle_read_bytes, good),
        shuffle_read_rows=_sum(tasks.shuffle_read_rows, good),
        shuffle_written_bytes=_sum(tasks.shuffle_written_bytes, good),
        spilled_bytes=sum(tasks.spilled_bytes),
        peak_bytes=max(tasks.peak_bytes, default=0),
    )


def spread(spans: Iterable[int]) -> Spread:
    """How some durations spread, by nearest rank."""
    ordered = sorted(spans)
    if not ordered:
        return Spread()
    return Spread(len(ordered), sum(ordered), rank(ordered, 0.5), rank(ordered, 0.9), ordered[-1])


def rank(ordered: Sequence[int], share_below: float) -> int:
    """The value at a share of the way through sorted ones."""
    return ordered[round(share_below * (len(ordered) - 1))]


def share(part: float, whole: float) -> float:
    """One by the other, 0 of nothing."""
    return round(part / whole, 4) if whole else 0.0


def _skew(spans: list[int]) -> float | None:
    if not spans:
        return None
    middle = rank(sorted(spans), 0.5)
    return round(max(spans) / middle, 2) if middle else None


def _sum(column: Sequence[int], rows: list[int]) -> int:
    return sum(column[row] for row in rows)


def _since(ms: int | None, start_ms: int) -> float | None:
    return None if ms is None else (ms - start_ms) / 1000


def gc_share_of(stages: Iterable[Stage]) -> float:
    """Share of the run time of all tasks that went to collecting garbage."""
    tasks = [stage.tasks for stage in stages]
    return share(sum(sum(one.gc_ms) for one in tasks), sum(sum(one.run_ms) for one in tasks))
