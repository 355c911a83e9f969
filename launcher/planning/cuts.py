"""How large splits and shuffle partitions are, before anybody knows how many slots there will be."""

from __future__ import annotations

from launcher.planning.work import plain_bytes
from launcher.spec.application import InputSize
from launcher.spec.units import KIB, MIB, counted, human_bytes

SPLIT_MIB, MOST_SPLIT_MIB = 128, 1024
# spark.sql.adaptive.advisoryPartitionSizeInBytes: what AQE joins small partitions up to.
ADVISORY_MIB, MOST_PARTITION_MIB = 64, 512
# The driver schedules some thousand tasks a second and keeps statistics of each.
MOST_TASKS = 50_000
MOST_PARTITIONS = 20_000
# Each task before a shuffle leaves a block for each task after it. Smaller ones are fetched no faster: the
# requests and the disks' heads take longer than the bytes.
LEAST_BLOCK_BYTES = 64 * KIB


def split_size(size: InputSize) -> tuple[int, str]:
    """The split size in MiB of an input on CPUs, and why."""
    if size.size_bytes is None:
        return SPLIT_MIB, "Spark's own size, for the size of the input is not known"
    split = _balanced(size.size_bytes)
    tasks = max(1, -(-size.size_bytes // (split * MIB)))
    if split == SPLIT_MIB:
        return split, f"the input makes about {counted(tasks, 'task')}, few enough for one driver"
    if tasks > MOST_TASKS:
        return split, f"the input makes about {tasks} tasks; {MOST_SPLIT_MIB} MiB are the most for one task"
    usual = -(-size.size_bytes // (SPLIT_MIB * MIB))
    blocks = block_bytes(size.size_bytes, SPLIT_MIB, ADVISORY_MIB)
    return split, (
        f"larger than Spark's {SPLIT_MIB} MiB, so that the input makes about {tasks} tasks and not {usual}, "
        f"whose shuffle would be blocks of {human_bytes(blocks)}; {LEAST_BLOCK_BYTES // KIB} KiB are worth "
        "a fetch"
    )


def partition_size(size: InputSize, split_mib: int, usual_mib: int) -> int:
    """The size in MiB of shuffle partitions.

    Args:
        size: the input.
        split_mib: of the input.
        usual_mib: of small inputs.
    """
    plain, part = plain_bytes(size) or 0, usual_mib
    while part < MOST_PARTITION_MIB and block_bytes(plain, split_mib, part) < LEAST_BLOCK_BYTES:
        part *= 2
    return part


def block_bytes(size_bytes: int, split_mib: int, partition_mib: int) -> int:
    """Bytes of one block of a shuffle of the whole input, in as many partitions as are allowed."""
    tasks = max(1, -(-size_bytes // (split_mib * MIB)))
    partitions = min(MOST_PARTITIONS, max(1, -(-size_bytes // (partition_mib * MIB))))
    # A single partition's blocks are as large as a task's output.
    return size_bytes // (tasks * partitions) if partitions > 1 else LEAST_BLOCK_BYTES


def _balanced(size_bytes: int) -> int:
    """Splits and partitions grow in turn, until blocks are worth fetching."""
    split, part = SPLIT_MIB, ADVISORY_MIB
    while split < MOST_SPLIT_MIB and (
        block_bytes(size_bytes, split, part) < LEAST_BLOCK_BYTES or size_bytes > MOST_TASKS * split * MIB
    ):
        if split <= 2 * part:
            split *= 2
        else:
            part *= 2
    return split
