"""What a plan cannot mend by any setting: input, application and cluster that do not suit each other."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from launcher.planning.cuts import LEAST_BLOCK_BYTES
from launcher.planning.driver import Driver, Taken
from launcher.planning.gpu import SPILL
from launcher.planning.plan_request import History, Machine
from launcher.planning.shape import Shape
from launcher.planning.work import Work, pieces, worth
from launcher.spec.application import InputSize
from launcher.spec.cluster import Cluster, DeployMode, Nodes
from launcher.spec.finding import Finding
from launcher.spec.units import KIB, MIB, counted, human_bytes, mib_text

# A core of a laptop works off about so much plain input; measured with our jobs, 1.5 to 4.
LOCAL_MIB_PER_SECOND = 2.5
LONG_HOURS = 6
# spark.executor.heartbeatInterval is 10 s. A driver's loop handles some thousand messages a second, and the
# results of tasks are among them.
HEARTBEAT_S, MOST_HEARTBEATS = 10, 1000
OBJECTIVE_IMPOSSIBLE = "objective-impossible"
# From this share on it is worth a word; beside GPUs, which hold the rows, host memory is seldom all needed.
UNUSED = {False: 0.5, True: 0.75}


def missed_objective(history: History | None) -> Iterator[Finding]:
    """By what earlier runs tell no size does what was asked for."""
    if history is not None and history.decision == "impossible":
        yield Finding(
            OBJECTIVE_IMPOSSIBLE,
            "warning",
            (),
            history.why,
            "Ask for what can be met, raise the limits or take a larger cluster; sparkjob report tells where "
            "the time goes. The plan stays as it is.",
        )


def unused_memory(cluster: Cluster, nodes: Nodes, shape: Shape) -> Iterator[Finding]:
    """Executors as large as is useful leave much of a node's memory."""
    left = shape.left_mib / nodes.memory_mib
    if shape.by_work or cluster.limits.max_executor_memory_mib or left < UNUSED[shape.gpus > 0]:
        return
    mend = (
        "Give it to more tasks by executors with fewer cores (--executor-cores 2), to rows outside the heap "
        "by spark.memory.offHeap.size, to a cache by heaps above 40g; or take nodes with less memory."
    )
    if shape.gpus:
        mend = f"Give it to what spills from the GPUs by {SPILL}, or take nodes with less memory."
    yield Finding(
        "node-memory-unused",
        "info",
        ("spark.executor.memory", "spark.executor.cores"),
        f"{counted(shape.per_node, 'executor')} of {shape.memory.total} MiB leave {shape.left_mib} of the "
        f"{nodes.memory_mib} MiB of a node of {cluster.name} unused when it is full",
        mend,
    )


def coarse_input(size: InputSize, todo: Work, slots: int) -> Iterator[Finding]:
    """Fewer parts than tasks could run at once and would be worth it."""
    most = pieces(size)
    could = min(slots, worth(replace(size, row_groups=None, splittable=True)))
    if most is None or todo.tasks is None or todo.tasks >= could:
        return
    what, mend = f"{counted(most, 'compressed file')}", "Unpack them, or convert them to Parquet"
    if size.row_groups is not None:
        what = f"{counted(most, 'row group')} in {counted(size.files or 1, 'Parquet file')}"
        mend = "Write the files with smaller row groups (parquet.block.size)"
    yield Finding(
        "input-too-coarse",
        "warning",
        ("spark.sql.files.maxPartitionBytes",),
        f"the input has {what}, each of which is read by one task, though {could} tasks could share the work",
        f"{mend}; in the application, only a repartition after reading spreads the rows.",
    )


def tiny_blocks(todo: Work, partitions: int) -> Iterator[Finding]:
    """A shuffle of the whole input in blocks that are not worth a fetch, at the largest cuts."""
    if not todo.tasks or not todo.plain_bytes or partitions < 2 or todo.tasks * partitions < 10_000_000:
        return
    block = todo.plain_bytes // (todo.tasks * partitions)
    if block < LEAST_BLOCK_BYTES:
        yield Finding(
            "tiny-shuffle-blocks",
            "info",
            ("spark.sql.files.maxPartitionBytes", "spark.sql.shuffle.partitions"),
            f"a shuffle of the whole input from {todo.tasks} tasks to {partitions} partitions has blocks "
            f"of {human_bytes(block)}; {LEAST_BLOCK_BYTES // KIB} KiB are worth a fetch",
            "Work the input off in several runs, or aggregate before the shuffle.",
        )


def displaced_gpus(nodes: Nodes, shape: Shape, taken: Taken) -> Iterator[Finding]:
    """The driver, or YARN's application master, takes a GPU executor's place."""
    lost = shape.per_node - shape.beside(taken) if taken.mib and nodes.most > 1 else 0
    if lost:
        yield Finding(
            "gpu-node-for-driver",
            "info",
            ("spark.driver.memory", "spark.executor.cores"),
            f"{taken.what} takes {counted(taken.cores, 'core')} and {taken.mib} MiB of a node, so that "
            f"{counted(lost * shape.gpus, 'GPU')} of it idle",
            "Run the driver where you type (--deploy-mode client), or on nodes without GPUs: by YARN's node "
            "labels (spark.yarn.am.nodeLabelExpression) or a pod template's node selector.",
        )


def driver_above_machine(machine: Machine, mode: DeployMode, driver: Driver) -> Iterator[Finding]:
    """A driver that runs where one types has a larger heap than this machine has memory."""
    if mode == "client" and driver.heap_mib > machine.memory_mib:
        yield Finding(
            "driver-above-machine",
            "warning",
            ("spark.driver.memory", "spark.submit.deployMode"),
            f"the driver's heap of {mib_text(driver.heap_mib)} is to be on the machine that submits; this "
            f"one has {machine.memory_mib} MiB ({machine.memory_origin})",
            "Set spark.driver.memory below it, submit from a larger machine, or with --deploy-mode cluster.",
        )


def many_executors(most: int) -> Iterator[Finding]:
    """More executors than one driver can listen to."""
    if most > HEARTBEAT_S * MOST_HEARTBEATS:
        yield Finding(
            "many-executors",
            "warning",
            ("spark.dynamicAllocation.maxExecutors", "spark.executor.cores"),
            f"up to {most} executors send {most // HEARTBEAT_S} heartbeats a second to one driver, beside "
            "the results of their tasks",
            f"Stay below {HEARTBEAT_S * MOST_HEARTBEATS} by spark.dynamicAllocation.maxExecutors or by "
            "limits of the profile, and work the input off in several runs.",
        )


def full_disks(cluster: Cluster, nodes: Nodes, size: InputSize) -> Iterator[Finding]:
    """One shuffle of the input does not fit the local disks."""
    disks = nodes.local_disks
    if disks is None or size.size_bytes is None or size.size_bytes <= nodes.most * disks.size_mib * MIB:
        return
    yield Finding(
        "input-above-local-disks",
        "warning",
        ("spark.sql.shuffle.partitions",),
        f"the input has {human_bytes(size.size_bytes)}, the local disks of {cluster.name} "
        f"{human_bytes(nodes.most * disks.size_mib * MIB)}: one shuffle of all of it fills them",
        "Filter or aggregate before the shuffle, work the input off in parts, or take a larger cluster.",
    )


def long_local_run(size: InputSize, threads: int) -> Iterator[Finding]:
    """An input that keeps this machine busy for most of a day or longer."""
    plain = max(size.size_bytes or 0, size.unpacked_bytes or 0)
    hours = plain / MIB / LOCAL_MIB_PER_SECOND / max(1, threads) / 3600
    if hours < LONG_HOURS:
        return
    lasting = f"{hours:.0f} hours" if hours < 48 else f"{hours / 24:.0f} days"
    yield Finding(
        "input-above-machine",
        "warning",
        ("spark.master",),
        f"{human_bytes(plain)} on {counted(threads, 'thread')} of this machine take about {lasting} at "
        f"{LOCAL_MIB_PER_SECOND} MiB a second and thread, and a shuffle as much room in spark.local.dir",
        "Choose a cluster: --target CLUSTER.",
    )
