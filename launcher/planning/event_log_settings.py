"""The event log of an application, and what is measured for it."""

from __future__ import annotations

from collections.abc import Mapping

from launcher.planning.setting import Group
from launcher.planning.settings_builder import SettingsBuilder
from launcher.spec.cluster import Cluster

MONITORING = "Spark: Monitoring"
ENABLED, FOLDER = "spark.eventLog.enabled", "spark.eventLog.dir"
POLL = "1s"
# Without the first, tasks alone tell peaks of executors; without the last, they are those of the heartbeats,
# which come every 10 s.
MEASURED: Mapping[str, tuple[str, str]] = {
    "spark.eventLog.logStageExecutorMetrics": (
        "true",
        "the event log tells the most memory of each executor by stage, by which later plans size it",
    ),
    "spark.executor.processTreeMetrics.enabled": (
        "true",
        "memory of Python workers is measured beside that of the JVM",
    ),
    "spark.executor.metrics.pollingInterval": (
        POLL,
        "memory is measured every second, for about .04 of a core of each executor",
    ),
}


def put_event_log(builder: SettingsBuilder, cluster: Cluster) -> None:
    """Where the log goes, as the profile says, and what is measured for any log that is on."""
    if cluster.event_log:
        why = "the history server and later plans read the log of events"
        builder.put(Group.SITE, ENABLED, True, why, MONITORING)
        why = f"the folder of target {cluster.name}"
        builder.put(Group.SITE, FOLDER, cluster.event_log, why, MONITORING)
    pin = builder.pins.get(ENABLED)
    value = builder.value(ENABLED) or (pin.value if pin else "")
    if value.strip().lower() == "true":
        for key, (wanted, reason) in MEASURED.items():
            builder.put(Group.SITE, key, wanted, reason, MONITORING)


def measuring(settings: Mapping[str, str]) -> dict[str, str]:
    """What a run adds for an event log of its own; settings that are there already stay."""
    return {key: value for key, (value, _) in MEASURED.items() if key not in settings}
