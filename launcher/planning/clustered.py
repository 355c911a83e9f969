"""A plan for a cluster: sizes first, each from those before it, then the settings."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from launcher.planning.capacity import Capacity, capacity
from launcher.planning.cuts import ADVISORY_MIB, MOST_PARTITIONS, SPLIT_MIB, partition_size, split_size
from launcher.planning.delta import put_delta, put_jars
from launcher.planning.demand import demand
from launcher.planning.driver import NOTHING, Driver, Load, put_driver, size_driver
from launcher.planning.elastic import Counts, count_executors
from launcher.planning.executors import put_executor
from launcher.planning.gpu import GpuUse, Pools, beside_gpus, choose_gpus, gpu_shape
from launcher.planning.gpusettings import SPLIT_MIB as GPU_SPLIT_MIB
from launcher.planning.gpusettings import TUNER, advisory_mib, put_rapids, put_scheduling
from launcher.planning.javaoptions import put_logging
from launcher.planning.misfits import (
    coarse_input,
    displaced_gpus,
    driver_above_machine,
    full_disks,
    many_executors,
    tiny_blocks,
    unused_memory,
)
from launcher.planning.pinned import Pinned
from launcher.planning.place_settings import put_manager, put_place, put_site
from launcher.planning.plan_request import PlanRequest
from launcher.planning.result import Decided, Executors
from launcher.planning.scaling import put_scaling
from launcher.planning.settings_builder import SettingsBuilder
from launcher.planning.shape import SIZE_KEYS, Shape, cpu_shape
from launcher.planning.shuffle import PARTITIONS, SPLIT, PartitionCut, put_partitions, put_splits, put_waiting
from launcher.planning.supported import require_supported
from launcher.planning.usable import usable_at_most
from launcher.planning.work import LEAST_TASK_MIB, LEAST_TASK_ROWS, Work, cut_finer, work, worth
from launcher.spec.application import InputSize
from launcher.spec.cluster import DeployMode, Nodes
from launcher.spec.finding import Finding
from launcher.spec.units import MIB
from sparkjobs.errors import UsageError


@dataclass(frozen=True)
class Split:
    """How the input is cut."""

    mib: int
    why: str
    source: str


@dataclass(frozen=True)
class Sizes:
    """Everything that is sized.

    Attributes:
        mode: where the driver runs.
        split: how the input is cut.
        part_mib: the size of shuffle partitions.
        todo: the tasks of the input.
        driver: the driver.
        shape: one executor.
        room: how many of them the cluster holds.
        counts: how many of them.
        slots: tasks that one executor runs at once.
        pools: host memory of RAPIDS.
        gpu: the GPUs used; ``None`` for a plan on CPUs.
        gpu_why: why they are used, or not.
        rapids: version of RAPIDS; ``None`` without it.
    """

    mode: DeployMode
    split: Split
    part_mib: int
    todo: Work
    driver: Driver
    shape: Shape
    room: Capacity
    counts: Counts
    slots: int
    pools: Pools
    gpu: GpuUse | None
    gpu_why: str
    rapids: str | None


def plan_cluster(builder: SettingsBuilder, request: PlanRequest) -> Decided:
    """Decide every setting of an application on a cluster.

    Raises:
        UsageError: pins, limits, versions or the cluster contradict each other.
    """
    sizes = _sizes(builder.pins, request)
    _put_machines(builder, request, sizes)
    _put_work(builder, request, sizes)
    if sizes.gpu:
        put_scheduling(builder, request, sizes.gpu, sizes.shape)
    if sizes.gpu and sizes.rapids:
        put_rapids(builder, request, sizes.gpu, sizes.shape, sizes.pools, sizes.rapids)
    put_logging(builder, request, sizes.mode)
    put_jars(builder, request)
    put_site(builder, request.cluster)
    return Decided(_executors(sizes), sizes.gpu_why, tuple(_findings(builder, request, sizes)))


def _findings(builder: SettingsBuilder, request: PlanRequest, sizes: Sizes) -> Iterator[Finding]:
    nodes, shape, size = _nodes(request), sizes.shape, request.application.input
    if not any(builder.pins.get(key) for key in SIZE_KEYS):
        yield from unused_memory(request.cluster, nodes, shape)
    yield from coarse_input(size, sizes.todo, sizes.slots * sizes.room.executors)
    yield from tiny_blocks(sizes.todo, int(builder.value(PARTITIONS) or 0))
    yield from displaced_gpus(nodes, shape, sizes.driver.taken if sizes.gpu else NOTHING)
    yield from driver_above_machine(request.machine, sizes.mode, sizes.driver)
    yield from many_executors(sizes.counts.max)
    yield from full_disks(request.cluster, nodes, size)


def _sizes(pins: Pinned, request: PlanRequest) -> Sizes:
    cluster, nodes, mode = request.cluster, _nodes(request), _deploy_mode(request, pins)
    gpu, gpu_why = choose_gpus(request)
    rapids = require_supported(request, pins, rapids=gpu is not None and gpu.rapids)
    split, size = _split(request, pins, gpu), request.application.input
    todo, part = work(size, split.mib), partition_size(size, split.mib, _usual_partition(gpu))
    driver = size_driver(cluster, nodes, mode, request.machine, _load(size, todo, nodes, part), pins)
    taken, pools = driver.taken, Pools(0, 0)
    if gpu is None:
        shape = cpu_shape(cluster, nodes, pins, taken, demand(request.application, todo, part, pins))
    else:
        taken = beside_gpus(taken, nodes, usable_at_most(cluster, nodes), mode == "client")
        shape, pools = gpu_shape(cluster, nodes, pins, taken, gpu)
    room = capacity(cluster, nodes, shape, taken, pins)
    slots = max(1, shape.cores // (pins.number("spark.task.cpus") or 1))
    split, todo = _finer(request, pins, gpu, split, todo, slots, room.executors)
    counts = count_executors(request, pins, room, todo, slots, gpu is not None)
    driver = replace(driver, taken=taken)
    return Sizes(mode, split, part, todo, driver, shape, room, counts, slots, pools, gpu, gpu_why, rapids)


def _finer(
    request: PlanRequest,
    pins: Pinned,
    gpu: GpuUse | None,
    split: Split,
    todo: Work,
    slots: int,
    executors: int,
) -> tuple[Split, Work]:
    """Splits that give every slot a task, where splits are the plan's to choose."""
    if pins.get(SPLIT) is not None or request.application.streaming or (gpu is not None and gpu.rapids):
        return split, todo
    finer = cut_finer(request.application.input, todo, slots, executors)
    if finer is None:
        return split, todo
    mib, todo = finer
    why = (
        f"smaller than Spark's {SPLIT_MIB} MiB, so that {todo.at_once} slots have a task each; a task has "
        f"{LEAST_TASK_MIB} MiB of plain bytes or {LEAST_TASK_ROWS} rows at least"
    )
    return Split(mib, why, split.source), todo


def _load(size: InputSize, todo: Work, nodes: Nodes, part_mib: int) -> Load:
    """What the driver keeps account of at most."""
    if todo.tasks is None or todo.plain_bytes is None:
        return Load(None)
    tasks = max(todo.tasks, min(worth(size), nodes.most * nodes.cores))
    return Load(tasks, min(MOST_PARTITIONS, -(-todo.plain_bytes // (part_mib * MIB))))


def _usual_partition(gpu: GpuUse | None) -> int:
    return advisory_mib(gpu) if gpu is not None and gpu.rapids else ADVISORY_MIB


def _put_machines(builder: SettingsBuilder, request: PlanRequest, sizes: Sizes) -> None:
    cluster = request.cluster
    put_place(builder, cluster, sizes.mode)
    put_executor(builder, cluster, sizes.shape, sizes.pools if sizes.rapids else None)
    put_manager(builder, request, sizes.mode, sizes.shape, sizes.counts, sizes.driver.cores)
    put_driver(builder, cluster, sizes.mode, sizes.driver)
    streams = request.application.streaming
    put_scaling(builder, cluster, sizes.counts, sizes.gpu is not None, streaming=streams)


def _put_work(builder: SettingsBuilder, request: PlanRequest, sizes: Sizes) -> None:
    slots = sizes.slots * sizes.counts.max
    put_splits(builder, sizes.split.mib, sizes.split.why, sizes.split.source)
    application = request.application
    usual = _usual_partition(sizes.gpu)
    cut = PartitionCut(slots, sizes.part_mib, usual)
    put_partitions(builder, application.input, sizes.todo, cut, application.streaming)
    put_waiting(builder, request.cluster, sizes.gpu is not None)
    put_delta(builder, request, slots)


def _split(request: PlanRequest, pins: Pinned, gpu: GpuUse | None) -> Split:
    own = pins.mib(SPLIT, bare=1)
    if own is not None:
        return Split(max(1, own), "", "")  # the pin's own words stand in the plan
    if gpu is not None and gpu.rapids:
        return Split(
            GPU_SPLIT_MIB, "a GPU needs larger splits than a core to be busy; Spark's 128m suits cores", TUNER
        )
    return Split(*split_size(request.application.input), "Spark: Performance Tuning")


def _executors(sizes: Sizes) -> Executors:
    shape, memory, counts = sizes.shape, sizes.shape.memory, sizes.counts
    return Executors(
        min=counts.min,
        initial=counts.initial,
        max=counts.max,
        cores=shape.cores,
        heap_mib=memory.heap,
        overhead_mib=memory.overhead,
        per_node=shape.per_node,
        gpus=shape.gpus,
        pyspark_mib=memory.pyspark,
        offheap_mib=memory.offheap,
        left_cores=shape.left_cores,
        left_mib=shape.left_mib,
        room=sizes.room.executors,
    )


def _nodes(request: PlanRequest) -> Nodes:
    nodes = request.cluster.nodes
    if nodes is None or nodes.most < 1:
        raise UsageError(
            f"profile {request.cluster.name} has no nodes, so nothing can be sized for it",
            hint="add nodes: with count (or min and max), cores and memory",
        )
    return nodes


def _deploy_mode(request: PlanRequest, pins: Pinned) -> DeployMode:
    pin = pins.get("spark.submit.deployMode")
    if pin is None:
        return request.deploy_mode
    if pin.value == "cluster":
        return "cluster"
    if pin.value == "client":
        return "client"
    raise UsageError(f"{pin.place}: spark.submit.deployMode={pin.value} is neither client nor cluster")
