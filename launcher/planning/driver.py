"""The driver, and what it takes of the cluster."""

from __future__ import annotations

from dataclasses import dataclass

from launcher.planning.containers import DRIVER_REQUEST, requested_by_hand, steps
from launcher.planning.pinned import Pinned
from launcher.planning.plan_request import Machine
from launcher.planning.setting import Group
from launcher.planning.settings_builder import SettingsBuilder
from launcher.planning.usable import usable
from launcher.spec.cluster import Cluster, DeployMode, Nodes
from launcher.spec.units import counted, mib_text
from sparkjobs.errors import UsageError

LEAST_HEAP_MIB = 512
LEAST_OVERHEAD_MIB = 384
# The driver's own Python process: the job's code, small results, pandas.
PYTHON_MIB = 512
# The driver keeps statistics of every task: Spark's own defaults fit a few thousand of them.
# Beside the scheduler's loop the driver's cores answer shuffle look-ups and collect results.
CORES_BY_TASKS, MOST_CORES = ((5000, 1), (50_000, 2)), 4
HEAP_MIB_BY_TASKS = ((10_000, 2048), (100_000, 4096))
MOST_HEAP_MIB = 8192
# Beyond a million tasks nobody has tried what that holds.
MOST_TASKS_TRIED = 1_000_000
YARN_AM_MIB = 512  # spark.yarn.am.memory
SIZE_KEYS = (
    "spark.driver.memory",
    "spark.driver.memoryOverhead",
    "spark.driver.memoryOverheadFactor",
    "spark.kubernetes.memoryOverheadFactor",
    "spark.driver.minMemoryOverhead",
)
# What makes the driver, or YARN's application master, as large as it is.
TAKEN_KEYS = (
    *SIZE_KEYS,
    "spark.driver.cores",
    DRIVER_REQUEST,
    "spark.yarn.am.cores",
    "spark.yarn.am.memory",
    "spark.yarn.am.memoryOverhead",
)


@dataclass(frozen=True)
class Taken:
    """What the application takes of one node beside its executors."""

    cores: int
    mib: int
    what: str


NOTHING = Taken(0, 0, "nothing")


@dataclass(frozen=True)
class Load:
    """What the driver keeps account of.

    Attributes:
        tasks: input tasks at most; ``None`` when nobody knows.
        partitions: of a shuffle.
    """

    tasks: int | None
    partitions: int = 0


@dataclass(frozen=True)
class Driver:
    """The driver.

    Attributes:
        cores: its cores.
        heap_mib: its heap.
        overhead_mib: what it takes beside, its Python process among it; 0 outside the cluster.
        taken: what it takes of one node; of the application master on YARN in client mode.
        heap_reason: why this heap.
        cores_reason: why so many cores.
    """

    cores: int
    heap_mib: int
    overhead_mib: int
    taken: Taken
    heap_reason: str
    cores_reason: str


def size_driver(
    cluster: Cluster, nodes: Nodes, mode: DeployMode, machine: Machine, load: Load, pins: Pinned
) -> Driver:
    """Size the driver.

    Raises:
        UsageError: a pinned driver is above the profile's limit, or nothing fits.
    """
    cores, cores_why = _cores(cluster, nodes, load)
    cores = pins.number("spark.driver.cores") or cores
    wanted, why = _wanted(load)
    room, where = _room(cluster, nodes, mode, machine)
    heap = pins.mib("spark.driver.memory") or max(LEAST_HEAP_MIB, min(wanted, room))
    if heap < wanted:
        why = f"{why}, but {where} leaves {mib_text(heap)}"
    overhead = _overhead(cluster, heap, pins) if mode == "cluster" else 0
    _check_limit(cluster, heap + overhead, pins)
    held = requested_by_hand(cluster, nodes, pins, DRIVER_REQUEST) if mode == "cluster" else 0
    taken = _taken(cluster, mode, max(cores, held), heap + overhead, pins)
    _check_totals(cluster, taken, pins)
    return Driver(cores, heap, overhead, taken, why, cores_why)


def put_driver(builder: SettingsBuilder, cluster: Cluster, mode: DeployMode, driver: Driver) -> None:
    """The driver's settings."""
    builder.put(
        Group.DRIVER,
        "spark.driver.memory",
        mib_text(driver.heap_mib),
        driver.heap_reason,
        "Spark: AppStatusListener, MapOutputTracker",
    )
    if mode == "client":
        return
    builder.put(
        Group.DRIVER,
        "spark.driver.cores",
        driver.cores,
        driver.cores_reason,
        "Spark configuration: spark.driver.cores",
    )
    builder.put(
        Group.DRIVER,
        "spark.driver.memoryOverhead",
        mib_text(driver.overhead_mib),
        _overhead_reason(cluster, driver),
        "Spark: BasicDriverFeatureStep" if cluster.manager == "kubernetes" else "Spark: yarn.Client",
    )


def _cores(cluster: Cluster, nodes: Nodes, load: Load) -> tuple[int, str]:
    total = (load.tasks or 0) + load.partitions
    wanted = next((cores for most, cores in CORES_BY_TASKS if total <= most), MOST_CORES)
    most = usable(cluster, nodes).cores // 4
    if cluster.limits.max_total_cores is not None:
        most = min(most, cluster.limits.max_total_cores // 8)
    cores = max(1, min(wanted, most))
    if wanted == 1:
        return 1, "one core schedules tasks; the work is done in executors"
    why = f"it keeps account of {load.tasks or 0} input tasks and {load.partitions} shuffle partitions"
    return cores, why if cores == wanted else f"{why}, which want {wanted} cores, but a node has few to spare"


def _wanted(todo: Load) -> tuple[int, str]:
    if todo.tasks is None:
        heap = HEAP_MIB_BY_TASKS[0][1]
        return (
            heap,
            f"{mib_text(heap)} are enough for the statistics of 10000 tasks; the input's size is not known",
        )
    heap = next((mib for most, mib in HEAP_MIB_BY_TASKS if todo.tasks <= most), MOST_HEAP_MIB)
    if todo.tasks > MOST_TASKS_TRIED:
        return heap, (
            f"{mib_text(heap)} are the most that is worked out; {todo.tasks} input tasks may want more, "
            "or an input in several runs"
        )
    return heap, f"{mib_text(heap)} are enough for the statistics of {counted(todo.tasks, 'input task')}"


def _room(cluster: Cluster, nodes: Nodes, mode: DeployMode, machine: Machine) -> tuple[int, str]:
    """The most of a heap that is computed, and what bounds it."""
    limit, bound = cluster.limits.max_driver_memory_mib, f"limits.max_driver_memory of {cluster.name}"
    if mode == "client":
        most, where = machine.memory_mib // 2, f"half of this machine's {machine.memory_mib} MiB"
        return (int(limit), bound) if limit is not None and limit < most else (most, where)
    share = 4 if nodes.most == 1 else 2
    room = usable(cluster, nodes)
    most, where = room.mib // share, f"1/{share} of a node's {room.mib} MiB"
    if limit is not None and limit < most:
        most, where = int(limit), bound
    return min(int(most / (1 + _factor(cluster))), most - LEAST_OVERHEAD_MIB - PYTHON_MIB), where


def _factor(cluster: Cluster) -> float:
    # On Kubernetes BasicDriverFeatureStep takes 0.4 for applications that are no JVM ones
    # (NON_JVM_MEMORY_OVERHEAD_FACTOR).
    return 0.4 if cluster.manager == "kubernetes" else 0.1


def _overhead(cluster: Cluster, heap: int, pins: Pinned) -> int:
    own = pins.mib("spark.driver.memoryOverhead")
    if own is not None:
        return own
    least = pins.mib("spark.driver.minMemoryOverhead") or LEAST_OVERHEAD_MIB
    factor = pins.fraction("spark.driver.memoryOverheadFactor")
    if factor is None and cluster.manager == "kubernetes":
        factor = pins.fraction("spark.kubernetes.memoryOverheadFactor")
    if factor is not None:
        return max(least, int(heap * factor))
    by_factor = max(least, int(heap * _factor(cluster)))
    return max(by_factor, max(LEAST_OVERHEAD_MIB, heap // 10) + PYTHON_MIB)


def _overhead_reason(cluster: Cluster, driver: Driver) -> str:
    jvm = max(LEAST_OVERHEAD_MIB, driver.heap_mib // 10)
    if driver.overhead_mib > jvm + PYTHON_MIB:
        return f"0.4 of the heap of {driver.heap_mib} MiB, as Kubernetes gives Python applications"
    return (
        f"the larger of 384 MiB and 10 % of the heap ({jvm} MiB) for the JVM, "
        f"and {PYTHON_MIB} MiB for the driver's own Python process"
    )


def _check_limit(cluster: Cluster, total: int, pins: Pinned) -> None:
    limit = cluster.limits.max_driver_memory_mib
    if limit is None or total <= limit:
        return
    place = next((f"{pin.place}: " for key in SIZE_KEYS if (pin := pins.get(key))), "")
    raise UsageError(
        f"{place}the driver takes {total} MiB, but limits.max_driver_memory of {cluster.name} is {limit} MiB",
        hint="ask for a smaller driver, or raise the limit in the profile",
    )


def _check_totals(cluster: Cluster, taken: Taken, pins: Pinned) -> None:
    """What somebody set leaves something of the limits of all to executors."""
    limits, set_by = cluster.limits, pins.places(TAKEN_KEYS)
    for name, limit, takes, unit in (
        ("max_total_cores", limits.max_total_cores, taken.cores, "cores"),
        ("max_total_memory", limits.max_total_memory_mib, taken.mib, "MiB"),
    ):
        if set_by and limit is not None and takes >= limit:
            raise UsageError(
                f"{set_by}: {taken.what} takes {takes} {unit}, and limits.{name} of {cluster.name}, "
                f"{limit} {unit}, holds the executors too",
                hint="ask for a smaller driver, or let it run where you type: --deploy-mode client",
            )


def _taken(cluster: Cluster, mode: DeployMode, cores: int, total: int, pins: Pinned) -> Taken:
    if mode == "cluster":
        return Taken(cores, steps(cluster).rounded(total), "the driver")
    if cluster.manager == "yarn":
        # In client mode the application master only hands out executors; yarn.Client sizes it by
        # spark.yarn.am.*.
        heap = pins.mib("spark.yarn.am.memory") or YARN_AM_MIB
        overhead = pins.mib("spark.yarn.am.memoryOverhead") or max(LEAST_OVERHEAD_MIB, heap // 10)
        mib = steps(cluster).rounded(heap + overhead)
        return Taken(pins.number("spark.yarn.am.cores") or 1, mib, "YARN's application master")
    return NOTHING
