"""What the site asks of every application: event logs, encryption."""

from __future__ import annotations

from launcher.planning.groups import Group
from launcher.planning.sheet import Sheet
from launcher.spec.cluster import Cluster

SECURITY = "Spark: Security"


def put_site(sheet: Sheet, cluster: Cluster) -> None:
    """Event log and security."""
    if cluster.event_log:
        why = "the history server and later plans read the log of events"
        sheet.put(Group.SITE, "spark.eventLog.enabled", True, why, "Spark: Monitoring")
        why = f"the folder of target {cluster.name}"
        sheet.put(Group.SITE, "spark.eventLog.dir", cluster.event_log, why, "Spark: Monitoring")
    if cluster.secure:
        _put_secure(sheet, cluster)


def _put_secure(sheet: Sheet, cluster: Cluster) -> None:
    why = f"target {cluster.name} is secure: processes prove that they know the application's secret"
    sheet.put(Group.SITE, "spark.authenticate", True, why, SECURITY)
    why = "what goes over the network is encrypted"
    sheet.put(Group.SITE, "spark.network.crypto.enabled", True, why, SECURITY)
    why = "AES in GCM mode also detects changed bytes"
    sheet.put(Group.SITE, "spark.network.crypto.cipher", "AES/GCM/NoPadding", why, SECURITY)
    why = "shuffle and spill files on disk are encrypted"
    sheet.put(Group.SITE, "spark.io.encryption.enabled", True, why, SECURITY)
