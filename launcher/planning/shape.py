"""The shape of an executor: so many cores and so much memory that least of a node is left over."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from launcher.planning.containers import REQUEST, requested_by_hand
from launcher.planning.demand import Demand
from launcher.planning.driver import Taken
from launcher.planning.executor_memory import Memory, MemoryRule, fill, fit, least_memory, memory_rule
from launcher.planning.pinned import Pinned
from launcher.planning.usable import Room, usable, usable_at_most
from launcher.spec.cluster import Cluster, Nodes
from launcher.spec.units import counted
from sparkjobs.errors import UsageError

# With fewer cores each executor's fixed costs weigh more; with more, their threads fight over one heap
# and one set of disk and network buffers. On equal terms the middle is taken.
USUAL_CORES = (4, 5, 6)
MIDDLE = 5
SIZE_KEYS = (
    "spark.executor.cores",
    REQUEST,
    "spark.executor.memory",
    "spark.executor.memoryOverhead",
    "spark.executor.memoryOverheadFactor",
    "spark.kubernetes.memoryOverheadFactor",
    "spark.executor.minMemoryOverhead",
    "spark.executor.pyspark.memory",
    "spark.memory.offHeap.size",
)


@dataclass(frozen=True)
class Shape:
    """An executor and how its node is filled.

    Attributes:
        cores: its cores.
        memory: its memory.
        taken_mib: what the manager takes for it, in its own steps.
        per_node: how many a node holds.
        room: what a node offers.
        gpus: its GPUs.
        taken_cores: what the manager takes of a node's cores for it; 0 = its cores.
        by_work: the work decided its memory, and the node could give more.
        with_driver: every node has room for the driver beside its executors.
    """

    cores: int
    memory: Memory
    taken_mib: int
    per_node: int
    room: Room
    gpus: int = 0
    taken_cores: int = 0
    by_work: bool = False
    with_driver: bool = False

    @property
    def held_cores(self) -> int:
        """Cores of a node that one executor occupies."""
        return self.taken_cores or self.cores

    @property
    def left_cores(self) -> int:
        """Cores of a node that no executor uses."""
        return self.room.cores - self.per_node * self.held_cores

    @property
    def left_mib(self) -> int:
        """Memory of a node that no executor uses."""
        return self.room.mib - self.per_node * self.taken_mib

    def beside(self, taken: Taken) -> int:
        """How many fit on the node that holds ``taken`` as well."""
        if self.with_driver:
            return self.per_node
        room = self.room.without(taken.cores, taken.mib, taken.what)
        return min(self.per_node, room.cores // self.held_cores, room.mib // self.taken_mib)


@dataclass(frozen=True)
class Bounds:
    """The most of one executor that limits and the driver leave."""

    cores: int
    mib: int


def bounds(cluster: Cluster, taken: Taken, room: Room) -> Bounds:
    """What limits allow one executor of an application that takes ``taken`` as well."""
    limits = cluster.limits
    cores = [room.cores, limits.max_executor_cores]
    mib = [room.mib, limits.max_executor_memory_mib]
    if limits.max_total_cores is not None:
        cores.append(limits.max_total_cores - taken.cores)
    if limits.max_total_memory_mib is not None:
        mib.append(limits.max_total_memory_mib - taken.mib)
    return Bounds(min(c for c in cores if c is not None), min(m for m in mib if m is not None))


def cpu_shape(cluster: Cluster, nodes: Nodes, pins: Pinned, taken: Taken, work: Demand) -> Shape:
    """The best shape on nodes without GPUs in use.

    Raises:
        UsageError: no executor fits, with the pins, the limits or the node that stand against it.
    """
    rule = memory_rule(cluster, pins)
    candidates, held = _candidates(pins), held_cores(cluster, nodes, pins)
    for room in _rooms(cluster, nodes, pins, taken):
        most = bounds(cluster, taken, room)
        best = _best(room, most, rule, candidates, held)
        if best is not None:
            return _by_work(best, cluster, nodes, rule, work)
    raise too_big(cluster, room, bounds(cluster, taken, room), rule, pins)


def _by_work(shape: Shape, cluster: Cluster, nodes: Nodes, rule: MemoryRule, work: Demand) -> Shape:
    """The shape with no more memory than its work can use."""
    heap = work.heap_mib(shape.cores, shape.per_node, nodes, cluster.limits)
    if heap is None or rule.heap is not None or heap >= shape.memory.heap:
        return shape
    memory = fit(rule, shape.cores, heap, shape.memory)
    return replace(shape, memory=memory, taken_mib=rule.rounded(memory.total), by_work=True)


def held_cores(cluster: Cluster, nodes: Nodes, pins: Pinned) -> int:
    """Whole cores that a pod occupies by what somebody makes it ask for; 0 = as many as it has."""
    return -(-(requested_by_hand(cluster, nodes, pins) or 0) // 1000)


def alone(nodes: Nodes, room: Room, taken: Taken) -> Room:
    """The room that is left when the only node holds ``taken`` as well."""
    if nodes.most == 1 and taken.mib:
        return room.without(taken.cores, taken.mib, taken.what)
    return room


def too_big(cluster: Cluster, room: Room, most: Bounds, rule: MemoryRule, pins: Pinned) -> UsageError:
    """The error of an executor that fits no node."""
    cores = pins.number("spark.executor.cores") or pins.number("spark.task.cpus") or 1
    least = least_memory(rule, cores)
    keys = ("spark.task.cpus", *SIZE_KEYS)
    pinned = [f"{pin.place}: {pin.key}={pin.value}" for key in keys if (pin := pins.get(key))]
    start = f"{', '.join(pinned)}: " if pinned else ""
    return UsageError(
        f"{start}an executor takes at least {counted(cores, 'core')} and {rule.rounded(least.total)} MiB "
        f"({least.heap} heap, {least.total - least.heap} beside it), but {cluster.name} leaves one "
        f"{max(0, most.cores)} cores and {max(0, most.mib)} MiB (a node has {room.how}{_limits(cluster)})",
        hint="ask for smaller executors, or choose a target with larger nodes or limits",
    )


def _limits(cluster: Cluster) -> str:
    """The limits that stand against an executor, as the profile names them."""
    limits = cluster.limits
    cores = {"max_executor_cores": limits.max_executor_cores, "max_total_cores": limits.max_total_cores}
    mib = {
        "max_executor_memory": limits.max_executor_memory_mib,
        "max_total_memory": limits.max_total_memory_mib,
    }
    named = [f"{key} {value}" for key, value in cores.items() if value is not None]
    named += [f"{key} {value} MiB" for key, value in mib.items() if value is not None]
    return f"; limits: {', '.join(named)}" if named else ""


def _rooms(cluster: Cluster, nodes: Nodes, pins: Pinned, taken: Taken) -> Iterator[Room]:
    yield alone(nodes, usable(cluster, nodes), taken)
    if any(pins.get(key) for key in SIZE_KEYS):
        yield alone(nodes, usable_at_most(cluster, nodes), taken)


def _candidates(pins: Pinned) -> Sequence[Sequence[int]]:
    """Groups of cores, the first that fits wins: pinned ones, else such as run whole tasks."""
    own, task = pins.number("spark.executor.cores"), pins.number("spark.task.cpus") or 1
    if own is not None:
        return ((own,),)
    usual = [[cores for cores in group if cores % task == 0] for group in (USUAL_CORES, (3,), (2,), (1,))]
    return [*usual, (task,)]


def _best(
    room: Room, most: Bounds, rule: MemoryRule, candidates: Sequence[Sequence[int]], held: int
) -> Shape | None:
    for group in candidates:
        shapes = [shape for c in group if (shape := _shape(c, room, most, rule, held)) is not None]
        if shapes:
            return min(shapes, key=_badness)
    return None


def _badness(shape: Shape) -> tuple[int, int, int]:
    return shape.left_cores, shape.left_mib, abs(shape.cores - MIDDLE)


def _shape(cores: int, room: Room, most: Bounds, rule: MemoryRule, held: int) -> Shape | None:
    least = rule.rounded(least_memory(rule, cores).total)
    if cores > most.cores or held > room.cores or least > most.mib:
        return None
    per_node = min(room.cores // max(cores, held), room.mib // least)
    memory = fill(rule, cores, min(room.mib // per_node, most.mib))
    taken = max(cores, held) if held else 0
    return Shape(cores, memory, rule.rounded(memory.total), per_node, room, taken_cores=taken)
