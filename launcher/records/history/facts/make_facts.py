"""From a trace to the facts that are kept with a run. Pure."""

from __future__ import annotations

from heapq import nlargest
from itertools import accumulate

from launcher.records.history.facts.chains import gaps, longest_chain, owners
from launcher.records.history.facts.curves import curves, supply_changes
from launcher.records.history.facts.facts import MOST_CHANGES, MOST_GAPS, MOST_STAGES, Facts, StageFacts
from launcher.records.history.facts.memory_facts import memory_facts
from launcher.records.history.facts.slots import slot_classes
from launcher.records.history.facts.stage_facts import gc_share_of, stage_facts
from launcher.records.history.trace import Ended, Trace


def facts_of(trace: Trace) -> Facts:
    """The facts of an application."""
    end_ms = trace.last_ms if trace.end_ms is None else trace.end_ms
    owner, classes = owners(trace), slot_classes(trace)
    stages = [
        stage_facts(stage, found, owner.get(stage.id), trace.start_ms)
        for stage, found in zip(trace.stages, classes, strict=True)
    ]
    chain, idle = longest_chain(trace, end_ms), gaps(trace, end_ms)
    longest = nlargest(MOST_GAPS, idle, key=lambda gap: gap.seconds)
    kept = _largest(stages)
    gc_share = gc_share_of(trace.stages)
    spilled = sum(stage.spilled_bytes for stage in stages)
    sums = _sums(trace)
    return Facts(
        application_id=trace.application_id,
        attempt_id=trace.attempt_id,
        name=trace.name,
        spark=trace.spark,
        start_ms=trace.start_ms,
        seconds=(end_ms - trace.start_ms) / 1000,
        complete=not trace.lost.cut and not trace.lost.lines,
        lost=trace.lost.why,
        tasks=sum(len(stage.tasks) for stage in trace.stages),
        work_s=sum(stage.task_seconds for stage in stages),
        wasted_s=_wasted_ms(trace) / 1000,
        critical_path_s=chain.critical_ms / 1000,
        driver_s=chain.driver_ms / 1000,
        gap_s=round(sum(gap.seconds for gap in idle), 3),
        gaps=tuple(sorted(longest, key=lambda gap: gap.start_s)),
        jobs=len(trace.jobs),
        stages=kept,
        stages_left_out=len(stages) - len(kept),
        gc_share=gc_share,
        input_bytes=sums["read_bytes"],
        input_rows=sums["read_rows"],
        output_bytes=sums["written_bytes"],
        output_rows=sums["written_rows"],
        shuffle_bytes=sums["shuffle_written_bytes"],
        spilled_bytes=spilled,
        executors=_timeline(trace, end_ms),
        executor_seconds=_executor_ms(trace, end_ms) / 1000,
        curves=curves(trace, end_ms),
        memory=memory_facts(trace, gc_share, spilled),
    )


def _largest(stages: list[StageFacts]) -> tuple[StageFacts, ...]:
    kept = nlargest(MOST_STAGES, stages, key=lambda stage: stage.task_seconds)
    return tuple(sorted(kept, key=lambda stage: (stage.id, stage.attempt)))


_SUMMED = ("read_bytes", "read_rows", "written_bytes", "written_rows", "shuffle_written_bytes")


def _sums(trace: Trace) -> dict[str, int]:
    """What went in and out, each partition of a stage once, however often it ran."""
    sums = dict.fromkeys(_SUMMED, 0)
    number, done = -1, set[int]()
    for stage in trace.stages:  # attempts of one stage follow each other
        if stage.id != number:
            number, done = stage.id, set()
        for row, index in enumerate(stage.tasks.index):
            if stage.tasks.ended[row] == Ended.SUCCESS and index not in done:
                done.add(index)
                for name in _SUMMED:
                    sums[name] += getattr(stage.tasks, name)[row]
    return sums


def _wasted_ms(trace: Trace) -> int:
    return sum(
        finish - launch
        for stage in trace.stages
        for launch, finish, ended in zip(
            stage.tasks.launch_ms, stage.tasks.finish_ms, stage.tasks.ended, strict=True
        )
        if ended != Ended.SUCCESS
    )


def _timeline(trace: Trace, end_ms: int) -> tuple[tuple[float, int], ...]:
    changes = supply_changes(trace, end_ms)
    alive = accumulate(change for _, change in changes)
    points = [((ms - trace.start_ms) / 1000, there) for (ms, _), there in zip(changes, alive, strict=True)]
    every = -(-len(points) // MOST_CHANGES) or 1
    return tuple(point for place, point in enumerate(points, 1) if place % every == 0 or place == len(points))


def _executor_ms(trace: Trace, end_ms: int) -> int:
    return sum(
        max(0, (end_ms if one.removed_ms is None else one.removed_ms) - one.added_ms)
        for one in trace.executors
    )
