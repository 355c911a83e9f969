"""Work that was done in vain."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from launcher.records.history.facts.memory_ends import tells_of_memory, was_taken
from launcher.records.history.spark_events import printable
from launcher.records.history.trace import Ended
from launcher.report.findings.loss import Loss, listed, named
from launcher.report.findings.memory import MEMORY, heap_of_tasks
from launcher.report.view.run_view import RunView, column
from launcher.report.view.stage_view import StageView
from launcher.spec.units import counted

# The first alone keeps new tasks away; blocks go to other executors by the second, off by default.
DECOMMISSION = ("spark.decommission.enabled", "spark.storage.decommission.enabled")
OVERHEAD, MOST = "spark.executor.memoryOverhead", "spark.task.maxFailures"
# java.lang.OutOfMemoryError, and Spark's own of its unified memory (SparkOutOfMemoryError).
_OUT_OF_MEMORY = "OutOfMemoryError"
_LONGEST = 160


def failed_tasks(view: RunView, stages: Sequence[StageView]) -> Iterator[Loss]:
    """Seconds lost: task seconds of the attempts that failed or went with their executor, by the slots."""
    failed: Counter[StageView] = Counter()
    lost_with_executor = 0
    seconds = 0.0
    for stage in stages:
        ended = column(stage.stage.tasks.ended)
        gone = ended == int(Ended.LOST)
        bad = gone | (ended == int(Ended.FAILED))
        if bad.any():
            tasks = stage.stage.tasks
            failed[stage] = int(bad.sum())
            lost_with_executor += int(gone.sum())
            spans = column(tasks.finish_ms) - column(tasks.launch_ms)
            seconds += float(spans[bad].sum()) / 1000 / stage.width
    if not failed:
        yield from _killed_idle(view)
        return
    worst, most = failed.most_common(1)[0]
    total = sum(failed.values())
    retried = sorted({stage.stage.id for stage in stages if stage.stage.attempt})
    again = f"; stage{'s' if len(retried) > 1 else ''} {listed(retried)} ran again" if retried else ""
    executors = f", {lost_with_executor:,} of them with their executor" if lost_with_executor else ""
    message = (
        f"{counted(total, 'attempt')} of tasks failed{executors}, {most:,} in {named(worst.stage)}"
        f"{again}{_reasons(view, stages)}"
    )
    keys: tuple[str, ...]
    if any(_OUT_OF_MEMORY in (stage.stage.failure or "") for stage in stages):
        keys, memory, fewer = heap_of_tasks(view)
        fix = f"The heap was too small for the tasks at once: raise {memory}, or {fewer}."
    elif lost_with_executor:
        keys, fix = _why_lost(view)
    else:
        keys, fix = (MOST,), f"Read why they failed (sparkjob logs, sparkjob ui); {MOST} says how many may."
    yield Loss("failed-tasks", seconds, keys, message, fix)


def _why_lost(view: RunView) -> tuple[tuple[str, ...], str]:
    """What helps against executors that go with their tasks, by the reasons that the log gives."""
    reasons = [one.reason for one in view.trace.executors]
    more = f"raise {OVERHEAD} (Python, off-heap) or {MEMORY}"
    if any(map(tells_of_memory, reasons)):
        return (OVERHEAD, MEMORY), f"Memory killed them: {more}."
    if any(map(was_taken, reasons)):
        both = " and ".join(f"{key}=true" for key in DECOMMISSION)
        return DECOMMISSION, f"They were taken away: use nodes that stay, or set {both} to save their data."
    return (OVERHEAD, MEMORY), f"If memory killed the executors, {more}."


def _killed_idle(view: RunView) -> Iterator[Loss]:
    """An executor that memory killed while it had no task: the next may have some."""
    killed = [one for one in view.trace.executors if tells_of_memory(one.reason)]
    if killed:
        keys, fix = _why_lost(view)
        message = f"{counted(len(killed), 'executor')} went without a task{_reasons(view, ())}"
        yield Loss("failed-tasks", 0.0, keys, message, fix)


def _reasons(view: RunView, stages: Sequence[StageView]) -> str:
    told = [stage.stage.failure for stage in stages if stage.stage.failure]
    removed = [one.reason for one in view.trace.executors if _is_trouble(one.reason)]
    reasons = [*told, *removed]
    if not reasons:
        return ""
    first = printable(" ".join(reasons[0].split()))
    return f": {first if len(first) <= _LONGEST else first[: _LONGEST - 3] + '...'}"


def _is_trouble(reason: str) -> bool:
    calm = ("idle", "decommission", "driver", "shutdown", "not needed")
    return bool(reason) and not any(word in reason.lower() for word in calm)
