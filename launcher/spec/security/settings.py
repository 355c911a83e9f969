"""The settings that ``secure: true`` adds to an application. Pure.

They hold no secret: YARN and Kubernetes make one for each application; a standalone cluster has one of its
own, which ``launcher.spec.security.secret`` reads.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from launcher.spec.cluster import Cluster

# Both ends of a connection must say the same. Version 2 derives keys by HKDF; GCM detects changed bytes.
STRONGEST = {
    "spark.network.crypto.cipher": "AES/GCM/NoPadding",
    "spark.network.crypto.authEngineVersion": "2",
}
# What the daemons of a secure cluster on this machine are given, and what its applications must say as well.
AUTHENTICATION = {
    "spark.authenticate": "true",
    "spark.network.crypto.enabled": "true",
    "spark.network.crypto.saslFallback": "false",
    **STRONGEST,
}


@dataclass(frozen=True)
class Guard:
    """A setting that secures an application.

    Attributes:
        key: the Spark key.
        value: its value.
        reason: why, in one sentence.
    """

    key: str
    value: str
    reason: str


def secure_settings(cluster: Cluster) -> tuple[Guard, ...]:
    """What an application on ``cluster`` is given beside its own settings.

    Returns:
        Nothing unless the profile says ``secure: true``. Source: "Spark Security" of Spark 4.0.
    """
    if not cluster.secure:
        return ()
    return tuple(_network(cluster)) + tuple(_disk()) + tuple(_pages(cluster))


def _network(cluster: Cluster) -> Iterator[Guard]:
    if cluster.manager == "local":
        return  # one process
    why = f"target {cluster.name} is secure: processes prove that they know the application's secret"
    yield Guard("spark.authenticate", "true", why)
    yield Guard("spark.network.crypto.enabled", "true", "what goes over the network is encrypted with AES")
    why = "a peer that cannot do so is refused, not served by the older and weaker way"
    yield Guard("spark.network.crypto.saslFallback", "false", why)
    if _own_peers(cluster):
        why = "GCM also detects changed bytes; every peer is a process of this application and says the same"
        yield Guard("spark.network.crypto.cipher", STRONGEST["spark.network.crypto.cipher"], why)
        why = "keys are derived by HKDF; every peer is a process of this application and says the same"
        key = "spark.network.crypto.authEngineVersion"
        yield Guard(key, STRONGEST[key], why)


def _own_peers(cluster: Cluster) -> bool:
    # A standalone master and the external shuffle service have settings of their own: those must agree with
    # ours, and the profile's conf says so where they are stronger than Spark's defaults.
    return cluster.manager in ("yarn", "kubernetes") and not cluster.shuffle_service


def _disk() -> Iterator[Guard]:
    yield Guard("spark.io.encryption.enabled", "true", "shuffle and spill files on disk are encrypted")


def _pages(cluster: Cluster) -> Iterator[Guard]:
    if cluster.manager == "yarn":
        why = "only the owner sees the pages: YARN's proxy says who asks"
        yield Guard("spark.acls.enable", "true", why)
        return
    why = "nobody asks who looks at the pages, and they show settings and queries; see the event log"
    yield Guard("spark.ui.enabled", "false", why)
