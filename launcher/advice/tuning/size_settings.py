"""The settings that make a size, beside those that a run had. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from launcher.advice.allocation.allocation_settings import INSTANCES, PREFIX, version_of
from launcher.advice.tuning.past import Past
from launcher.advice.tuning.sizing import Sizing
from launcher.advice.tuning.work_layout import LAYOUT_KEYS
from launcher.spec.units import is_on

TOTAL = "spark.cores.max"
TRACKING_ON, SERVICE = f"{PREFIX}shuffleTracking.enabled", "spark.shuffle.service.enabled"
DECOMMISSION = ("spark.decommission.enabled", "spark.storage.decommission.shuffleBlocks.enabled")
# SPARK-27963 brought shuffle tracking, SPARK-39846 made it the default.
_TRACKING, _TRACKING_BY_DEFAULT = (3, 0), (3, 4)


@dataclass(frozen=True)
class Change:
    """One setting: what it was, ``None`` where nobody set it, what it is to be, ``None``: left alone; why."""

    key: str
    before: str | None
    after: str | None
    reason: str


def size_changes(past: Past, sizing: Sizing, why: str) -> Iterator[Change]:
    """What a size changes of a run's settings.

    Args:
        past: the run.
        sizing: the size.
        why: the reason, for people.
    """
    conf = past.basis.conf
    cores = past.basis.cores if sizing.layout is None else sizing.layout.cores
    for key, value in sizing.settings.items():
        if conf.get(key) != value and key not in LAYOUT_KEYS:
            yield Change(key, conf.get(key), value, why)
    if sizing.least is not None and INSTANCES in conf:
        yield Change(INSTANCES, conf[INSTANCES], None, "under dynamic allocation it would raise the start")
    if sizing.least is not None and needs_tracking(conf, past.basis.trace.spark):
        reason = "without it, or a shuffle service, Spark refuses dynamic allocation"
        yield Change(TRACKING_ON, conf.get(TRACKING_ON), "true", reason)
    total = str(sizing.most * cores)
    # A standalone master looks at no number of executors, and a smaller total caps one.
    fixed_or_capped = sizing.least is None or TOTAL in conf
    if conf.get("spark.master", "").startswith("spark://") and fixed_or_capped and conf.get(TOTAL) != total:
        reason = f"a standalone master counts cores: {sizing.most} times {cores}"
        yield Change(TOTAL, conf.get(TOTAL), total, reason)


def may_be_dynamic(conf: Mapping[str, str], spark: str) -> bool:
    """Whether dynamic allocation is possible: before Spark 3.0 with a shuffle service alone."""
    return version_of(spark) >= _TRACKING or is_on(conf, SERVICE)


def needs_tracking(conf: Mapping[str, str], spark: str) -> bool:
    """Whether Spark refuses dynamic allocation until shuffle tracking is turned on."""
    tracked = is_on(conf, TRACKING_ON, default=version_of(spark) >= _TRACKING_BY_DEFAULT)
    return not tracked and not is_on(conf, SERVICE) and not all(is_on(conf, key) for key in DECOMMISSION)
