"""The executors as they were: when each took tasks, when it was told to go, what was lost with it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from launcher.advice.allocation.allocation_settings import NEVER, AllocationSettings
from launcher.advice.replay.model import Lease
from launcher.advice.replay.occupancy import Occupancy
from launcher.records.history.trace import Ended, Executor, Trace

# As ExecutorKilled, YarnAllocator, ExecutorAllocationManager and CoarseGrainedExecutorBackend word it.
_LET_GO = ("killed by driver", "explicit termination request", "spark scale down", "finished decommissioning")


def was_let_go(executor: Executor) -> bool:
    """Whether dynamic allocation sent it away, by killing or by decommissioning it."""
    reason = executor.reason.lower()
    return any(words in reason for words in _LET_GO)


def recorded_leases(
    trace: Trace,
    slots: Sequence[int],
    lags: Sequence[int],
    settings: AllocationSettings | None,
    occupancies: Mapping[int, Occupancy],
) -> list[Lease]:
    """One lease for each of ``trace.executors``.

    Args:
        trace: the run.
        slots: of each one.
        lags: from each one's registration to when it took tasks, ms.
        settings: of dynamic allocation; ``None`` without it.
        occupancies: by resource profile.
    """
    activity = _last_activity(trace)
    found = []
    for place, executor in enumerate(trace.executors):
        last, lost = activity.get(place, (executor.added_ms, False))
        closed = _closed(executor, last, lost, settings)
        if closed is None and settings is not None and executor.profile in occupancies:
            closed = _told_to_go(last + settings.idle_ms, occupancies[executor.profile])
        ready = executor.added_ms + lags[place]
        added = min(executor.added_ms, ready)
        found.append(Lease(executor.profile, slots[place], added, ready, closed, executor.removed_ms, lost))
    return found


def _closed(
    executor: Executor, last_ms: int, lost: bool, settings: AllocationSettings | None
) -> float | None:
    """From when on it takes no tasks.

    One that dynamic allocation sent away was told so when its idle time was over; the removal is logged when
    the cluster manager says so, on YARN 11 to 24 s later. One that died did so after its last sign of life.
    """
    if executor.removed_ms is None:
        return None
    if lost:
        return max(last_ms + 1, executor.added_ms)
    if settings is not None and was_let_go(executor):
        return min(float(executor.removed_ms), last_ms + settings.idle_ms)
    return executor.removed_ms


def _told_to_go(idle_ms: float, occupancy: Occupancy) -> float | None:
    """The end of its idle time, of an executor that took none of the tasks that waited after it.

    It had been told to go, though the log ends before its removal is logged.
    """
    return idle_ms if idle_ms < NEVER and occupancy.ignored(int(idle_ms), None) else None


def _last_activity(trace: Trace) -> Mapping[int, tuple[int, bool]]:
    """Of each executor that ran tasks: its last launch or end, and whether tasks were lost with it."""
    found: dict[int, tuple[int, bool]] = {}
    for stage in trace.stages:
        tasks = stage.tasks
        rows = zip(tasks.executor, tasks.launch_ms, tasks.finish_ms, tasks.ended, strict=True)
        for executor, launch, finish, ended in rows:
            last, lost = found.get(executor, (0, False))
            # A lost task is stamped when the loss was noticed, not when the executor died.
            sign = launch if ended == Ended.LOST else finish
            found[executor] = (max(last, sign), lost or ended == Ended.LOST)
    return found
