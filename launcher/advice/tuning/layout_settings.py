"""The settings that lay a run's work out as those of another run did. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from launcher.advice.tuning.past import Past
from launcher.advice.tuning.size_settings import Change
from launcher.advice.tuning.work_layout import CORES, PARTITION_KEYS

# What makes an executor as large as it is, beside its cores.
SIZE_KEYS = (
    "spark.executor.memory",
    "spark.executor.memoryOverhead",
    "spark.executor.pyspark.memory",
    "spark.memory.offHeap.enabled",
    "spark.memory.offHeap.size",
    "spark.task.cpus",
)
_GPUS = ("spark.executor.resource.gpu.amount", "spark.task.resource.gpu.amount")


def layout_changes(past: Past, like: Past, why: str) -> Iterator[Change]:
    """What a run takes over of another one.

    Args:
        past: the run.
        like: the other.
        why: the reason, for people.
    """
    before, after = past.basis.conf, like.basis.conf
    cores = str(like.basis.cores)
    if before.get(CORES, str(past.basis.cores)) != cores:
        yield Change(CORES, before.get(CORES), cores, why)
    # What nobody set is computed again, by the cores and by the input.
    named = {key for key, _ in (*past.partitions, *like.partitions)}
    for key in PARTITION_KEYS:
        if key in named and before.get(key) != after.get(key):
            yield Change(key, before.get(key), after.get(key), why)
    for key in (*SIZE_KEYS, *_GPUS):
        if before.get(key) != after.get(key):
            yield Change(key, before.get(key), after.get(key), f"as the executors of {like.name} had it")
