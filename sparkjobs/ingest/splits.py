"""From files to tasks: long files are cut, short ones packed together. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sparkjobs.ingest.model import InputFile, Split

# Read in less time than it takes to start a task.
SMALLEST_TASK_BYTES = 4 << 20
LARGEST_TASK_BYTES = 64 << 20
TASKS_PER_SLOT = 3
# Opening a file costs about as much as reading this many bytes.
OPEN_COST_BYTES = 128 << 10
# A compressed byte stands for several bytes of work.
COMPRESSED_WEIGHT = 4


def task_bytes(files: Sequence[InputFile], slots: int) -> int:
    """Bytes that one task should read, so that every slot gets a few tasks."""
    total = sum(_weight(file) for file in files)
    wanted = total // max(1, slots * TASKS_PER_SLOT)
    return max(SMALLEST_TASK_BYTES, min(LARGEST_TASK_BYTES, wanted))


def cut(
    file: InputFile, size_bytes: int, *, tag: int = 0, start: int = 0, first_line: int = 1
) -> list[Split]:
    """Cut one file into splits of about ``size_bytes``.

    Args:
        file: the file; a compressed one stays whole.
        size_bytes: wanted length of a split, bytes.
        tag: index of the file's description.
        start: where the data begins (after a CSV header), a line start.
        first_line: the number of the line at ``start``.
    """
    if file.compression is not None:
        return [_split(file, start, file.size, first_line, tag)]
    if file.size <= start:
        return []
    count = max(1, round((file.size - start) / size_bytes))
    edges = [start + (file.size - start) * i // count for i in range(count + 1)]
    return [_split(file, edges[i], edges[i + 1], None if i else first_line, tag) for i in range(count)]


def pack(splits: Iterable[Split], size_bytes: int) -> list[tuple[Split, ...]]:
    """Put splits together into tasks of about ``size_bytes``, in order, so that tasks stay balanced."""
    tasks: list[tuple[Split, ...]] = []
    current: list[Split] = []
    filled = 0
    for split in splits:
        cost = _split_cost(split)
        if current and filled + cost > size_bytes:
            tasks.append(tuple(current))
            current, filled = [], 0
        current.append(split)
        filled += cost
    return [*tasks, tuple(current)] if current else tasks


def plan_tasks(files: Sequence[InputFile], slots: int) -> list[tuple[Split, ...]]:
    """The tasks that read whole files from their first byte."""
    size = task_bytes(files, slots)
    return pack((split for file in files for split in cut(file, size)), size)


def _split(file: InputFile, start: int, end: int, first_line: int | None, tag: int) -> Split:
    when = file.modified_ns
    return Split(file.path, start, end, file.size, file.compression, first_line, tag, modified_ns=when)


def _weight(file: InputFile) -> int:
    return file.size * (COMPRESSED_WEIGHT if file.compression else 1) + OPEN_COST_BYTES


def _split_cost(split: Split) -> int:
    length = split.end - split.start
    return length * (COMPRESSED_WEIGHT if split.compression else 1) + OPEN_COST_BYTES
