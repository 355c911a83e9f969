"""The limits of the cluster's profile, against what the settings amount to in Spark, whoever set them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from launcher.planning.lint.applied import (
    cluster_mode,
    containers,
    dynamic,
    executor_cores,
    executor_mib,
    local_threads,
    pod_cores,
)
from launcher.planning.lint.configuration import Configuration
from launcher.planning.lint.rule import Problem, rule
from launcher.planning.lint.values import INT_MAX, integer, mib, number, shown
from launcher.spec.cluster import Cluster
from launcher.spec.units import counted, mib_text

CORES, TOTAL, INSTANCES = "spark.executor.cores", "spark.cores.max", "spark.executor.instances"
BOUNDS = tuple(f"spark.dynamicAllocation.{name}Executors" for name in ("max", "initial", "min"))
POD_CORES = ("spark.kubernetes.executor.request.cores", "spark.kubernetes.executor.limit.cores")
DRIVER_POD_CORES = ("spark.kubernetes.driver.request.cores", "spark.kubernetes.driver.limit.cores")
MEMORY = (
    "spark.executor.memory",
    "spark.executor.memoryOverhead",
    "spark.executor.memoryOverheadFactor",
    "spark.kubernetes.memoryOverheadFactor",
    "spark.executor.minMemoryOverhead",
    "spark.executor.pyspark.memory",
    "spark.memory.offHeap.size",
)
DRIVER = ("spark.driver.memory", "spark.driver.memoryOverhead", "spark.driver.memoryOverheadFactor",
          "spark.kubernetes.memoryOverheadFactor", "spark.driver.minMemoryOverhead")  # fmt: skip
DRIVER_CORES = "spark.driver.cores"
MASTER = "spark.master"


@dataclass(frozen=True)
class Wanted:
    """What the settings amount to; ``None`` = nothing tells.

    Attributes:
        executors: the most there can be.
        cores: of one executor; of a pod, the most that it asks for or may use.
        mib: memory of one executor.
        driver_cores: of a driver inside the cluster; of a pod, the most that it asks for or may use.
        driver_mib: of the driver: its heap, inside the cluster with what lies beside.
        keys: what made the number of executors.
    """

    executors: int | None
    cores: int | None
    mib: int | None
    driver_cores: int
    driver_mib: int | None
    keys: tuple[str, ...]


@rule("above-limit", "error", "Ask for less, or ask the operator of the cluster.")
def above_limit(c: Configuration) -> Iterator[Problem]:
    """The application takes more than the cluster's profile allows one."""
    if c.cluster is None:
        return
    wanted = _wanted(c)
    yield from _one(c, c.cluster, wanted)
    yield from _all(c, c.cluster, wanted)


def _one(c: Configuration, cluster: Cluster, wanted: Wanted) -> Iterator[Problem]:
    limits = cluster.limits
    cores, memory, driver = (
        limits.max_executor_cores, limits.max_executor_memory_mib, limits.max_driver_memory_mib,
    )  # fmt: skip
    if _above(wanted.cores, cores):
        keys = (MASTER,) if c.manager == "local" else _set(c, CORES, *POD_CORES)
        yield _problem(c, keys, f"an executor has {wanted.cores} cores", "max_executor_cores", f"{cores}")
    if _above(wanted.mib, memory):
        message = f"an executor takes {mib_text(wanted.mib or 0)}"
        yield _problem(c, _set(c, *MEMORY), message, "max_executor_memory", mib_text(memory or 0))
    if _above(wanted.driver_mib, driver):
        message = f"the driver takes {mib_text(wanted.driver_mib or 0)}"
        yield _problem(c, _set(c, *DRIVER), message, "max_driver_memory", mib_text(driver or 0))


def _all(c: Configuration, cluster: Cluster, wanted: Wanted) -> Iterator[Problem]:
    limits = cluster.limits
    # Only that master knows it.
    total = integer(c, TOTAL) if c.manager == "standalone" else None
    if _above(total, limits.max_total_cores):
        message = f"the executors may take {total} cores"
        yield _problem(c, (TOTAL,), message, "max_total_cores", f"{limits.max_total_cores}")
    executors = wanted.executors
    if executors is None:
        return
    many = counted(executors, "executor") if executors < INT_MAX else "executors without bound"
    if _above(executors, limits.max_executors):
        yield _problem(c, wanted.keys, many, "max_executors", f"{limits.max_executors}")
    cores = None if wanted.cores is None else executors * wanted.cores + wanted.driver_cores
    if _above(cores, limits.max_total_cores) and not _above(total, limits.max_total_cores):
        beside = f" and {wanted.driver_cores} of the driver" if wanted.driver_cores else ""
        message = f"{many} of {wanted.cores} cores{beside} are {cores} cores"
        keys = (*wanted.keys, *_set(c, CORES, *POD_CORES), *_set(c, DRIVER_CORES, *DRIVER_POD_CORES))
        yield _problem(c, keys, message, "max_total_cores", f"{limits.max_total_cores}")
    driver = (wanted.driver_mib or 0) if wanted.driver_cores or c.manager == "local" else 0
    memory = None if wanted.mib is None else executors * wanted.mib + driver
    if _above(memory, limits.max_total_memory_mib):
        message = f"{many} of {mib_text(wanted.mib or 0)}{' and the driver' if driver else ''}"
        keys = (*wanted.keys, *_set(c, *MEMORY), *(_set(c, *DRIVER) if driver else ()))
        limit = mib_text(limits.max_total_memory_mib or 0)
        yield _problem(c, keys, f"{message} are {mib_text(memory or 0)}", "max_total_memory", limit)


def _wanted(c: Configuration) -> Wanted:
    inside = cluster_mode(c) and c.manager != "local"
    driver_cores = (_most_cores(c, integer(c, DRIVER_CORES, 1), DRIVER_POD_CORES) or 0) if inside else 0
    if c.manager == "local":
        # The driver is the only executor.
        return Wanted(1, local_threads(c), None, 0, _driver_mib(c, inside), (MASTER,))
    executors, keys = _executors(c)
    cores = _most_cores(c, executor_cores(c), POD_CORES)
    return Wanted(executors, cores, executor_mib(c), driver_cores, _driver_mib(c, inside), keys)


def _executors(c: Configuration) -> tuple[int | None, tuple[str, ...]]:
    most, keys = _by_number(c)
    cores, total = integer(c, CORES), integer(c, TOTAL)
    if c.manager != "standalone" or not cores or total is None:
        return most, keys
    by_cores = total // cores
    return (by_cores, (TOTAL, CORES)) if most is None or by_cores <= most else (most, keys)


def _by_number(c: Configuration) -> tuple[int | None, tuple[str, ...]]:
    if dynamic(c):
        # Utils.getDynamicAllocationInitialExecutors: the start is the largest of three, above the bound too.
        keys = tuple(key for key in (*BOUNDS, INSTANCES) if key in c.values)
        counts = [integer(c, BOUNDS[0], INT_MAX), *(integer(c, key, 0) for key in (*BOUNDS[1:], INSTANCES))]
        return max((count for count in counts if count is not None), default=None), keys or BOUNDS[:1]
    if containers(c):
        return integer(c, INSTANCES, 2), (INSTANCES,)
    return None, (INSTANCES,)


def _most_cores(c: Configuration, cores: int | None, keys: tuple[str, ...]) -> int | None:
    pods = keys if c.manager == "kubernetes" else ()
    numbers = (cores, *(pod_cores(c, key) for key in pods))
    return max((number for number in numbers if number is not None), default=None)


def _driver_mib(c: Configuration, inside: bool) -> int | None:
    heap = mib(c, DRIVER[0])
    if heap is None or not inside:
        return heap
    factor = number(c, DRIVER[2], number(c, DRIVER[3], 0.4 if c.manager == "kubernetes" else 0.1))
    least = mib(c, DRIVER[4], 384)
    beside = mib(c, DRIVER[1], max(least or 0, int(heap * (factor or 0))))
    return heap + (beside or 0)


def _above(value: int | None, limit: int | None) -> bool:
    return value is not None and limit is not None and value > limit


def _set(c: Configuration, *keys: str) -> tuple[str, ...]:
    return tuple(key for key in keys if key in c.values) or keys[:1]


def _problem(c: Configuration, keys: tuple[str, ...], what: str, limit: str, value: str) -> Problem:
    named = tuple(dict.fromkeys(key for key in keys if key in c.values))
    start = f"{shown(c, *named)}: " if named else ""
    name = c.cluster.name if c.cluster else ""
    return Problem(named or keys, f"{start}{what}, but limits.{limit} of {name} is {value}")


RULES = (above_limit,)
