"""The memory of one executor: heap, what lies beside it, and what Python needs."""

from __future__ import annotations

from dataclasses import dataclass, field

from launcher.planning.containers import Steps, steps
from launcher.planning.pinned import Pinned
from launcher.spec.cluster import Cluster

# Spark refuses less than 1.5 x 300 MiB (UnifiedMemoryManager).
LEAST_HEAP_MIB = 512
# From 32 GiB on, object pointers take 8 bytes instead of 4: 31 GiB hold more than 40.
MOST_HEAP_MIB = 31 * 1024
LEAST_OVERHEAD_MIB = 384
# spark.python.worker.memory: what a Python worker may hold in an aggregation before it spills.
WORKER_MIB, LEAST_WORKER_MIB, MOST_WORKER_MIB = 512, 128, 2048
HEAP_STEP_MIB = 256


@dataclass(frozen=True)
class Memory:
    """The parts of an executor's memory in MiB.

    Attributes:
        heap: ``spark.executor.memory``.
        overhead: ``spark.executor.memoryOverhead``.
        pyspark: ``spark.executor.pyspark.memory``.
        offheap: ``spark.memory.offHeap.size``.
    """

    heap: int
    overhead: int
    pyspark: int = 0
    offheap: int = 0

    @property
    def total(self) -> int:
        """All of it, as the node sees it."""
        return self.heap + self.overhead + self.pyspark + self.offheap


@dataclass(frozen=True)
class MemoryRule:
    """How memory is divided.

    Attributes:
        factor: least overhead as a share of the heap.
        steps: how the manager rounds memory.
        heap: pinned heap.
        overhead: pinned overhead.
        pyspark: pinned memory of the Python workers; they need none of the overhead then.
        offheap: pinned memory outside the heap.
        least_overhead: the least overhead, where somebody set it.
    """

    factor: float = 0.1
    steps: Steps = field(default_factory=Steps)
    heap: int | None = None
    overhead: int | None = None
    pyspark: int = 0
    offheap: int = 0
    least_overhead: int = LEAST_OVERHEAD_MIB

    def base(self, heap: int) -> int:
        """Overhead of the JVM alone, as Spark computes it."""
        return max(self.least_overhead, int(heap * self.factor))

    def workers(self, cores: int, each: int) -> int:
        """Overhead for the Python workers, one a core."""
        return 0 if self.pyspark else cores * each

    def rounded(self, total: int) -> int:
        """What the manager takes for an executor of ``total`` MiB."""
        return self.steps.rounded(total)


def memory_rule(cluster: Cluster, pins: Pinned) -> MemoryRule:
    """The rule of a cluster, with what somebody pinned.

    Kubernetes takes 0.4 of the heap for Python applications (BasicDriverFeatureStep).
    """
    factor = pins.fraction("spark.executor.memoryOverheadFactor")
    if factor is None and cluster.manager == "kubernetes":
        factor = pins.fraction("spark.kubernetes.memoryOverheadFactor")
    if factor is None:
        factor = 0.4 if cluster.manager == "kubernetes" else 0.1
    pyspark, offheap = on_top(pins)
    return MemoryRule(
        factor=factor,
        steps=steps(cluster),
        heap=pins.mib("spark.executor.memory"),
        overhead=pins.mib("spark.executor.memoryOverhead"),
        pyspark=pyspark,
        offheap=offheap,
        least_overhead=pins.mib("spark.executor.minMemoryOverhead") or LEAST_OVERHEAD_MIB,
    )


def on_top(pins: Pinned) -> tuple[int, int]:
    """Pinned MiB for Python workers and outside the heap, which Spark adds to heap and overhead."""
    offheap = pins.mib("spark.memory.offHeap.size", bare=1) or 0
    python = pins.mib("spark.executor.pyspark.memory") or 0
    return python, offheap if pins.switch("spark.memory.offHeap.enabled") else 0


def least_memory(rule: MemoryRule, cores: int) -> Memory:
    """The smallest executor of ``cores`` cores."""
    heap = rule.heap or LEAST_HEAP_MIB
    overhead = rule.overhead
    if overhead is None:
        overhead = max(rule.base(heap), _base(rule, heap) + rule.workers(cores, LEAST_WORKER_MIB))
    return Memory(heap, overhead, rule.pyspark, rule.offheap)


def fill(rule: MemoryRule, cores: int, room: int) -> Memory:
    """The best executor of ``cores`` cores in ``room`` MiB, which ``least_memory`` must fit."""
    room = room // rule.steps.step * rule.steps.step - rule.pyspark - rule.offheap
    heap = rule.heap or _heap(rule, cores, room)
    overhead = rule.overhead
    if overhead is None:
        most = _base(rule, heap) + rule.workers(cores, MOST_WORKER_MIB)
        overhead = max(rule.base(heap), min(most, room - heap))
    return Memory(heap, overhead, rule.pyspark, rule.offheap)


def fit(rule: MemoryRule, cores: int, heap: int, most: Memory) -> Memory:
    """An executor of ``cores`` cores with this heap, no part of it larger than in ``most``."""
    heap = min(most.heap, _stepped(-(-heap // HEAP_STEP_MIB) * HEAP_STEP_MIB))
    overhead = rule.overhead
    if overhead is None:
        needed = max(rule.base(heap), _base(rule, heap) + rule.workers(cores, WORKER_MIB))
        beside = rule.pyspark + rule.offheap
        # What the manager rounds up to is the executor's anyway.
        overhead = rule.rounded(heap + min(needed, most.overhead) + beside) - heap - beside
    return Memory(heap, overhead, rule.pyspark, rule.offheap)


def _base(rule: MemoryRule, heap: int) -> int:
    """Overhead beside which the Python workers are counted; a larger factor holds them already."""
    return max(rule.least_overhead, heap // 10) if rule.factor > 0.1 else rule.base(heap)


def _heap(rule: MemoryRule, cores: int, room: int) -> int:
    if rule.overhead is not None:
        return _stepped(room - rule.overhead)
    worker = min(WORKER_MIB, max(LEAST_WORKER_MIB, room // (4 * cores)))
    jvm = room - rule.workers(cores, worker)
    by_base = min(jvm - rule.least_overhead, jvm * 10 // 11)
    by_factor = min(room - rule.least_overhead, int(room / (1 + rule.factor)))
    return _stepped(max(LEAST_HEAP_MIB, min(by_base, by_factor)))


def _stepped(heap: int) -> int:
    heap = min(heap, MOST_HEAP_MIB)
    return heap if heap < 8 * HEAP_STEP_MIB else heap // HEAP_STEP_MIB * HEAP_STEP_MIB
