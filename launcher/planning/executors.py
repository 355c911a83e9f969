"""The settings of one executor."""

from __future__ import annotations

from launcher.planning.groups import Group
from launcher.planning.memory import LEAST_OVERHEAD_MIB, MOST_HEAP_MIB
from launcher.planning.shape import Shape
from launcher.planning.sheet import Sheet
from launcher.spec.cluster import Cluster, Nodes
from launcher.spec.units import mib_text

SIZING = "Spark: Hardware Provisioning; 4 to 6 cores an executor"


def put_executor(sheet: Sheet, cluster: Cluster, nodes: Nodes, shape: Shape) -> None:
    """Cores, heap and overhead of an executor without a GPU plugin."""
    sheet.put(Group.EXECUTORS, "spark.executor.cores", shape.cores, cores_reason(cluster, shape), SIZING)
    memory = shape.memory
    heap = mib_text(memory.heap)
    sheet.put(Group.EXECUTORS, "spark.executor.memory", heap, _heap_reason(shape), "Spark: Tuning, Memory")
    if cluster.manager == "standalone":
        return  # its master knows only heaps; what lies beside them is counted all the same
    source = "Spark: ResourceProfile.calculateOverHeadMemory"
    sheet.put(
        Group.EXECUTORS,
        "spark.executor.memoryOverhead",
        mib_text(memory.overhead),
        overhead_reason(cluster, shape),
        source,
    )


def cores_reason(cluster: Cluster, shape: Shape) -> str:
    """Why so many cores."""
    left = f"{shape.left_cores} cores and {shape.left_mib} MiB"
    why = f"{shape.per_node} executors a node leave {left} of {shape.room.how}"
    if cluster.manager == "standalone":
        why += "; unset, one executor would take a whole worker"
    return why


def _heap_reason(shape: Shape) -> str:
    memory = shape.memory
    beside = _beside(shape)
    share = f"{shape.room.mib} MiB for {shape.per_node} executors, of which {beside} lie beside each heap"
    if memory.heap == MOST_HEAP_MIB:
        return f"{share}; not more than 31g, for from 32g on object pointers double and hold less"
    if memory.heap > MOST_HEAP_MIB:
        return f"{share}; above 32g object pointers double, so several smaller executors would hold more"
    return share


def _beside(shape: Shape) -> str:
    memory = shape.memory
    parts = [f"{memory.overhead} MiB of overhead"]
    if memory.pyspark:
        parts.append(f"{memory.pyspark} MiB of spark.executor.pyspark.memory")
    if memory.offheap:
        parts.append(f"{memory.offheap} MiB of spark.memory.offHeap.size")
    return " and ".join(parts)


def overhead_reason(cluster: Cluster, shape: Shape) -> str:
    """Why so much overhead."""
    memory = shape.memory
    jvm = max(LEAST_OVERHEAD_MIB, memory.heap // 10)
    told = f"the larger of 384 MiB and 10 % of the heap ({jvm} MiB) for the JVM"
    if memory.pyspark:
        return f"{told}; Python workers have spark.executor.pyspark.memory"
    each = max(0, memory.overhead - jvm) // shape.cores
    told += f", and about {each} MiB for each of {shape.cores} Python workers, which live outside the heap"
    if cluster.manager == "kubernetes" and memory.overhead >= int(memory.heap * 0.4):
        told += "; not less than 0.4 of the heap, Kubernetes' share for Python"
    return told
