"""Splits, shuffle partitions, locality, speculation."""

from __future__ import annotations

from dataclasses import dataclass

from launcher.planning.cuts import MOST_PARTITIONS
from launcher.planning.setting import Group
from launcher.planning.settings_builder import SettingsBuilder
from launcher.planning.work import Work
from launcher.spec.application import InputSize
from launcher.spec.cluster import Cluster
from launcher.spec.units import MIB, counted, human_bytes, mib_text

TUNING = "Spark: Performance Tuning"
PARTITIONS = "spark.sql.shuffle.partitions"
SPLIT = "spark.sql.files.maxPartitionBytes"
LEAST_PARTITIONS = 200
ROUNDS = 3


def put_splits(builder: SettingsBuilder, split_mib: int, why: str, source: str = TUNING) -> None:
    """How the input is cut."""
    builder.put(Group.SQL, SPLIT, mib_text(split_mib), why, source)


@dataclass(frozen=True)
class PartitionCut:
    """What decides how shuffles are cut.

    Attributes:
        slots: tasks that run at once at most.
        mib: the size of a partition.
        usual_mib: its size for inputs whose shuffle makes no tiny blocks.
    """

    slots: int
    mib: int
    usual_mib: int


def put_partitions(
    builder: SettingsBuilder, size: InputSize, todo: Work, cut: PartitionCut, streaming: bool
) -> None:
    """How shuffles are cut.

    Args:
        builder: where settings go.
        size: the input.
        todo: the tasks of the input.
        cut: slots and sizes.
        streaming: a stream of ours, which cuts each batch by itself.
    """
    if streaming:
        why = f"one partition for each of {cut.slots} slots at most; a batch of few rows takes fewer"
        builder.put(Group.SQL, PARTITIONS, cut.slots, why, "Structured Streaming Guide")
        return
    why = "small partitions are joined and skewed ones are split while the query runs"
    builder.put(Group.SQL, "spark.sql.adaptive.enabled", True, why, TUNING)
    number, why = _partitions(size, todo, cut)
    builder.put(Group.SQL, PARTITIONS, number, why, TUNING)


def put_waiting(builder: SettingsBuilder, cluster: Cluster, gpus: bool) -> None:
    """Whether a task waits for a better node, and whether a slow one is run twice."""
    near = cluster.manager == "yarn" and cluster.platform == "onprem"
    why = "a task waits 3 s for a slot on a node that holds its data, as HDFS nodes do"
    if gpus:
        why = "a GPU that waits for near data costs more than data that comes from far"
    elif not near:
        why = "only nodes of HDFS hold data near their tasks; elsewhere waiting leaves slots empty"
    wait = "3s" if near and not gpus else "0"
    builder.put(Group.SQL, "spark.locality.wait", wait, why, "AutoTuner" if gpus else "Spark: TaskSetManager")
    why = "a copy of a slow task would repeat what the task does outside of Spark"
    builder.put(Group.SQL, "spark.speculation", False, why, "Spark: TaskSetManager")


def _partitions(size: InputSize, todo: Work, cut: PartitionCut) -> tuple[int, str]:
    slots, rounds = cut.slots, cut.slots * ROUNDS
    joined = "adaptive execution joins those that come out small"
    if todo.plain_bytes is None:
        number = max(slots, min(MOST_PARTITIONS, max(LEAST_PARTITIONS, rounds)))
        return number, f"{ROUNDS} rounds of {counted(slots, 'slot')}, at least {LEAST_PARTITIONS}; {joined}"
    by_size = max(1, -(-todo.plain_bytes // (cut.mib * MIB)))
    number = max(slots, min(MOST_PARTITIONS, by_size))
    message = f"{counted(by_size, 'partition')} of {cut.mib} MiB if the whole input is shuffled"
    if size.unpacked_bytes is not None and size.unpacked_bytes == todo.plain_bytes:
        message += f" ({human_bytes(size.unpacked_bytes)} unpacked)"
    if cut.mib > cut.usual_mib:
        message += f", not {cut.usual_mib} MiB, for a shuffle would be of tiny blocks"
    if number > by_size:
        message = f"one for each of the {counted(number, 'task')} that can run at once"
    if number < by_size:
        message += (
            f", but {number} at most: the driver keeps account of each for every task before the shuffle"
        )
    return number, f"{message}; {joined}"
