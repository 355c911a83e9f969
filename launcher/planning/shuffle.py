"""Splits, shuffle partitions, locality, speculation."""

from __future__ import annotations

from launcher.planning.setting import Group
from launcher.planning.settings_builder import SettingsBuilder
from launcher.planning.work import Work
from launcher.spec.application import InputSize
from launcher.spec.cluster import Cluster
from launcher.spec.units import MIB, counted, mib_text

TUNING = "Spark: Performance Tuning"
SPLIT_MIB, MOST_SPLIT_MIB = 128, 1024
# The driver schedules some thousand tasks a second and keeps statistics of each.
MOST_TASKS = 50_000
# spark.sql.adaptive.advisoryPartitionSizeInBytes: what AQE joins small partitions up to.
ADVISORY_MIB = 64
LEAST_PARTITIONS, MOST_PARTITIONS = 200, 20_000
ROUNDS = 3


def split_size(size: InputSize) -> tuple[int, str]:
    """The split size in MiB of an input on CPUs, and why."""
    split = SPLIT_MIB
    if size.size_bytes is None:
        return split, "Spark's own size, for the size of the input is not known"
    while split < MOST_SPLIT_MIB and size.size_bytes > MOST_TASKS * split * MIB:
        split *= 2
    tasks = max(1, -(-size.size_bytes // (split * MIB)))
    if split == SPLIT_MIB:
        return split, f"the input makes about {counted(tasks, 'task')}, few enough for one driver"
    most = " and not more" if tasks <= MOST_TASKS else f"; {MOST_SPLIT_MIB} MiB are the most for one task"
    return split, f"larger than Spark's {SPLIT_MIB} MiB, so that the input makes about {tasks} tasks{most}"


def put_splits(builder: SettingsBuilder, split_mib: int, why: str, source: str = TUNING) -> None:
    """How the input is cut."""
    builder.put(Group.SQL, "spark.sql.files.maxPartitionBytes", mib_text(split_mib), why, source)


def put_partitions(
    builder: SettingsBuilder, size: InputSize, todo: Work, slots: int, joined_mib: int, streaming: bool
) -> None:
    """How shuffles are cut.

    Args:
        builder: where settings go.
        size: the input.
        todo: the tasks of the input.
        slots: tasks that run at once at most.
        joined_mib: what AQE joins small partitions up to.
        streaming: stateful streams keep the number in their checkpoint, and AQE leaves them alone.
    """
    if streaming:
        why = (
            f"each of {slots} slots keeps one partition of the state; the number stays in the checkpoint, "
            "so a later plan does not change a stream that has begun"
        )
        builder.put(Group.SQL, "spark.sql.shuffle.partitions", slots, why, "Structured Streaming Guide")
        return
    why = "small partitions are joined and skewed ones are split while the query runs"
    builder.put(Group.SQL, "spark.sql.adaptive.enabled", True, why, TUNING)
    number, why = _partitions(size, todo, slots, joined_mib)
    builder.put(Group.SQL, "spark.sql.shuffle.partitions", number, why, TUNING)


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


def _partitions(size: InputSize, todo: Work, slots: int, joined_mib: int) -> tuple[int, str]:
    rounds = slots * ROUNDS
    joined = "adaptive execution joins those that come out small"
    if size.size_bytes is None or todo.tasks is None:
        number = min(MOST_PARTITIONS, max(LEAST_PARTITIONS, rounds))
        return number, f"{ROUNDS} rounds of {counted(slots, 'slot')}, at least {LEAST_PARTITIONS}; {joined}"
    by_size = -(-size.size_bytes // (joined_mib * MIB))
    number = max(1, min(MOST_PARTITIONS, max(by_size, min(slots, todo.tasks))))
    message = f"{counted(by_size, 'partition')} of {joined_mib} MiB if the whole input is shuffled"
    if number > by_size:
        message = f"as many as {counted(number, 'task')} that can run at once"
    if number < by_size:
        message += (
            f", but {number} at most: the driver keeps account of each for every task before the shuffle"
        )
    return number, f"{message}; {joined}"
