"""The executors as they were: when each took tasks, when it was told to go, what was lost with it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from statistics import median

from launcher.advice.allocation.allocation_settings import NEVER, AllocationSettings
from launcher.advice.replay.model import Lease
from launcher.advice.replay.occupancy import Occupancy
from launcher.records.history.trace import Ended, Executor, Trace

# Where a log shows none, ms: from the order to go to the removal.
USUAL_REMOVAL_MS = 1000.0
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
    activity, held = _last_activity(trace), holders(trace, settings)

    def lease(place: int, executor: Executor, lag_ms: float | None) -> Lease:
        last, lost = activity.get(place, (executor.added_ms, False))
        closed = _closed(executor, last, lost, settings, lag_ms)
        if closed is None and settings is not None and lag_ms is None and executor.profile in occupancies:
            closed = _told_to_go(last + settings.idle_ms, occupancies[executor.profile])
        ready = executor.added_ms + lags[place]
        added = min(executor.added_ms, ready)
        return Lease(executor.profile, slots[place], added, ready, closed, executor.removed_ms, lost)

    executors = list(enumerate(trace.executors))
    found = {place: lease(place, executor, None) for place, executor in executors if place not in held}
    lag = median(removal_lags(trace, found) or (USUAL_REMOVAL_MS,))
    return [found.get(place) or lease(place, executor, lag) for place, executor in executors]


def holders(trace: Trace, settings: AllocationSettings | None) -> frozenset[int]:
    """Places of the executors that held data, so that they did not go when their idle time was over.

    Args:
        trace: the run.
        settings: of dynamic allocation; ``None`` without it.
    """
    if settings is None:
        return frozenset()
    found = {place for place, executor in enumerate(trace.executors) if executor.id in trace.cached_ms}
    for stage in trace.stages if settings.tracking else ():
        wrote = zip(stage.tasks.executor, stage.tasks.shuffle_written_bytes, strict=True)
        found.update(place for place, size in wrote if size)
    return frozenset(found)


def removal_lags(trace: Trace, leases: Mapping[int, Lease]) -> tuple[float, ...]:
    """From the order to go to the removal, ms, in turn.

    Args:
        trace: the run.
        leases: of the executors that held nothing, by place.
    """
    found = []
    for place, lease in leases.items():
        closed, removed = lease.closed_ms, lease.removed_ms
        if lease.lost or closed is None or removed is None or not was_let_go(trace.executors[place]):
            continue
        if closed < removed:
            found.append((closed, removed - closed))
    return tuple(lag for _, lag in sorted(found))


def _closed(
    executor: Executor, last_ms: int, lost: bool, settings: AllocationSettings | None, lag_ms: float | None
) -> float | None:
    """From when on it takes no tasks.

    One that dynamic allocation sent away was told so when its idle time was over, or that of the data that it
    held, which nobody knows: then as long before its removal as others were (``lag_ms``). The removal is
    logged when the cluster manager says so, on YARN 11 to 24 s later. One that died did so after its last
    sign of life.
    """
    if executor.removed_ms is None:
        return None
    if lost:
        return max(last_ms + 1, executor.added_ms)
    if settings is not None and was_let_go(executor):
        if lag_ms is not None:
            return max(float(last_ms), executor.removed_ms - lag_ms)
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
