"""A plan for a cluster: sizes first, each from those before it, then the settings."""

from __future__ import annotations

from dataclasses import dataclass

from launcher.planning.capacity import capacity
from launcher.planning.delta import put_delta, put_jars
from launcher.planning.driver import Driver, put_driver, size_driver
from launcher.planning.elastic import Counts, count_executors
from launcher.planning.executors import put_executor
from launcher.planning.gpu import GpuUse, Pools, beside_gpus, choose_gpus, gpu_shape
from launcher.planning.gpusettings import SPLIT_MIB, TUNER, advisory_mib, put_rapids, put_scheduling
from launcher.planning.javaoptions import put_logging
from launcher.planning.pinned import Pinned
from launcher.planning.place_settings import put_manager, put_place, put_site
from launcher.planning.plan_request import PlanRequest
from launcher.planning.result import Executors
from launcher.planning.scaling import put_scaling
from launcher.planning.settings_builder import SettingsBuilder
from launcher.planning.shape import Shape, cpu_shape
from launcher.planning.shuffle import ADVISORY_MIB, put_partitions, put_splits, put_waiting, split_size
from launcher.planning.supported import require_supported
from launcher.planning.usable import usable_at_most
from launcher.planning.work import Work, work
from launcher.spec.cluster import DeployMode, Nodes
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
        todo: the tasks of the input.
        driver: the driver.
        shape: one executor.
        counts: how many of them.
        slots: tasks that one executor runs at once.
        pools: host memory of RAPIDS.
        gpu: the GPUs used; ``None`` for a plan on CPUs.
        gpu_why: why they are used, or not.
        rapids: version of RAPIDS; ``None`` without it.
    """

    mode: DeployMode
    split: Split
    todo: Work
    driver: Driver
    shape: Shape
    counts: Counts
    slots: int
    pools: Pools
    gpu: GpuUse | None
    gpu_why: str
    rapids: str | None


def plan_cluster(builder: SettingsBuilder, request: PlanRequest) -> tuple[Executors, str]:
    """Decide every setting of an application on a cluster; also why GPUs are used, or not.

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
    return _executors(sizes), sizes.gpu_why


def _sizes(pins: Pinned, request: PlanRequest) -> Sizes:
    cluster, nodes, mode = request.cluster, _nodes(request), _deploy_mode(request, pins)
    gpu, gpu_why = choose_gpus(request)
    rapids = require_supported(request, pins, rapids=gpu is not None and gpu.rapids)
    split = _split(request, gpu)
    todo = work(request.application.input, pins.mib("spark.sql.files.maxPartitionBytes", bare=1) or split.mib)
    driver = size_driver(cluster, nodes, mode, request.machine, todo, pins)
    taken, pools = driver.taken, Pools(0, 0)
    if gpu is None:
        shape = cpu_shape(cluster, nodes, pins, taken)
    else:
        taken = beside_gpus(taken, nodes, usable_at_most(cluster, nodes), mode == "client")
        shape, pools = gpu_shape(cluster, nodes, pins, taken, gpu)
    room = capacity(cluster, nodes, shape, taken, pins)
    slots = max(1, shape.cores // (pins.number("spark.task.cpus") or 1))
    counts = count_executors(request, pins, room, todo, slots, gpu is not None)
    return Sizes(mode, split, todo, driver, shape, counts, slots, pools, gpu, gpu_why, rapids)


def _put_machines(builder: SettingsBuilder, request: PlanRequest, sizes: Sizes) -> None:
    cluster = request.cluster
    put_place(builder, cluster, sizes.mode)
    put_executor(builder, cluster, sizes.shape, sizes.pools if sizes.rapids else None)
    put_manager(builder, request, sizes.mode, sizes.shape, sizes.counts, sizes.driver.cores)
    put_driver(builder, cluster, sizes.mode, sizes.driver)
    put_scaling(builder, cluster, sizes.counts, sizes.gpu is not None)


def _put_work(builder: SettingsBuilder, request: PlanRequest, sizes: Sizes) -> None:
    slots = sizes.slots * sizes.counts.max
    put_splits(builder, sizes.split.mib, sizes.split.why, sizes.split.source)
    application = request.application
    joined = advisory_mib(sizes.gpu) if sizes.gpu and sizes.rapids else ADVISORY_MIB
    put_partitions(builder, application.input, sizes.todo, slots, joined, application.streaming)
    put_waiting(builder, request.cluster, sizes.gpu is not None)
    put_delta(builder, request, slots)


def _split(request: PlanRequest, gpu: GpuUse | None) -> Split:
    if gpu is not None and gpu.rapids:
        return Split(
            SPLIT_MIB, "a GPU needs larger splits than a core to be busy; Spark's 128m suits cores", TUNER
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
