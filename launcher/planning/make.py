"""From everything that is known to a plan."""

from __future__ import annotations

from launcher.lint.finding import Finding
from launcher.planning.capacity import capacity
from launcher.planning.delta import put_delta, put_jars
from launcher.planning.driver import put_driver, size_driver
from launcher.planning.elastic import count_executors
from launcher.planning.executors import put_executor
from launcher.planning.local import plan_local
from launcher.planning.pinned import Pinned, pinned
from launcher.planning.place import put_manager, put_place
from launcher.planning.request import PlanRequest
from launcher.planning.result import Executors, Plan
from launcher.planning.scaling import put_scaling
from launcher.planning.shape import cpu_shape
from launcher.planning.sheet import Sheet
from launcher.planning.shuffle import put_partitions, put_splits, put_waiting, split_size
from launcher.planning.site import put_site
from launcher.planning.work import work
from launcher.spec.cluster import DeployMode, Nodes
from sparkjobs.errors import UsageError


def make_plan(request: PlanRequest) -> Plan:
    """Decide every Spark setting, each with its reason. Pure: the same request gives the same plan.

    Args:
        request: the application, the cluster, what somebody pinned.

    Returns:
        The settings, the executors that they make, and what the linter finds in them.

    Raises:
        UsageError: pins, limits, versions or the cluster contradict each other.
    """
    sheet = Sheet(pinned(request.pins, request.cluster))
    if request.cluster.manager == "local":
        executors = plan_local(sheet, request)
        put_delta(sheet, request, executors.cores)
        put_site(sheet, request.cluster)
    else:
        executors = _plan_cluster(sheet, request)
    settings = sheet.settings()
    findings: tuple[Finding, ...] = ()
    return Plan(request.application, request.cluster, settings, executors, findings)


def _plan_cluster(sheet: Sheet, request: PlanRequest) -> Executors:
    cluster, pins, size = request.cluster, sheet.pins, request.application.input
    nodes, mode = _nodes(request), _deploy_mode(request, pins)
    split, split_why = split_size(size)
    todo = work(size, pins.mib("spark.sql.files.maxPartitionBytes", bare=1) or split)
    driver = size_driver(cluster, nodes, mode, request.machine, todo, pins)
    shape = cpu_shape(cluster, nodes, pins, driver.taken)
    room = capacity(cluster, nodes, shape, driver.taken, pins)
    slots = max(1, shape.cores // (pins.number("spark.task.cpus") or 1))
    counts = count_executors(request, pins, room, todo, slots, gpus=False)
    put_place(sheet, cluster, mode)
    put_executor(sheet, cluster, nodes, shape)
    put_manager(sheet, request, mode, shape, counts)
    put_driver(sheet, cluster, mode, driver)
    put_scaling(sheet, cluster, counts, gpus=False)
    put_splits(sheet, split, split_why)
    put_partitions(sheet, size, todo, slots * counts.max, request.application.streaming)
    put_waiting(sheet, cluster)
    put_delta(sheet, request, slots * counts.max)
    put_jars(sheet, request)
    put_site(sheet, cluster)
    memory = shape.memory
    return Executors(
        counts.min,
        counts.initial,
        counts.max,
        shape.cores,
        memory.heap,
        memory.overhead,
        shape.per_node,
        shape.gpus,
        memory.pyspark,
        memory.offheap,
        shape.left_cores,
        shape.left_mib,
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
