"""What the site asks of every application: event logs, encryption."""

from __future__ import annotations

from launcher.planning.groups import Group
from launcher.planning.sheet import Sheet
from launcher.spec.cluster import Cluster
from launcher.spec.security.settings import secure_settings

SECURITY = "Spark: Security"


def put_site(sheet: Sheet, cluster: Cluster) -> None:
    """Event log and security."""
    if cluster.event_log:
        why = "the history server and later plans read the log of events"
        sheet.put(Group.SITE, "spark.eventLog.enabled", True, why, "Spark: Monitoring")
        why = f"the folder of target {cluster.name}"
        sheet.put(Group.SITE, "spark.eventLog.dir", cluster.event_log, why, "Spark: Monitoring")
    for guard in secure_settings(cluster):
        sheet.put(Group.SITE, guard.key, guard.value, guard.reason, SECURITY)
