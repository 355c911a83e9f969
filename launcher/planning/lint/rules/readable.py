"""Values that Spark cannot read."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any

from launcher.planning.lint.configuration import Configuration
from launcher.planning.lint.known import known
from launcher.planning.lint.rule import Problem, rule
from launcher.planning.lint.values import INT_MAX, flag, length_s, real, shown, whole
from launcher.spec.units import size_bytes, size_mib


def _count(least: int, text: str) -> int:
    value = whole(text)
    if not least <= value <= INT_MAX:
        raise ValueError(f"{text!r} is not from {least} to {INT_MAX}")
    return value


def _between(above: float, most: float, text: str) -> float:
    value = real(text)
    if not above < value <= most:
        raise ValueError(f"{text!r} is not above {above:g} and at most {most:g}")
    return value


def _memory(text: str) -> int:
    value = size_mib(text)
    if value < 0:
        raise ValueError(f"{text!r} is below 0")
    return value


def _storage_share(text: str) -> float:
    value = real(text)
    if not 0 <= value < 1:
        raise ValueError(f"{text!r} is not from 0 to below 1")
    return value


def _kryo_buffer(text: str) -> int:
    value = _memory(text)
    # KryoSerializer's own check: its buffer is one array of bytes, which ends at 2 GiB.
    if value >= 2048:
        raise ValueError(f"{text!r} is not below 2048m")
    return value


def _gpus_of_task(text: str) -> float:
    value = real(text)
    # TaskResourceRequest's own check: one GPU is shared, or whole GPUs are taken.
    if value < 0 or (value > 1 and value != int(value)):
        raise ValueError(f"{text!r} is neither a share up to 1 nor a whole number")
    return value


Parse = Callable[[str], Any]
_POSITIVE, _COUNT = partial(_count, 1), partial(_count, 0)
_SHARE, _SECONDS, _MS = (
    partial(_between, 0.0, 1.0),
    partial(length_s, bare_s=1.0),
    partial(length_s, bare_s=1e-3),
)
_DYNAMIC = "spark.dynamicAllocation."
# How Spark parses what the rules look at; booleans are known from Spark itself.
PARSERS: Mapping[str, Parse] = {
    "spark.executor.cores": _POSITIVE,
    "spark.executor.instances": _COUNT,
    "spark.driver.cores": _POSITIVE,
    "spark.cores.max": _COUNT,
    "spark.task.cpus": _POSITIVE,
    "spark.default.parallelism": _POSITIVE,
    "spark.sql.shuffle.partitions": _POSITIVE,
    "spark.yarn.maxAppAttempts": _COUNT,
    "spark.executor.memory": _memory,
    "spark.driver.memory": _memory,
    "spark.executor.memoryOverhead": _memory,
    "spark.driver.memoryOverhead": _memory,
    "spark.executor.minMemoryOverhead": _memory,
    "spark.executor.pyspark.memory": _memory,
    "spark.executor.memoryOverheadFactor": partial(_between, 0.0, float("inf")),
    "spark.memory.fraction": _SHARE,
    "spark.memory.storageFraction": _storage_share,
    "spark.memory.offHeap.size": size_bytes,
    "spark.kryoserializer.buffer.max": _kryo_buffer,
    "spark.driver.maxResultSize": size_bytes,
    "spark.sql.files.maxPartitionBytes": size_bytes,
    "spark.rapids.memory.pinnedPool.size": size_bytes,
    "spark.network.timeout": _SECONDS,
    "spark.executor.heartbeatInterval": _MS,
    "spark.locality.wait": _MS,
    f"{_DYNAMIC}minExecutors": whole,
    f"{_DYNAMIC}initialExecutors": whole,
    f"{_DYNAMIC}maxExecutors": whole,
    f"{_DYNAMIC}executorAllocationRatio": _SHARE,
    f"{_DYNAMIC}executorIdleTimeout": _SECONDS,
    f"{_DYNAMIC}cachedExecutorIdleTimeout": _SECONDS,
    f"{_DYNAMIC}schedulerBacklogTimeout": _SECONDS,
    f"{_DYNAMIC}sustainedSchedulerBacklogTimeout": _SECONDS,
    f"{_DYNAMIC}shuffleTracking.timeout": _MS,
    "spark.executor.resource.gpu.amount": _POSITIVE,
    "spark.task.resource.gpu.amount": _gpus_of_task,
}


@rule("invalid-value", "error", "Write the value as Spark reads it.")
def invalid(c: Configuration) -> Iterator[Problem]:
    """A value that Spark cannot read, or that lies outside what it takes."""
    for key in sorted(c.values):
        parse = PARSERS.get(key) or (flag if key in known().flags else None)
        problem = _fault(parse, c.values[key]) if parse else None
        # $ stands for another setting or a variable of the shell.
        if problem and "$" not in c.values[key]:
            yield Problem((key,), f"{shown(c, key)}: {problem}")


def _fault(parse: Parse, text: str) -> str | None:
    try:
        parse(text)
    except ValueError as error:
        return str(error)
    return None


RULES = (invalid,)
