"""Whether GPUs are used, and the executor of one GPU by the arithmetic of NVIDIA's AutoTuner."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from launcher.planning.containers import Steps, steps
from launcher.planning.driver import Taken
from launcher.planning.executor_memory import (
    LEAST_OVERHEAD_MIB,
    Memory,
    fill,
    least_memory,
    memory_rule,
    on_top,
)
from launcher.planning.pinned import Pinned
from launcher.planning.plan_request import PlanRequest
from launcher.planning.shape import SIZE_KEYS, Shape, alone, bounds, held_cores, too_big
from launcher.planning.usable import Room, usable_at_most
from launcher.spec.cluster import GPU_MEMORY_MIB, Cluster, Gpus, Nodes
from launcher.spec.units import counted
from sparkjobs.errors import UsageError

# tuningConfigs.yaml: HEAP_PER_CORE, PINNED_MEMORY, SPILL_MEMORY, HEAP_OVERHEAD_FRACTION.
HEAP_PER_CORE_MIB, LEAST_HEAP_PER_CORE_MIB = 2048, 750
LEAST_POOL_MIB, MOST_POOL_MIB = 2048, 8192
AMOUNT = "spark.executor.resource.gpu.amount"
POOL = "spark.rapids.memory.pinnedPool.size"
SPILL = "spark.rapids.memory.host.spillStorageSize"


@dataclass(frozen=True)
class GpuUse:
    """The GPUs that a plan uses.

    Attributes:
        gpus: those of a node.
        memory_mib: memory of one.
        rapids: the RAPIDS plugin works with them; else tasks only get their addresses.
    """

    gpus: Gpus
    memory_mib: int
    rapids: bool


@dataclass(frozen=True)
class Pools:
    """Host memory that RAPIDS takes for itself, in MiB."""

    pinned: int
    spill: int


def choose_gpus(request: PlanRequest) -> tuple[GpuUse | None, str]:
    """Whether GPUs are used, and why.

    Raises:
        UsageError: GPUs are on, but the cluster has none; or nobody tells their memory.
    """
    cluster = request.cluster
    gpus = cluster.nodes.gpu if cluster.nodes else None
    if gpus is None:
        if request.gpu == "on":
            raise UsageError(
                f"GPUs are on, but the nodes of target {cluster.name} have none",
                hint="choose a cluster with GPUs, or --gpu auto or off",
            )
        return None, ""
    if request.gpu == "off":
        return None, "GPUs are off"
    verdict = request.qualification
    if request.gpu == "auto" and verdict is not None and not verdict.suits:
        return None, f"qualification found no gain on GPUs: {verdict.reason}"
    why = "GPUs are on" if request.gpu == "on" else f"the nodes have {gpus.count} {gpus.model} each"
    return GpuUse(gpus, _memory_mib(cluster, gpus), request.rapids), why


def beside_gpus(taken: Taken, nodes: Nodes, room: Room, client: bool) -> Taken:
    """What an application master leaves to GPU executors: it works little and fits what is reserved."""
    if not client:
        return taken
    return replace(taken, cores=0, mib=max(0, taken.mib - (nodes.memory_mib - room.mib)))


def gpu_shape(cluster: Cluster, nodes: Nodes, pins: Pinned, taken: Taken, use: GpuUse) -> tuple[Shape, Pools]:
    """An executor for each GPU, also on the node that holds the driver, where that costs less than a GPU.

    Raises:
        UsageError: the node is too small for it.
    """
    room = usable_at_most(cluster, nodes)
    shape, pools = _shape(cluster, nodes, pins, taken, use, alone(nodes, room, taken))
    lost = shape.per_node - shape.beside(taken)
    if nodes.most == 1 or not taken.mib or not lost:
        return shape, pools
    try:
        less, less_pools = _shape(
            cluster, nodes, pins, taken, use, room.without(taken.cores, taken.mib, taken.what)
        )
    except UsageError:
        return shape, pools
    # A core of every executor, or the GPUs of the driver's node: what is the smaller part of its kind?
    cheap = (shape.cores - less.cores) * nodes.most * shape.per_node < lost * shape.cores
    if less.per_node < shape.per_node or not cheap:
        return shape, pools
    return replace(less, with_driver=True), less_pools


def _shape(
    cluster: Cluster, nodes: Nodes, pins: Pinned, taken: Taken, use: GpuUse, room: Room
) -> tuple[Shape, Pools]:
    amount, held = _amount(pins, use), held_cores(cluster, nodes, pins)
    if not use.rapids:
        return _plain_shape(cluster, pins, taken, room, use.gpus.count // amount, amount, held), Pools(0, 0)
    rounds = steps(cluster)
    least_pools = _pools(pins, 2 * LEAST_POOL_MIB)
    most = bounds(cluster, taken, room)
    one = rounds.rounded(_least(pins, pins.number("spark.executor.cores") or 1, least_pools).total)
    fed = max(1, min(use.gpus.count, room.mib // one))
    each = min(room.mib // fed, most.mib)
    cores = _cores(pins, most.cores, room, fed)
    cores = _affordable(pins, cores, each, lambda c: rounds.rounded(_least(pins, c, least_pools).total))
    least = _least(pins, cores, least_pools)
    per_node = _per_node(room, use.gpus.count, max(cores, held), rounds.rounded(least.total))
    if per_node < 1 or cores < 1 or cores > most.cores or rounds.rounded(least.total) > most.mib:
        raise _too_small(cluster, room, cores, least, pins)
    memory, pools = _divide(pins, cores, _whole(rounds, min(room.mib // per_node, most.mib)))
    taken_mib, taken_cores = rounds.rounded(memory.total), max(cores, held) if held else 0
    return Shape(cores, memory, taken_mib, per_node, room, gpus=1, taken_cores=taken_cores), pools


def _whole(rounds: Steps, mib: int) -> int:
    """The most of ``mib`` that the manager does not round up beyond it."""
    return mib // rounds.step * rounds.step


def _per_node(room: Room, gpus: int, cores: int, mib: int) -> int:
    return min(gpus, room.cores // max(1, cores), room.mib // mib)


def _plain_shape(
    cluster: Cluster, pins: Pinned, taken: Taken, room: Room, most_per_node: int, amount: int, held: int
) -> Shape:
    rule, most = memory_rule(cluster, pins), bounds(cluster, taken, room)
    cores = _cores(pins, most.cores, room, max(1, most_per_node))
    each = min(room.mib // max(1, most_per_node), most.mib)
    cores = _affordable(pins, cores, each, lambda c: rule.rounded(least_memory(rule, c).total))
    least = rule.rounded(least_memory(rule, max(1, cores)).total)
    per_node = _per_node(room, most_per_node, max(cores, held), least)
    if per_node < 1 or cores < 1 or cores > most.cores or least > most.mib:
        raise too_big(cluster, room, most, rule, pins)
    memory = fill(rule, cores, min(room.mib // per_node, most.mib))
    taken_cores = max(cores, held) if held else 0
    return Shape(cores, memory, rule.rounded(memory.total), per_node, room, amount, taken_cores)


def _cores(pins: Pinned, most: int, room: Room, executors: int) -> int:
    # The AutoTuner rounds up, which would leave a GPU without an executor where it does not divide.
    task = pins.number("spark.task.cpus") or 1
    return pins.number("spark.executor.cores") or min(most, max(task, room.cores // executors))


def _affordable(pins: Pinned, cores: int, room: int, least_mib: Callable[[int], int]) -> int:
    """As many of ``cores`` as ``room`` MiB feed; the AutoTuner gives up instead."""
    if pins.get("spark.executor.cores") is not None:
        return cores
    return next((c for c in range(cores, 1, -1) if least_mib(c) <= room), min(cores, 1))


def _amount(pins: Pinned, use: GpuUse) -> int:
    amount, pin = pins.number(AMOUNT) or 1, pins.get(AMOUNT)
    place = pin.place if pin else ""
    if use.rapids and amount > 1:
        raise UsageError(f"{place}: {AMOUNT}={amount}, but RAPIDS works with one GPU an executor")
    if amount > use.gpus.count:
        raise UsageError(f"{place}: {AMOUNT}={amount}, but a node has {use.gpus.count} GPUs")
    return amount


def _pools(pins: Pinned, room: int) -> Pools:
    pinned, spill = pins.mib(POOL, bare=1), pins.mib(SPILL, bare=1)
    if pinned is None:
        pinned = max(LEAST_POOL_MIB, min(MOST_POOL_MIB, room // 2))
    return Pools(pinned, pinned if spill is None else spill)


def _base(heap: int) -> int:
    return max(LEAST_OVERHEAD_MIB, heap // 10)


def _least(pins: Pinned, cores: int, pools: Pools) -> Memory:
    heap = pins.mib("spark.executor.memory") or LEAST_HEAP_PER_CORE_MIB * max(1, cores)
    overhead = pins.mib("spark.executor.memoryOverhead")
    if overhead is None:
        overhead = _base(heap) + pools.pinned + pools.spill
    return Memory(heap, overhead, *on_top(pins))


def _divide(pins: Pinned, cores: int, room: int) -> tuple[Memory, Pools]:
    python, offheap = on_top(pins)
    room -= python + offheap
    least = _pools(pins, 2 * LEAST_POOL_MIB)
    own = pins.mib("spark.executor.memoryOverhead")
    heap = pins.mib("spark.executor.memory")
    if heap is None:
        beside = least.pinned + least.spill
        fits = (
            room - own
            if own is not None
            else min((room - beside) * 10 // 11, room - beside - LEAST_OVERHEAD_MIB)
        )
        heap = min(HEAP_PER_CORE_MIB * cores, fits)
    overhead = room - heap if own is None else own
    pools = _pools(pins, overhead - _base(heap))
    if own is None:
        overhead = _base(heap) + pools.pinned + pools.spill
    return Memory(heap, overhead, python, offheap), pools


def _memory_mib(cluster: Cluster, gpus: Gpus) -> int:
    known = {model.upper(): mib for model, mib in GPU_MEMORY_MIB.items()}
    mib = gpus.memory_mib or known.get(gpus.model.upper())
    if mib is None:
        raise UsageError(
            f"{cluster.place('nodes.gpu.model')}: the memory of a {gpus.model} is not known",
            hint=f"add memory: to nodes.gpu; known are {', '.join(GPU_MEMORY_MIB)}",
        )
    return mib


def _too_small(cluster: Cluster, room: Room, cores: int, least: Memory, pins: Pinned) -> UsageError:
    pinned = [
        f"{pin.place}: {pin.key}={pin.value}" for key in (*SIZE_KEYS, POOL, SPILL) if (pin := pins.get(key))
    ]
    start = f"{', '.join(pinned)}: " if pinned else ""
    least_cores = counted(max(1, cores), "core")
    return UsageError(
        f"{start}an executor of one GPU takes at least {least_cores} and {least.total} MiB "
        f"({least.heap} heap, {least.total - least.heap} beside it with pinned and spill memory), "
        f"but a node of {cluster.name} has {room.how}, within the profile's limits",
        hint="choose larger nodes, or plan without GPUs: --gpu off",
    )
