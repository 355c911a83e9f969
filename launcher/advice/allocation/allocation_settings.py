"""The settings of Spark's dynamic allocation, with its defaults and their history."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from launcher.spec.units import time_s
from sparkjobs.errors import DataError

PREFIX = "spark.dynamicAllocation."
# ExecutorAllocationManager and ExecutorMonitor mean "never" by these.
NEVER = math.inf
# SPARK-39846: from then on executors keep their shuffle files without an external service.
_TRACKING_SINCE = (3, 4)


@dataclass(frozen=True)
class AllocationSettings:
    """What ``spark.dynamicAllocation.*`` says; times in ms, ``inf`` for never.

    Attributes:
        least: ``minExecutors``.
        most: ``maxExecutors``, or what the cluster is known to give, if that is less.
        initial: executors asked for at the start, and for each further resource profile.
        backlog_ms: ``schedulerBacklogTimeout``.
        sustained_ms: ``sustainedSchedulerBacklogTimeout``.
        idle_ms: ``executorIdleTimeout``.
        cached_idle_ms: ``cachedExecutorIdleTimeout``.
        tracking: whether executors that hold shuffle data stay: shuffle tracking without a shuffle service.
        tracking_ms: ``shuffleTracking.timeout``.
        ratio: ``executorAllocationRatio``.
    """

    least: int = 0
    most: float = NEVER
    initial: int = 0
    backlog_ms: float = 1000
    sustained_ms: float = 1000
    idle_ms: float = 60_000
    cached_idle_ms: float = NEVER
    tracking: bool = False
    tracking_ms: float = NEVER
    ratio: float = 1.0


def allocation_settings(conf: Mapping[str, str], spark_version: str) -> AllocationSettings | None:
    """What a configuration asks for; ``None`` where dynamic allocation is off.

    Args:
        conf: Spark's settings.
        spark_version: such as ``3.5.3``; empty counts as today's.

    Raises:
        DataError: a value is no number or no length of time.
    """
    if not _flag(conf, f"{PREFIX}enabled", default=False):
        return None
    least = int(_number(conf, f"{PREFIX}minExecutors", 0))
    backlog = _ms(conf, f"{PREFIX}schedulerBacklogTimeout", 1000)
    service = _flag(conf, "spark.shuffle.service.enabled", default=False)
    tracking = _flag(
        conf, f"{PREFIX}shuffleTracking.enabled", default=version_of(spark_version) >= _TRACKING_SINCE
    )
    # Utils.getDynamicAllocationInitialExecutors takes the largest of the three.
    initial = max(
        least,
        int(_number(conf, f"{PREFIX}initialExecutors", least)),
        int(_number(conf, "spark.executor.instances", 0)),
    )
    return AllocationSettings(
        least=least,
        most=_number(conf, f"{PREFIX}maxExecutors", NEVER),
        initial=initial,
        backlog_ms=backlog,
        sustained_ms=_ms(conf, f"{PREFIX}sustainedSchedulerBacklogTimeout", backlog),
        idle_ms=_ms(conf, f"{PREFIX}executorIdleTimeout", 60_000),
        cached_idle_ms=_ms(conf, f"{PREFIX}cachedExecutorIdleTimeout", NEVER),
        tracking=tracking and not service,
        tracking_ms=_ms(conf, f"{PREFIX}shuffleTracking.timeout", NEVER, bare_ms=1),
        ratio=_number(conf, f"{PREFIX}executorAllocationRatio", 1.0),
    )


def version_of(text: str) -> tuple[int, int]:
    """``3.5.3`` as ``(3, 5)``; what is no version counts as today's."""
    parts = text.split(".")[:2]
    return (int(parts[0]), int(parts[1])) if len(parts) == 2 and all(map(str.isdecimal, parts)) else (4, 0)


def _flag(conf: Mapping[str, str], key: str, *, default: bool) -> bool:
    return conf.get(key, str(default)).strip().lower() == "true"


def _number(conf: Mapping[str, str], key: str, default: float) -> float:
    try:
        return float(conf[key]) if key in conf else default
    except ValueError as error:
        raise DataError(f"{key}={conf[key]!r} is no number") from error


def _ms(conf: Mapping[str, str], key: str, default: float, bare_ms: float = 1000) -> float:
    """A length of time, ms; a bare number counts in the unit of the key."""
    if key not in conf:
        return default
    text = conf[key].strip()
    try:
        return float(text) * bare_ms if text.isdecimal() else time_s(text) * 1000
    except ValueError as error:
        raise DataError(f"{key}={text!r} is no length of time", "Write it as 60s, 500ms or 10min.") from error
