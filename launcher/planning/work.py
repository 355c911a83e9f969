"""How many tasks the input makes, and how many of them are worth starting."""

from __future__ import annotations

from dataclasses import dataclass

from launcher.spec.application import InputSize
from launcher.spec.units import MIB, counted, human_bytes

# spark.sql.files.openCostInBytes: what Spark adds to each file when it packs them into tasks.
OPEN_COST_BYTES = 4 * MIB
# Below either of these a task is done before it pays for its start: measured, a core of our jobs takes
# about 10 s for 32 MiB of text and about 1 s for 500,000 rows of Parquet.
LEAST_TASK_MIB, LEAST_TASK_ROWS = 32, 500_000
# However many rows there are in it.
LEAST_SPLIT_MIB = 1


@dataclass(frozen=True)
class Work:
    """The first stage of the application.

    Attributes:
        tasks: tasks that read the input; ``None`` when its size is not known.
        how: the arithmetic, for people.
        at_once: how many of them may as well run at once.
        plain_bytes: the input as it is when nothing is packed; ``None`` when its size is not known.
    """

    tasks: int | None
    how: str
    at_once: int = 1
    plain_bytes: int | None = None


def work(size: InputSize, split_mib: int) -> Work:
    """The tasks that Spark makes of an input (FilePartition.maxSplitBytes, on enough slots).

    Args:
        size: the input.
        split_mib: ``spark.sql.files.maxPartitionBytes``.
    """
    if size.size_bytes is None:
        return Work(None, "the size of the input is not known")
    tasks = max(1, -(-weight(size) // (split_mib * MIB)))
    most = pieces(size)
    if most is not None and most <= tasks:
        return Work(most, _pieces_how(size, most), most, plain_bytes(size))
    message = f"{human_bytes(size.size_bytes)} in splits of {split_mib} MiB make {counted(tasks, 'task')}"
    return Work(tasks, message, tasks, plain_bytes(size))


def cut_finer(size: InputSize, todo: Work, slots: int, executors: int) -> tuple[int, Work] | None:
    """Smaller splits, so that slots have a task each while tasks are worth it; ``None`` when none are needed.

    Args:
        size: the input.
        todo: its tasks in splits of the usual size.
        slots: tasks that one executor runs at once.
        executors: how many there is room for.
    """
    most = worth(size)
    if todo.tasks is None or todo.tasks >= min(most, slots * executors):
        return None
    # Whole executors, so that no slot of the last one idles.
    wanted = most if most < slots else min(most // slots, executors) * slots
    if wanted <= todo.tasks:
        return None
    split_mib = max(LEAST_SPLIT_MIB, weight(size) // (wanted * MIB))
    finer = work(size, split_mib)
    return split_mib, Work(finer.tasks, finer.how, wanted, finer.plain_bytes)


def worth(size: InputSize) -> int:
    """How many tasks are worth starting at most, by plain bytes and by rows."""
    by_bytes = (plain_bytes(size) or 0) // (LEAST_TASK_MIB * MIB)
    number = max(by_bytes, (size.rows or 0) // LEAST_TASK_ROWS)
    most = min((size.size_bytes or 0) // (LEAST_SPLIT_MIB * MIB), pieces(size) or number)
    return max(1, min(number, most))


def pieces(size: InputSize) -> int | None:
    """Parts that no reader cuts further: compressed files, row groups of Parquet; ``None`` = any number."""
    if size.row_groups is not None:
        return max(1, size.row_groups)
    return None if size.splittable or size.files is None else max(1, size.files)


def plain_bytes(size: InputSize) -> int | None:
    """The input's bytes when nothing is packed, as far as anybody knows."""
    known = [number for number in (size.size_bytes, size.unpacked_bytes) if number is not None]
    return max(known, default=None)


def weight(size: InputSize) -> int:
    """Bytes as Spark counts them when it packs files into tasks."""
    return (size.size_bytes or 0) + (size.files or 1) * OPEN_COST_BYTES


def _pieces_how(size: InputSize, most: int) -> str:
    if size.row_groups is not None:
        return f"{counted(most, 'row group')} of Parquet, each of which one task reads"
    return f"{most} files that cannot be split"
