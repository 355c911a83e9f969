"""Memory that was too small: spill, and collecting garbage."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from launcher.report.findings.loss import Loss, named, seconds_text
from launcher.report.findings.partition_keys import more_tasks
from launcher.report.view.run_view import RunView
from launcher.report.view.stage_view import StageView
from launcher.spec.units import human_bytes

# A task writes and reads so much of what it spills in a second, with packing and unpacking.
SPILL_BYTES_PER_S = 100_000_000
# The bound of Dr. Elephant above which a heap is too small.
MOST_GC_SHARE = 0.08
DRIVER_MEMORY, MASTER = "spark.driver.memory", "spark.master"
MEMORY, CORES = "spark.executor.memory", "spark.executor.cores"


def spill(view: RunView, stages: Sequence[StageView]) -> Iterator[Loss]:
    """Seconds lost: bytes spilled to disk, written and read once at 100 MB/s a task, by the slots; at most
    half of the time of those tasks, for the work itself took some of it.
    """
    spilling = [(stage.total("spilled_bytes"), stage) for stage in stages if stage.total("spilled_bytes")]
    if not spilling:
        return
    lost = sum(min(_spill_s(size), _half_s(stage)) / stage.width for size, stage in spilling)
    size, worst = max(spilling, key=lambda pair: pair[0])
    others = f", most of it {human_bytes(size)} in {named(worst.stage)}" if len(spilling) > 1 else (
        f" in {named(worst.stage)}"
    )  # fmt: skip
    peak = human_bytes(int(worst.of("peak_bytes").max(initial=0)))
    total = human_bytes(sum(size for size, _ in spilling))
    keys, memory, fewer = heap_of_tasks(view)
    cutting, smaller = more_tasks(view, worst)
    yield Loss(
        "spill", lost, (*cutting, *keys),
        f"{total} did not fit in memory and went to disk{others}; a task had {peak} at most",
        f"{smaller[:1].upper()}{smaller[1:]} so that each task holds less, or raise {memory}; or {fewer}.",
    )  # fmt: skip


def _spill_s(size: int) -> float:
    return 2 * size / SPILL_BYTES_PER_S


def _half_s(stage: StageView) -> float:
    return stage.total("run_ms") / 2 / 1000


def gc(view: RunView, stages: Sequence[StageView]) -> Iterator[Loss]:
    """Seconds lost: time that tasks waited for the collector, by the slots, stage by stage."""
    run = sum(stage.total("run_ms") for stage in stages)
    collecting = sum(stage.total("gc_ms") for stage in stages)
    if collecting <= MOST_GC_SHARE * run:
        return
    lost = sum(stage.total("gc_ms") / stage.width for stage in stages) / 1000
    worst = max(stages, key=lambda stage: stage.total("gc_ms"))
    share = worst.total("gc_ms") / max(1, worst.total("run_ms"))
    keys, memory, fewer = heap_of_tasks(view)
    yield Loss(
        "gc", lost, keys,
        f"{collecting / run:.0%} of the tasks' time went to collecting garbage; in {named(worst.stage)} it "
        f"was {share:.0%}; tasks waited {seconds_text(collecting / 1000)} in all",
        f"Raise {memory} or {fewer}, so that each task has more of the heap.",
    )  # fmt: skip


def heap_of_tasks(view: RunView) -> tuple[tuple[str, ...], str, str]:
    """The keys by which a task gets more of the heap, the one that is raised, and how fewer share it.

    In local mode tasks share the driver's.
    """
    if view.is_local:
        return (DRIVER_MEMORY, MASTER), DRIVER_MEMORY, f"run fewer tasks at once ({MASTER}=local[N])"
    return (MEMORY, CORES), MEMORY, f"lower {CORES}"
