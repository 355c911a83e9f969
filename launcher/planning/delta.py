"""What applications need that read or write Delta tables, and the jars."""

from __future__ import annotations

from launcher.planning.plan_request import PlanRequest
from launcher.planning.setting import Group
from launcher.planning.settings_builder import SettingsBuilder
from launcher.spec.local_settings import DELTA
from launcher.spec.units import counted

LEAST_SNAPSHOT_TASKS, MOST_SNAPSHOT_TASKS = 2, 50
DOCS = "Delta Lake: Set up Apache Spark with Delta Lake"


def put_delta(builder: SettingsBuilder, request: PlanRequest, slots: int) -> None:
    """Delta's session settings, when the application needs them.

    Args:
        builder: where settings go.
        request: what is planned.
        slots: tasks that run at once at most.
    """
    if not request.application.writes_delta:
        return
    (extensions, extension), catalog = DELTA.items()
    why = "Delta's SQL commands (MERGE, OPTIMIZE, ...) come with its session extension"
    builder.extend(Group.DELTA, extensions, [extension], ",", why, DOCS)
    why = "tables of the catalog can be Delta tables"
    builder.put(Group.DELTA, *catalog, why, DOCS)
    tasks = max(LEAST_SNAPSHOT_TASKS, min(MOST_SNAPSHOT_TASKS, slots))
    if request.cluster.manager == "local":
        tasks = slots
    why = (
        f"Delta reads its own log, also after each write, with 50 tasks unless told; {slots} can run at once"
    )
    builder.put(Group.DELTA, "spark.databricks.delta.snapshotPartitions", tasks, why, "measured")


def put_jars(builder: SettingsBuilder, request: PlanRequest) -> None:
    """The jars that spark-submit hands to driver and executors of a cluster."""
    if request.jars:
        why = f"{counted(len(request.jars), 'jar')} locked by hash; nothing is resolved at the start"
        builder.extend(Group.DELTA, "spark.jars", request.jars, ",", why, "Spark: Submitting Applications")
