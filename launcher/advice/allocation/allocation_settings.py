"""The settings of Spark's dynamic allocation, with its defaults and their history."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from launcher.spec.units import time_s
from sparkjobs.errors import DataError

PREFIX = "spark.dynamicAllocation."
ENABLED, LEAST, INITIAL, MOST = (
    f"{PREFIX}{name}" for name in ("enabled", "minExecutors", "initialExecutors", "maxExecutors")
)
INSTANCES = "spark.executor.instances"
# ExecutorAllocationManager and ExecutorMonitor mean "never" by these.
NEVER = math.inf
# SPARK-39846: from then on executors keep their shuffle files without an external service.
_TRACKING_SINCE = (3, 4)
# Int.MaxValue
_MOST = (1 << 31) - 1
# The backlog timeouts count whole seconds and must not be 0 (ExecutorAllocationManager.validateSettings).
_TIMER_MS = 1000
# What the loop that is played reads under the prefix.
KEYS = frozenset(
    PREFIX + name
    for name in (
        "enabled", "minExecutors", "maxExecutors", "initialExecutors", "executorAllocationRatio",
        "schedulerBacklogTimeout", "sustainedSchedulerBacklogTimeout", "executorIdleTimeout",
        "cachedExecutorIdleTimeout", "shuffleTracking.enabled", "shuffleTracking.timeout",
    )
)  # fmt: skip


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
        unasked: executors of the default profile that a cluster started beyond these; no key says it.
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
    unasked: int = 0

    @property
    def first(self) -> int:
        """Executors of the default profile at the start."""
        return int(min(self.initial + self.unasked, self.most))


def allocation_settings(conf: Mapping[str, str], spark_version: str) -> AllocationSettings | None:
    """What a configuration asks for; ``None`` where dynamic allocation is off.

    Args:
        conf: Spark's settings.
        spark_version: such as ``3.5.3``; empty counts as today's.

    Raises:
        DataError: a value is none that Spark takes.
    """
    if not _flag(conf, ENABLED, default=False):
        return None
    least = _count(conf, LEAST, 0)
    backlog = _ms(conf, f"{PREFIX}schedulerBacklogTimeout", 1000, least_ms=_TIMER_MS)
    service = _flag(conf, "spark.shuffle.service.enabled", default=False)
    tracking = _flag(
        conf, f"{PREFIX}shuffleTracking.enabled", default=version_of(spark_version) >= _TRACKING_SINCE
    )
    # Utils.getDynamicAllocationInitialExecutors takes the largest of the three.
    initial = max(
        least,
        _count(conf, INITIAL, least),
        _count(conf, INSTANCES, 0),
    )
    return AllocationSettings(
        least=least,
        most=_most(conf, MOST),
        initial=initial,
        backlog_ms=backlog,
        sustained_ms=_ms(conf, f"{PREFIX}sustainedSchedulerBacklogTimeout", backlog, least_ms=_TIMER_MS),
        idle_ms=_ms(conf, f"{PREFIX}executorIdleTimeout", 60_000),
        cached_idle_ms=_ms(conf, f"{PREFIX}cachedExecutorIdleTimeout", NEVER),
        tracking=tracking and not service,
        tracking_ms=_ms(conf, f"{PREFIX}shuffleTracking.timeout", NEVER, bare_ms=1),
        ratio=_ratio(conf, f"{PREFIX}executorAllocationRatio"),
    )


def version_of(text: str) -> tuple[int, int]:
    """``3.5.3`` as ``(3, 5)``; what is no version counts as today's."""
    parts = text.split(".")[:2]
    return (int(parts[0]), int(parts[1])) if len(parts) == 2 and all(map(str.isdecimal, parts)) else (4, 0)


def _flag(conf: Mapping[str, str], key: str, *, default: bool) -> bool:
    text = conf.get(key, str(default)).strip().lower()
    if text not in ("true", "false"):
        raise DataError(f"{key}={conf[key]!r} is neither true nor false")
    return text == "true"


def _count(conf: Mapping[str, str], key: str, default: int) -> int:
    text = conf.get(key, str(default)).strip()
    if not text.isdecimal() or int(text) > _MOST:
        raise DataError(f"{key}={text!r} is no number of executors", f"Write a whole number up to {_MOST}.")
    return int(text)


def _most(conf: Mapping[str, str], key: str) -> float:
    return NEVER if conf.get(key, "infinity") == "infinity" else _count(conf, key, 0)


def _ratio(conf: Mapping[str, str], key: str) -> float:
    text = conf.get(key, "1").strip()
    try:
        found = float(text)
    except ValueError:
        found = math.nan
    if not 0 < found <= 1:
        raise DataError(f"{key}={text!r} is no ratio", "Write a number above 0, at most 1.")
    return found


def _ms(
    conf: Mapping[str, str], key: str, default: float, *, bare_ms: float = 1000, least_ms: float = 0
) -> float:
    """A length of time, ms; a bare number counts in the unit of the key."""
    if key not in conf:
        return default
    text = conf[key].strip()
    try:
        found = float(text) * bare_ms if text.isdecimal() else time_s(text) * 1000
    except ValueError as error:
        raise DataError(f"{key}={text!r} is no length of time", "Write it as 60s, 500ms or 10min.") from error
    if bare_ms >= _TIMER_MS:
        found -= found % _TIMER_MS  # Spark counts these in whole seconds
    if found < least_ms:
        raise DataError(
            f"{key}={text!r} is too short", "Spark takes no time below 0, and 1s at least as a backlog."
        )
    return found
