"""How much memory another attempt may ask for: the rules of the plan, for one executor and for the driver."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from launcher.planning.containers import steps
from launcher.planning.driver import YARN_AM_MIB
from launcher.planning.usable import usable_at_most
from launcher.spec.cluster import Cluster, DeployMode, Manager
from launcher.spec.units import MIB, size_bytes

# In local mode the rest is for the Python workers and the system.
LOCAL_SHARE = 0.75
# The driver shares this machine with whatever else runs on it.
CLIENT_SHARE = 0.5
SPARK_HEAP_MIB = 1024
LEAST_OVERHEAD_MIB = 384


@dataclass(frozen=True)
class Bounds:
    """The most that may be asked for.

    Attributes:
        executor_mib: memory of one executor with all that lies beside its heap.
        executor_why: what bounds it, for people.
        driver_mib: memory of the driver; in cluster mode with its overhead.
        driver_why: what bounds it, for people.
    """

    executor_mib: int
    executor_why: str
    driver_mib: int
    driver_why: str


def bounds(cluster: Cluster, mode: DeployMode, machine_mib: int, settings: Mapping[str, str]) -> Bounds:
    """The bounds of a profile.

    Args:
        cluster: the profile.
        mode: where the driver runs.
        machine_mib: memory that this machine may use.
        settings: of the run; they tell how many executors share the limit of the application.
    """
    return Bounds(*_executor(cluster, mode, settings), *_driver(cluster, mode, machine_mib))


def _executor(cluster: Cluster, mode: DeployMode, settings: Mapping[str, str]) -> tuple[int, str]:
    if cluster.nodes is None:
        return 0, "there are no executors of their own"
    limits, room = cluster.limits, usable_at_most(cluster, cluster.nodes)
    mib = room.mib - (_beside(cluster, mode, settings) if cluster.nodes.most == 1 else 0)
    if cluster.manager == "yarn":
        step = steps(cluster).step
        mib = mib // step * step  # it rounds what it is asked for up to this
    ways = [(mib, f"a node has {mib} MiB for executors")]
    if limits.max_executor_memory_mib is not None:
        ways.append((limits.max_executor_memory_mib, f"limits.max_executor_memory of {cluster.name}"))
    if limits.max_total_memory_mib is not None:
        share = limits.max_total_memory_mib // _executors(settings)
        ways.append((share, f"limits.max_total_memory of {cluster.name}"))
    return min(ways)


def _beside(cluster: Cluster, mode: DeployMode, settings: Mapping[str, str]) -> int:
    """What the only node holds beside executors: the driver, or YARN's application master."""
    if mode == "client":
        return steps(cluster).rounded(YARN_AM_MIB + LEAST_OVERHEAD_MIB) if cluster.manager == "yarn" else 0
    heap = setting_mib(settings, "spark.driver.memory", SPARK_HEAP_MIB)
    return heap + overhead_mib(settings, "spark.driver", heap, cluster.manager)


def _executors(settings: Mapping[str, str]) -> int:
    dynamic = settings.get("spark.dynamicAllocation.enabled") == "true"
    key = "spark.dynamicAllocation.maxExecutors" if dynamic else "spark.executor.instances"
    number = settings.get(key, "1")
    return max(1, int(number)) if number.isdecimal() else 1


def _driver(cluster: Cluster, mode: DeployMode, machine_mib: int) -> tuple[int, str]:
    if mode == "cluster" and cluster.nodes is not None:
        room = usable_at_most(cluster, cluster.nodes)
        ways = [(room.mib, f"a node has {room.mib} MiB")]
    else:
        share = LOCAL_SHARE if cluster.manager == "local" else CLIENT_SHARE
        ways = [(int(machine_mib * share), f"{share:.0%} of this machine's {machine_mib} MiB")]
    if cluster.limits.max_driver_memory_mib is not None:
        ways.append((cluster.limits.max_driver_memory_mib, f"limits.max_driver_memory of {cluster.name}"))
    return min(ways)


def setting_mib(settings: Mapping[str, str], key: str, default: int, bare: int = MIB) -> int:
    """A memory setting in MiB; ``default`` where it is not set or no size.

    Args:
        settings: of the run.
        key: the Spark key.
        default: in MiB.
        bare: bytes of a number without a unit.
    """
    try:
        return size_bytes(settings[key], bare) // MIB if key in settings else default
    except ValueError:
        return default


def overhead_mib(settings: Mapping[str, str], prefix: str, heap_mib: int, manager: Manager) -> int:
    """Memory beside a heap; Spark's own rule where it is not set.

    Args:
        settings: of the run.
        prefix: ``spark.driver`` or ``spark.executor``.
        heap_mib: the heap.
        manager: sets the usual factor.
    """
    default = max(LEAST_OVERHEAD_MIB, int(heap_mib * _factor(settings, prefix, manager)))
    return setting_mib(settings, f"{prefix}.memoryOverhead", default)


def most_heap_mib(settings: Mapping[str, str], prefix: str, room_mib: int, manager: Manager) -> int:
    """The largest heap that fits ``room_mib`` together with its overhead; arguments as ``overhead_mib``."""
    if f"{prefix}.memoryOverhead" in settings:
        return room_mib - overhead_mib(settings, prefix, 0, manager)
    # An overhead that is not set grows with the heap.
    return min(room_mib - LEAST_OVERHEAD_MIB, int(room_mib / (1 + _factor(settings, prefix, manager))))


def _factor(settings: Mapping[str, str], prefix: str, manager: Manager) -> float:
    """Overhead as a share of the heap; Kubernetes takes 0.4 for Python applications."""
    try:
        return float(settings[f"{prefix}.memoryOverheadFactor"])
    except (KeyError, ValueError):
        return 0.4 if manager == "kubernetes" else 0.1
