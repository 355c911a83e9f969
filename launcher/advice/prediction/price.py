"""What a run costs: by a price list, else in executor-seconds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from launcher.advice.replay.outcome import Outcome
from launcher.spec.cluster import Price
from launcher.spec.units import is_on, size_mib

_HOUR_S = 3600
_MIB_PER_GIB = 1024
# Spark's defaults where a configuration says nothing.
_HEAP, LEAST_OVERHEAD_MIB = "1g", 384
JVM_SHARE, _KUBERNETES_SHARE = 0.1, 0.4
_FACTORS = ("spark.executor.memoryOverheadFactor", "spark.kubernetes.memoryOverheadFactor")


@dataclass(frozen=True)
class Shape:
    """What one executor holds: cores, GiB of all its memory, GPUs."""

    cores: int
    memory_gib: float
    gpus: int = 0


def shape_of(conf: Mapping[str, str], cores: int, gpus: int) -> Shape:
    """The executor that a configuration asks for; what it says badly counts as the default.

    The parts are those of ``ResourceProfile``: heap, overhead, off-heap and Python memory.
    """
    heap = _mib(conf, "spark.executor.memory", size_mib(_HEAP))
    beside = max(LEAST_OVERHEAD_MIB, int(heap * overhead_share(conf)))
    overhead = _mib(conf, "spark.executor.memoryOverhead", beside)
    off_heap = (
        _mib(conf, "spark.memory.offHeap.size", 0) if is_on(conf, "spark.memory.offHeap.enabled") else 0
    )
    python = _mib(conf, "spark.executor.pyspark.memory", 0)
    return Shape(cores, (heap + overhead + off_heap + python) / _MIB_PER_GIB, gpus)


def overhead_share(conf: Mapping[str, str]) -> float:
    """Of the heap, what lies beside it by default; Spark on Kubernetes gives .4 where Python runs."""
    for key in _FACTORS:
        try:
            return float(conf[key])
        except (KeyError, ValueError):
            continue
    return _KUBERNETES_SHARE if conf.get("spark.master", "").startswith("k8s") else JVM_SHARE


def cost_of(outcome: Outcome, shape: Shape, price: Price | None) -> float:
    """What its executors cost: executor-seconds without a price."""
    seconds = outcome.executor_seconds
    if price is None:
        return seconds
    hourly = price.core_hour * shape.cores + price.gib_hour * shape.memory_gib + price.gpu_hour * shape.gpus
    return seconds / _HOUR_S * hourly + price.executor_start * len(outcome.lives)


def _mib(conf: Mapping[str, str], key: str, default: int) -> int:
    try:
        return size_mib(conf[key]) if key in conf else default
    except ValueError:
        return default
