"""What a run costs: by a price list, else in executor-seconds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from launcher.advice.replay.outcome import Outcome
from launcher.records.history.trace import Trace
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


def shapes_of(trace: Trace, cores: int) -> Mapping[int, Shape]:
    """The executors of each resource profile; the default one is always there.

    Args:
        trace: a run.
        cores: of an executor of the default profile.
    """
    conf = trace.conf or {}
    found = {0: shape_of(conf, cores, 0)}
    for executor in trace.executors:
        known = found.get(executor.profile)
        most = max(executor.cores, known.cores if known else 0)
        gpus = max(executor.gpus, known.gpus if known else 0)
        found[executor.profile] = shape_of(conf, cores if executor.profile == 0 else most, gpus)
    return found


def cost_of(outcome: Outcome, shapes: Mapping[int, Shape], price: Price | None) -> float:
    """What its executors cost, each by its resource profile: executor-seconds without a price."""
    if price is None:
        return outcome.executor_seconds
    cost = price.executor_start * len(outcome.lives)
    for life in outcome.lives:
        shape = shapes.get(life.profile, shapes[0])
        hourly = (
            price.core_hour * shape.cores + price.gib_hour * shape.memory_gib + price.gpu_hour * shape.gpus
        )
        cost += (life.removed_ms - life.added_ms) / 1000 / _HOUR_S * hourly
    return cost


def _mib(conf: Mapping[str, str], key: str, default: int) -> int:
    try:
        return size_mib(conf[key]) if key in conf else default
    except ValueError:
        return default
