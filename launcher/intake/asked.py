"""What somebody set for a run that its tasks may feel: of a plan's request, and of a run's record. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from launcher.advice.tuning.size_settings import TOTAL
from launcher.advice.tuning.sizing import KEYS
from launcher.advice.tuning.work_layout import LAYOUT_KEYS, PARTITION_KEYS
from launcher.records.learnt_memory import LEARNED
from launcher.records.record import Record
from launcher.spec.layer import Origin, Pin, resolve

Settings = tuple[tuple[str, str], ...]
ABOVE = (Origin.FLAG, Origin.JOB_FILE, Origin.PROPERTIES, Origin.DEFAULTS)
# A profile stands below what runs tell, and may be another one than it was at the time of the run.
_SOMEBODY = (*ABOVE, Origin.PROFILE)
# Where a run goes, what it is called and what it tells; never what its tasks take.
_OF_NO_TASK = (
    "spark.app.name", "spark.master", "spark.submit.", "spark.eventLog.", "spark.ui.", "spark.yarn.queue",
    "spark.executor.metrics.", "spark.executor.processTreeMetrics.", "spark.log.", "spark.history.",
    "spark.yarn.tags", "spark.yarn.submit.", "spark.kubernetes.namespace", "spark.kubernetes.container.image",
    "spark.kubernetes.driver.", "spark.kubernetes.executor.label.", "spark.kubernetes.executor.annotation.",
    "spark.kubernetes.executor.container.image", "spark.kubernetes.authenticate.", "spark.redaction.",
)  # fmt: skip


def asked(pins: tuple[Pin, ...]) -> list[Pin]:
    """What somebody set that a task may feel, but its layout."""
    found = resolve(pins).values()
    return [pin for pin in found if pin.origin in _SOMEBODY and _counts(pin.key, pin.origin)]


def partitions(pins: tuple[Pin, ...]) -> Settings:
    """The settings that cut the work, where somebody set them."""
    found = resolve(pins).values()
    return tuple(
        sorted((pin.key, pin.value) for pin in found if pin.key in PARTITION_KEYS and pin.origin in ABOVE)
    )


def asked_of(record: Record) -> Settings:
    """What somebody set for a run, but its layout; secrets are masked."""
    return tuple(
        sorted(pair for origin in _SOMEBODY for pair in _set(record, (origin,)) if _counts(pair[0], origin))
    )


def partitions_of(record: Record) -> Settings:
    """The settings that cut a run's work, where somebody set them."""
    return tuple(sorted(pair for pair in _set(record, ABOVE) if pair[0] in PARTITION_KEYS))


def _set(record: Record, by: Collection[Origin]) -> Iterator[tuple[str, str]]:
    for setting in (record.plan or {}).get("settings", ()):
        if setting.get("origin") in by:
            yield setting.get("key", ""), setting.get("value", "")


def _counts(key: str, origin: Origin) -> bool:
    """Whether a setting makes another run of it; memory of a profile is where earlier runs begin to learn."""
    return _of_tasks(key) and not (origin is Origin.PROFILE and key in LEARNED)


def _of_tasks(key: str) -> bool:
    return key not in (*KEYS, *LAYOUT_KEYS, TOTAL) and not key.startswith(_OF_NO_TASK)
