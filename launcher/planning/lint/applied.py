"""What a configuration amounts to in Spark: its own arithmetic and defaults, in small functions."""

from __future__ import annotations

import re

from launcher.host.patterns import matches
from launcher.planning.containers import millicores_of
from launcher.planning.lint.configuration import Configuration
from launcher.planning.lint.values import INT_MAX, byte, integer, mib, names, number
from launcher.spec.units import MIB

MIN_OVERHEAD_MIB = 384
RAPIDS_PLUGIN = "com.nvidia.spark.SQLPlugin"
COMET_PLUGIN = "org.apache.spark.CometPlugin"
GPU_AMOUNT = "spark.executor.resource.gpu.amount"
TASK_GPU_AMOUNT = "spark.task.resource.gpu.amount"
TRACKING = "spark.dynamicAllocation.shuffleTracking.enabled"
SERVICE = "spark.shuffle.service.enabled"


def spark_version(c: Configuration) -> str | None:
    """The Spark that runs it, without a vendor's suffix; ``None`` when nothing tells."""
    return c.spark_version


def since(c: Configuration, version: str) -> bool:
    """Whether Spark is of ``version`` or later; an unknown one counts as new."""
    ours = spark_version(c)
    return ours is None or matches(f">={version}", ours)


def cluster_mode(c: Configuration) -> bool:
    """Whether the driver runs on the cluster."""
    mode = c.get("spark.submit.deployMode") or (c.cluster.deploy_mode if c.cluster else "")
    return mode == "cluster"


def containers(c: Configuration) -> bool:
    """Whether the manager bounds an executor's memory beyond the heap."""
    return c.manager in ("yarn", "kubernetes")


def dynamic(c: Configuration) -> bool:
    """Whether dynamic allocation works: local mode ignores it."""
    return c.on("spark.dynamicAllocation.enabled") and c.manager != "local"


def at_rest(c: Configuration) -> bool:
    """Whether dynamic allocation is turned off by name: its bounds are then those of a stream that scales."""
    key = "spark.dynamicAllocation.enabled"
    return key in c.values and not c.on(key) and c.manager != "local"


def tracks_shuffle(c: Configuration) -> bool:
    """Whether executors with shuffle data are kept: tracking is on (default since 3.4), no service is."""
    return c.on(TRACKING, default=since(c, "3.4")) and not c.on(SERVICE)


def local_threads(c: Configuration) -> int | None:
    """Threads of local mode; ``None`` when the machine decides or the mode is another."""
    match = re.fullmatch(r"local(?:\[(\d{1,6})(?:,\s*\d+)?\])?", c.master.strip())
    return int(match.group(1) or 1) if match else None


def executor_cores(c: Configuration) -> int | None:
    """Cores of one executor; ``None`` when a worker's size decides."""
    if c.manager == "local":
        return local_threads(c)
    return integer(c, "spark.executor.cores", 1 if containers(c) else None)


def pod_cores(c: Configuration, key: str) -> int | None:
    """Whole cores of a quantity of Kubernetes such as ``1500m`` or ``2.5``, rounded up; ``None`` if unset."""
    text = c.get(key)
    millicores = None if text is None else millicores_of(text)
    return None if millicores is None else -(-millicores // 1000)


def task_cpus(c: Configuration) -> int:
    """Cores of one task, at least 1."""
    return max(1, integer(c, "spark.task.cpus", 1) or 1)


def slots(c: Configuration) -> int | None:
    """Tasks that one executor runs at once, as its cores allow."""
    cores = executor_cores(c)
    return None if cores is None else cores // task_cpus(c)


def bounded(c: Configuration) -> int | None:
    """The upper bound of dynamic allocation; ``None`` when there is none."""
    text = (c.get("spark.dynamicAllocation.maxExecutors") or "infinity").strip().lower()
    most = integer(c, "spark.dynamicAllocation.maxExecutors")
    return None if text == "infinity" or most is None or most >= INT_MAX else most


def most_executors(c: Configuration) -> int | None:
    """The most executors that the configuration asks for; ``None`` when it does not tell."""
    if dynamic(c):
        return bounded(c)
    if containers(c):
        return integer(c, "spark.executor.instances", 2)
    cores, total = integer(c, "spark.executor.cores"), integer(c, "spark.cores.max")
    return total // cores if cores and total and c.manager == "standalone" else None


def heap_mib(c: Configuration) -> int | None:
    """Heap of one executor."""
    return mib(c, "spark.executor.memory", 1024)


def overhead_mib(c: Configuration) -> int | None:
    """Memory beside the heap that the manager grants, as Spark works it out when nobody sets it."""
    given = mib(c, "spark.executor.memoryOverhead")
    if given is not None or "spark.executor.memoryOverhead" in c.values:
        return given
    heap, least = heap_mib(c), mib(c, "spark.executor.minMemoryOverhead", MIN_OVERHEAD_MIB)
    factor = number(c, "spark.executor.memoryOverheadFactor", _default_factor(c))
    return None if heap is None or least is None or factor is None else max(least, int(heap * factor))


def _default_factor(c: Configuration) -> float | None:
    # Kubernetes alone knows a factor of its own; in cluster mode Spark raises it for Python.
    if c.manager != "kubernetes":
        return 0.1
    return number(c, "spark.kubernetes.memoryOverheadFactor", 0.4 if c.python and cluster_mode(c) else 0.1)


def offheap_mib(c: Configuration) -> int:
    """Off-heap memory of one executor that comes on top."""
    on = c.on("spark.memory.offHeap.enabled")
    return (byte(c, "spark.memory.offHeap.size", 0) or 0) // MIB if on else 0


def pyspark_mib(c: Configuration) -> int:
    """Python memory of one executor that comes on top."""
    return (mib(c, "spark.executor.pyspark.memory", 0) or 0) if c.python else 0


def executor_mib(c: Configuration) -> int | None:
    """All memory of one executor."""
    heap, overhead = heap_mib(c), overhead_mib(c)
    return None if heap is None or overhead is None else heap + overhead + offheap_mib(c) + pyspark_mib(c)


def rapids(c: Configuration) -> bool:
    """Whether the RAPIDS plugin is loaded."""
    return RAPIDS_PLUGIN in names(c, "spark.plugins")


def comet(c: Configuration) -> bool:
    """Whether Comet is loaded."""
    manager = c.get("spark.shuffle.manager") or ""
    return COMET_PLUGIN in names(c, "spark.plugins") or manager.endswith(".CometShuffleManager")


def gpus(c: Configuration) -> float:
    """GPUs of one executor."""
    return number(c, GPU_AMOUNT, 0.0) or 0.0
