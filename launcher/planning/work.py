"""How many tasks the input makes."""

from __future__ import annotations

from dataclasses import dataclass

from launcher.spec.application import InputSize
from launcher.spec.units import MIB, counted, human_bytes

# spark.sql.files.openCostInBytes: what Spark adds to each file when it packs them into tasks.
OPEN_COST_BYTES = 4 * MIB


@dataclass(frozen=True)
class Work:
    """The first stage of the application.

    Attributes:
        tasks: tasks that read the input; ``None`` when its size is not known.
        how: the arithmetic, for people.
    """

    tasks: int | None
    how: str


def work(size: InputSize, split_mib: int) -> Work:
    """The tasks that Spark makes of an input (FilePartition.maxSplitBytes, on enough slots).

    Args:
        size: the input.
        split_mib: ``spark.sql.files.maxPartitionBytes``.
    """
    if size.size_bytes is None:
        return Work(None, "the size of the input is not known")
    weight = size.size_bytes + (size.files or 1) * OPEN_COST_BYTES
    tasks = max(1, -(-weight // (split_mib * MIB)))
    message = f"{human_bytes(size.size_bytes)} in splits of {split_mib} MiB"
    if not size.splittable and size.files is not None and size.files < tasks:
        return Work(size.files, f"{size.files} files that cannot be split")
    return Work(tasks, f"{message} make {counted(tasks, 'task')}")
