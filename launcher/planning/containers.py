"""What a manager really takes for a container: YARN rounds memory up, kubelets keep a part of each node."""

from __future__ import annotations

import re
from dataclasses import dataclass
from math import ceil

from launcher.planning.pinned import Pinned
from launcher.spec.cluster import Cluster, Nodes, Platform
from sparkjobs.errors import UsageError

# yarn.scheduler.minimum-allocation-mb: Hadoop's default, and what these platforms set in its place.
SMALLEST_MIB = 1024
PLATFORM_SMALLEST_MIB: dict[Platform, int] = {"dataproc": 1, "emr": 32}
# What GKE and AKS publish that kubelets keep of a node's memory: so much of all MiB up to the first number.
KUBELET_TIERS = ((4096, 0.25), (8192, 0.2), (16_384, 0.1), (131_072, 0.06), (1 << 40, 0.02))
# No kubelet offers its whole node, whatever a profile says.
KUBELET_LEAST_SHARE = 0.02
KUBELET_CORE_SHARE, KUBELET_MOST_CORES = 0.05, 1
REQUEST = "spark.kubernetes.executor.request.cores"
DRIVER_REQUEST = "spark.kubernetes.driver.request.cores"
_QUANTITY = re.compile(r"(\d{1,9})m|(\d{1,9}(?:\.\d{1,9})?)")


@dataclass(frozen=True)
class Steps:
    """How a manager rounds memory, in MiB.

    Attributes:
        least: the smallest container.
        step: larger ones are multiples of it.
    """

    least: int = 1
    step: int = 1

    def rounded(self, mib: int) -> int:
        """What is taken for ``mib`` (DominantResourceCalculator.normalize)."""
        return -(-max(mib, self.least) // self.step) * self.step


def steps(cluster: Cluster) -> Steps:
    """How the cluster's manager rounds memory; only YARN does."""
    if cluster.manager != "yarn":
        return Steps()
    yarn = cluster.yarn
    least = (yarn and yarn.min_allocation_mib) or PLATFORM_SMALLEST_MIB.get(cluster.platform, SMALLEST_MIB)
    # Only the FairScheduler has a step of its own (increment-allocation-mb); the CapacityScheduler's is its
    # minimum.
    return Steps(least, (yarn and yarn.allocation_step_mib) or least)


def kept_mib(cluster: Cluster, nodes: Nodes) -> int:
    """Memory of a node that its kubelet keeps at least; 0 for other managers."""
    if cluster.manager != "kubernetes":
        return 0
    if nodes.own_reserved_mib is not None or nodes.reserved_share is not None:
        return ceil(nodes.memory_mib * KUBELET_LEAST_SHARE)
    kept, below = 0.0, 0
    for most, share in KUBELET_TIERS:
        kept += max(0, min(nodes.memory_mib, most) - below) * share
        below = most
    return ceil(kept)


def requested(cluster: Cluster, nodes: Nodes, cores: int, room_cores: int) -> str:
    """What a pod of ``cores`` asks for: whole cores, or a little less where they would fill the node.

    Spark runs as many tasks all the same; what is asked for only decides which node holds the pod.

    Args:
        cluster: where.
        nodes: its nodes.
        cores: of the executor or the driver.
        room_cores: what executors and driver share of a node; of the only node, all of it.
    """
    # BasicExecutorFeatureStep takes the request for the pod alone; the executor keeps spark.executor.cores.
    whole = nodes.cores if nodes.most == 1 else room_cores
    offered = offered_millicores(cluster, nodes)
    return str(cores) if whole * 1000 <= offered else f"{cores * offered // whole}m"


def offered_millicores(cluster: Cluster, nodes: Nodes) -> int:
    """Thousandths of a core that a node offers to pods."""
    kept = min(KUBELET_MOST_CORES, nodes.cores * KUBELET_CORE_SHARE)
    return int((nodes.cores - (kept if cluster.manager == "kubernetes" else 0)) * 1000)


def requested_by_hand(cluster: Cluster, nodes: Nodes, pins: Pinned, key: str = REQUEST) -> int:
    """Whole cores of a node that a pod occupies by what somebody makes it ask for; 0 = nobody does.

    Raises:
        UsageError: it is no quantity of Kubernetes, or more than a node offers.
    """
    pin = pins.get(key)
    if pin is None or cluster.manager != "kubernetes":
        return 0
    millicores, offered = millicores_of(pin.value), offered_millicores(cluster, nodes)
    if not millicores:
        raise UsageError(f"{pin.place}: {pin.key}={pin.value} is no number of cores such as 3 or 2500m")
    if millicores > offered:
        raise UsageError(
            f"{pin.place}: {pin.key}={pin.value}, but a node of {cluster.name} with {nodes.cores} cores "
            f"offers {offered}m to pods: such a pod waits for ever",
            hint="ask for less, or leave it to the plan",
        )
    return -(-millicores // 1000)


def millicores_of(text: str) -> int | None:
    """Thousandths of a core of a quantity of Kubernetes; ``None`` when it is none."""
    match = _QUANTITY.fullmatch(text.strip())
    if match is None:
        return None
    return int(match[1]) if match[1] else round(float(match[2]) * 1000)
