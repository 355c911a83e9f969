"""Executors without work, by cause."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from launcher.advice.allocation.allocation_settings import version_of
from launcher.report.findings.driver_time import longest_gap
from launcher.report.findings.failures import DECOMMISSION
from launcher.report.findings.loss import Loss, seconds_text
from launcher.report.findings.partition_keys import PARALLEL, PARTITIONS
from launcher.report.view.first_wait import first_wait
from launcher.report.view.idle import Cause, Idle, hold_timeout_ms, idle_of, shuffle_holders
from launcher.report.view.run_view import RunView
from launcher.report.view.steps import Steps, together

ALLOCATION = "spark.dynamicAllocation."
LEAST = f"{ALLOCATION}minExecutors"
ENABLED, INITIAL = f"{ALLOCATION}enabled", f"{ALLOCATION}initialExecutors"
IDLE, MOST = f"{ALLOCATION}executorIdleTimeout", f"{ALLOCATION}maxExecutors"
TRACKING, CACHED = f"{ALLOCATION}shuffleTracking.timeout", f"{ALLOCATION}cachedExecutorIdleTimeout"
TRACKED, DECOMMISSION_SINCE = f"{ALLOCATION}shuffleTracking.enabled", (3, 1)
BACKLOG = f"{ALLOCATION}schedulerBacklogTimeout"
INSTANCES, TOTAL, CORES = "spark.executor.instances", "spark.cores.max", "spark.executor.cores"
# In less no executor goes and another comes.
FOLLOWED_S = 5.0


def idle(view: RunView) -> Iterator[Loss]:
    """Seconds lost: executor-seconds without a task, by the executors there on average: so long were
    all of them paid for nothing. The ramp adds the executor-seconds that work waited for executors
    that came later, by the most that there were.
    """
    if view.is_local:
        return
    found = idle_of(view)
    average = max(1.0, view.supply.mean(view.trace.start_ms, view.end_ms))
    yield _ramp(view, found.ms[Cause.RAMP] / 1000, average)
    yield _driver(view, found, average)
    yield _tail(view, found, average)
    yield _held(view, found.ms[Cause.HELD] / 1000, average)


def _kept_by_minimum(found: Idle, cause: Cause) -> bool:
    """Whether most of it is the time of executors that ``minExecutors`` keeps."""
    return found.kept_ms[cause] > found.ms[cause] / 2


def _amount(executor_s: float) -> str:
    return f"{executor_s:,.0f} executor-seconds"


def missing_s(view: RunView) -> float:
    """Executor-seconds that work waited for executors which came later.

    Executors that come and go are missing wherever tasks wait for as many as there were at most, until the
    last of them came: those that were lost and never came again are no ramp. Those that stay are missing only
    until all of them are there.
    """
    supply, most = view.supply, view.supply.most
    if view.is_elastic:
        return _waited_for(view).between(first_wait(view).end, _last_came(view)) / 1000
    first = view.first_launch_ms
    reached = int(supply.times[:-1][supply.values[:-1] >= most][0]) if most else view.trace.start_ms
    begin = reached if first is None else min(first, reached)
    return _lacking(view).between(begin, reached) / 1000


def _lacking(view: RunView) -> Steps:
    """Executors less than the work would fill, of as many as there were at most."""
    most = view.supply.most
    return together(view.demand, view.supply, lambda d, s: np.maximum(np.minimum(d, most) - s, 0.0))


def _waited_for(view: RunView) -> Steps:
    """The same while tasks wait."""
    return together(_lacking(view), view.pending, lambda missing, tasks: np.where(tasks > 0, missing, 0.0))


def _last_came(view: RunView) -> int:
    return max((one.added_ms for one in view.trace.executors), default=view.trace.start_ms)


def _ramp(view: RunView, idle_s: float, average: float) -> Loss:
    missing = missing_s(view)
    waited, stood = missing / max(1.0, view.supply.most), idle_s / average
    message = (
        f"executors came one after the other: work missed {_amount(missing)} of as many as there were at "
        f"most, and those that came stood {_amount(idle_s)} before their first task"
    )
    keys, fix = _sooner(view, missing) if waited >= stood else _not_too_late(view)
    return Loss("idle-ramp", waited + stood, keys, message, fix)


def _sooner(view: RunView, missing: float) -> tuple[tuple[str, ...], str]:
    settings = view.allocation
    if view.is_elastic and _missing_again_s(view) > missing / 2:
        # Those at the start change nothing of what comes after they went.
        fix = f"Raise {LEAST} or {IDLE} so that they stay, or lower {BACKLOG} so that they come back sooner."
        return (LEAST, IDLE, BACKLOG), fix
    if view.is_elastic and (settings is None or settings.initial < round(view.supply.most)):
        fix = f"Set {INITIAL} near the {round(view.supply.most)} that were reached, or lower {BACKLOG}."
        return (INITIAL, BACKLOG), fix
    return (
        (),
        "Look why the cluster starts them one by one: other applications, quotas, nodes that come late.",
    )


def _missing_again_s(view: RunView) -> float:
    """Of ``missing_s`` what lies behind the first executor that went."""
    went = min((one.removed_ms for one in view.trace.executors if one.removed_ms is not None), default=None)
    if went is None:
        return 0.0
    return _waited_for(view).between(max(went, first_wait(view).end), _last_came(view)) / 1000


def _not_too_late(view: RunView) -> tuple[tuple[str, ...], str]:
    """More of them at the start would stand as long."""
    fix = "They came when few tasks were left that waited"
    if view.is_elastic:
        return (MOST, BACKLOG), f"{fix}: lower {MOST}, or raise {BACKLOG}."
    keys, fewer = _fewer(view)
    return keys, f"{fix}: {fewer}."


def _driver(view: RunView, found: Idle, average: float) -> Loss:
    idle_s = found.ms[Cause.DRIVER] / 1000
    message = f"executors stood {_amount(idle_s)} while no job ran: the driver worked"
    keys, fix = _meanwhile(view, _kept_by_minimum(found, Cause.DRIVER))
    return Loss("idle-driver", idle_s / average, keys, message, fix)


def _meanwhile(view: RunView, kept: bool) -> tuple[tuple[str, ...], str]:
    """What to do with executors while the driver works: how long it does decides whether they may go."""
    came = min((one.added_ms for one in view.trace.executors), default=view.end_ms)
    longest, _ = longest_gap(view, came)
    # Executors that come back later than they are wanted save nothing.
    if longest < max(FOLLOWED_S, first_wait(view).seconds):
        keys, fewer = _fewer(view)
        return keys, (
            f"The longest time took {seconds_text(longest)}, too short for executors to go and come: start "
            f"jobs beside each other from threads, or {fewer}."
        )
    if kept:
        return (LEAST,), f"Lower {LEAST}: so many stay whatever they do."
    if view.is_elastic:
        timeout = (hold_timeout_ms(view) or 0) / 1000
        to = f"from {seconds_text(timeout)}" if timeout < longest else (
            f"below the {seconds_text(longest)} that the longest time took"
        )  # fmt: skip
        return (IDLE,), f"Lower {IDLE} {to}, or do what the driver does between the jobs elsewhere."
    if view.decisions:
        # The stream moves them itself: Spark's loop beside it would be refused.
        return (LEAST,), f"Lower {LEAST}, or raise --max-latency."
    keys, fewer = _fewer(view)
    return (ENABLED, *keys), f"Set {ENABLED}=true so that they go meanwhile, or {fewer}."


def _fewer(view: RunView) -> tuple[tuple[str, ...], str]:
    """The setting by which a run has fewer executors, or a smaller one, and how to say so."""
    if view.supply.most <= 1:
        return (CORES,), f"take a smaller executor ({CORES})"
    if view.is_elastic:
        return (MOST,), f"lower {MOST}"
    key = TOTAL if view.conf("spark.master").startswith("spark://") else INSTANCES
    return (key,), f"ask for fewer executors ({key})"


def _tail(view: RunView, found: Idle, average: float) -> Loss:
    idle_s = found.ms[Cause.TAIL] / 1000
    message = (
        f"executors stood {_amount(idle_s)} because fewer tasks were left than executors, "
        "as at the end of a stage"
    )
    if _kept_by_minimum(found, Cause.TAIL):
        fix = f"Lower {LEAST}: so many stay whatever they do."
        return Loss("idle-tail", idle_s / average, (LEAST,), message, fix)
    cutting = PARTITIONS if any(job.execution is not None for job in view.trace.jobs) else PARALLEL
    if view.is_elastic:
        fix = f"Lower {IDLE} or {MOST}, or cut the last tasks smaller ({cutting})."
        return Loss("idle-tail", idle_s / average, (IDLE, MOST), message, fix)
    keys, fewer = _fewer(view)
    fix = f"{fewer[:1].upper()}{fewer[1:]}, or cut the last tasks smaller ({cutting})."
    return Loss("idle-tail", idle_s / average, (*keys, cutting), message, fix)


def _held(view: RunView, idle_s: float, average: float) -> Loss:
    cached, shuffled = bool(view.trace.cached_ms), bool(shuffle_holders(view))
    what = " and ".join([*["cached"] * cached, *["shuffle"] * shuffled])
    message = f"executors stood {_amount(idle_s)} past their idle timeout, held by {what} data"
    if cached:  # however its blocks could move, Spark waits for these timeouts alone: for the longer of both
        keys = (CACHED, TRACKING) if shuffled else (CACHED,)
        fix = f"Set {' and '.join(keys)}, or unpersist() what is not read again."
        return Loss("idle-held", idle_s / average, keys, message, fix)
    if version_of(view.trace.spark) < DECOMMISSION_SINCE:
        return Loss("idle-held", idle_s / average, (TRACKING,), message, f"Set {TRACKING}.")
    handing = " and ".join(f"{one}=true" for one in DECOMMISSION)
    fix = f"Set {TRACKING}, or let them hand their data on: {handing} with {TRACKED}=false."
    return Loss("idle-held", idle_s / average, (TRACKING, *DECOMMISSION, TRACKED), message, fix)
