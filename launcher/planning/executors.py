"""The settings of one executor."""

from __future__ import annotations

from launcher.planning.executor_memory import LEAST_OVERHEAD_MIB, MOST_HEAP_MIB
from launcher.planning.gpu import Pools
from launcher.planning.setting import Group
from launcher.planning.settings_builder import SettingsBuilder
from launcher.planning.shape import Shape
from launcher.spec.cluster import Cluster
from launcher.spec.units import counted, mib_text

SIZING = "rule of thumb: 4 to 6 cores an executor"
OVERHEAD = "Spark: ResourceProfile.calculateOverHeadMemory"
TUNER = "AutoTuner"


def put_executor(builder: SettingsBuilder, cluster: Cluster, shape: Shape, pools: Pools | None) -> None:
    """Cores, heap and overhead of an executor.

    Args:
        builder: where settings go.
        cluster: where it runs.
        shape: the executor.
        pools: what RAPIDS takes of the overhead; ``None`` without it.
    """
    cores = _gpu_cores_reason(shape) if shape.gpus else _cores_reason(shape)
    task = builder.pins.number("spark.task.cpus") or 1
    if task > 1 and not shape.gpus:
        cores += f"; as many as whole tasks of {task} cores take"
    if cluster.manager == "standalone":
        cores += "; unset, one executor would take a whole worker"
    builder.put(Group.EXECUTORS, "spark.executor.cores", shape.cores, cores, TUNER if shape.gpus else SIZING)
    heap = _gpu_heap_reason(shape) if pools else _heap_reason(shape)
    source = TUNER if pools else "Spark: Tuning, Memory"
    builder.put(Group.EXECUTORS, "spark.executor.memory", mib_text(shape.memory.heap), heap, source)
    if cluster.manager == "standalone":
        return  # its master knows only heaps; what lies beside them is counted all the same
    overhead = _pools_reason(shape, pools) if pools else _overhead_reason(cluster, shape)
    source = TUNER if pools else OVERHEAD
    mib = mib_text(shape.memory.overhead)
    builder.put(Group.EXECUTORS, "spark.executor.memoryOverhead", mib, overhead, source)


def _cores_reason(shape: Shape) -> str:
    return (
        f"a node ({shape.room.how}) holds {counted(shape.per_node, 'executor')} "
        f"and has {counted(shape.left_cores, 'core')} and {shape.left_mib} MiB left"
    )


def _gpu_cores_reason(shape: Shape) -> str:
    each = counted(shape.gpus, "GPU")
    return f"a node holds {counted(shape.per_node, 'executor')}, with {each} each: {shape.room.how}"


def _heap_reason(shape: Shape) -> str:
    if shape.by_work:
        return (
            f"what {counted(shape.cores, 'task')} at once and the executor's share of the input can use; "
            f"a node could give {shape.room.mib // shape.per_node} MiB to each, and the rest stays free"
        )
    share = (
        f"{shape.room.mib} MiB of a node over {counted(shape.per_node, 'executor')}, "
        f"less {_beside(shape)} beside each heap"
    )
    if shape.memory.heap == MOST_HEAP_MIB:
        return f"{share}; not more than 31g, for from 32g on object pointers double and the heap holds less"
    if shape.memory.heap > MOST_HEAP_MIB:
        return f"{share}; above 31g object pointers double, so more executors with less would hold more"
    return share


def _gpu_heap_reason(shape: Shape) -> str:
    share = shape.room.mib // shape.per_node
    cores = counted(shape.cores, "core")
    return f"2 GiB for each of {cores}, as far as {share} MiB for each executor go"


def _beside(shape: Shape) -> str:
    memory = shape.memory
    parts = [f"{memory.overhead} MiB of overhead"]
    if memory.pyspark:
        parts.append(f"{memory.pyspark} MiB of spark.executor.pyspark.memory")
    if memory.offheap:
        parts.append(f"{memory.offheap} MiB of spark.memory.offHeap.size")
    return " and ".join(parts)


def _jvm_mib(shape: Shape) -> int:
    return max(LEAST_OVERHEAD_MIB, shape.memory.heap // 10)


def _overhead_reason(cluster: Cluster, shape: Shape) -> str:
    memory, jvm = shape.memory, _jvm_mib(shape)
    message = f"the larger of 384 MiB and 10 % of the heap ({jvm} MiB) for the JVM"
    if memory.pyspark:
        return f"{message}; Python workers have spark.executor.pyspark.memory"
    each = max(0, memory.overhead - jvm) // shape.cores
    message += f", and about {each} MiB for each of {counted(shape.cores, 'Python worker')} outside the heap"
    if cluster.manager == "kubernetes" and memory.overhead >= int(memory.heap * 0.4):
        message += "; not less than 0.4 of the heap, Kubernetes' share for Python"
    return message


def _pools_reason(shape: Shape, pools: Pools) -> str:
    return (
        f"10 % of the heap ({_jvm_mib(shape)} MiB), {pools.pinned} MiB of pinned memory "
        f"and {pools.spill} MiB for what spills from the GPU"
    )
