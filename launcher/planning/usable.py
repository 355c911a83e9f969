"""What executors may use of a node."""

from __future__ import annotations

from dataclasses import dataclass

from launcher.planning.containers import kept_mib
from launcher.spec.cluster import Cluster, Nodes, Platform
from launcher.spec.units import counted

# Share of a node's memory that the platform keeps: AutoTuner, NON_EXECUTOR_MEM_FRACTION.
PLATFORM_SHARE: dict[Platform, float] = {
    "onprem": 0.0,
    "dataproc": 0.2,
    "emr": 0.3,
    "databricks-aws": 0.35,
    "databricks-azure": 0.3,
}


@dataclass(frozen=True)
class Room:
    """Cores and memory to fill.

    Attributes:
        cores: cores.
        mib: memory.
        how: the arithmetic, for people.
    """

    cores: int
    mib: int
    how: str

    def without(self, cores: int, mib: int, what: str) -> Room:
        """What is left beside something else; never below nothing."""
        left_cores, left_mib = max(0, self.cores - cores), max(0, self.mib - mib)
        return Room(
            left_cores, left_mib, f"{self.how} less {counted(cores, 'core')} and {mib} MiB for {what}"
        )


def share_of(cluster: Cluster, nodes: Nodes) -> float:
    """Share of a node's memory that is kept from executors, 0 to 1."""
    return PLATFORM_SHARE[cluster.platform] if nodes.reserved_share is None else nodes.reserved_share


def usable(cluster: Cluster, nodes: Nodes) -> Room:
    """What CPU executors should take of a node: the system keeps a core and a gigabyte."""
    share = share_of(cluster, nodes)
    return _room(nodes, nodes.reserved_cores, max(nodes.reserved_mib, _kept_mib(cluster, nodes, share)))


def usable_at_most(cluster: Cluster, nodes: Nodes) -> Room:
    """What executors can take of a node: only what the profile, its platform or a kubelet reserves is kept.

    GPU executors are sized by it, as the AutoTuner does: their cores wait for the GPU most of the time.
    So are executors whose size somebody pinned.
    """
    share = share_of(cluster, nodes)
    mib = max(nodes.own_reserved_mib or 0, _kept_mib(cluster, nodes, share))
    return _room(nodes, nodes.own_reserved_cores or 0, mib)


def _kept_mib(cluster: Cluster, nodes: Nodes, share: float) -> int:
    return max(_share_mib(nodes, share), kept_mib(cluster, nodes))


def _share_mib(nodes: Nodes, share: float) -> int:
    # Executors get floor(memory x (1 - f)); the rounding hides that 0.7 is no binary fraction.
    return nodes.memory_mib - int(round(nodes.memory_mib * (1 - share), 6))


def _room(nodes: Nodes, cores: int, mib: int) -> Room:
    how = f"{counted(nodes.cores, 'core')} and {nodes.memory_mib} MiB"
    kept = [counted(cores, "core")] * bool(cores) + [f"{mib} MiB"] * bool(mib)
    if kept:
        how += f" less {' and '.join(kept)} for the system"
    return Room(max(0, nodes.cores - cores), max(0, nodes.memory_mib - mib), how)
