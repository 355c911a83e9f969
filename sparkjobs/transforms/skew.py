"""How uneven partitions are, and what to do about it. Pure."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

MIB = 1 << 20
TARGET_BYTES = 128 * MIB
SMALL_BYTES = 16 * MIB
LARGE_BYTES = 1024 * MIB
UNEVEN = 2.0


@dataclass(frozen=True)
class PartitionSize:
    """One partition as it stands in the table."""

    partition_id: int
    rows: int
    bytes: int
    files: int


@dataclass(frozen=True)
class HotKey:
    """The most frequent key of the fullest partition."""

    value: str
    rows: int


@dataclass(frozen=True)
class Skew:
    """Measures over all partitions, empty ones included; ``None`` where there is nothing."""

    rows_max_over_mean: float | None
    rows_gini: float | None
    bytes_max_over_mean: float | None
    bytes_gini: float | None


def measure(sizes: Sequence[PartitionSize]) -> Skew:
    """The skew of rows and of bytes."""
    rows = [size.rows for size in sizes]
    data = [size.bytes for size in sizes]
    return Skew(max_over_mean(rows), gini(rows), max_over_mean(data), gini(data))


def max_over_mean(values: Sequence[int]) -> float | None:
    """The largest value over the mean: how much longer the slowest task takes. 1 is even."""
    total = sum(values)
    return max(values) * len(values) / total if total else None


def gini(values: Sequence[int]) -> float | None:
    """The Gini coefficient: 0 is even, (n - 1) / n is all in one.

    G = 2 * sum(i * x_i) / (n * sum(x)) - (n + 1) / n, x sorted upwards, i from 1.
    """
    total, count = sum(values), len(values)
    if not total:
        return None
    weighted = sum(place * value for place, value in enumerate(sorted(values), 1))
    return (2 * weighted - (count + 1) * total) / (count * total)


def advice(sizes: Sequence[PartitionSize], by: str, columns: Sequence[str], hot: HotKey | None) -> list[str]:
    """What follows from the numbers, the weightiest first; nothing when the partitions are fine.

    Args:
        sizes: every partition, empty ones included.
        by: ``hash``, ``range`` or ``random``.
        columns: what the partitions were made by.
        hot: the most frequent key of the fullest partition, where it was looked up.
    """
    if not sum(size.rows for size in sizes):
        return []
    warnings = [
        _empty(sizes, columns),
        _uneven(sizes, by, columns, hot),
        _wide(sizes),
        _size(sizes),
        _files(sizes),
    ]
    return [text for text in warnings if text]


def _empty(sizes: Sequence[PartitionSize], columns: Sequence[str]) -> str | None:
    filled = sum(size.rows > 0 for size in sizes)
    if filled == len(sizes):
        return None
    why = f": {', '.join(columns)} may have too few different values" if columns else ""
    return f"{len(sizes) - filled} of {len(sizes)} partitions are empty{why}; --partitions {filled} is enough"


def _uneven(
    sizes: Sequence[PartitionSize], by: str, columns: Sequence[str], hot: HotKey | None
) -> str | None:
    rows = [size.rows for size in sizes]
    ratio = max_over_mean(rows) or 0
    if ratio <= UNEVEN:
        return None
    fullest = rows.index(max(rows))
    text = f"partition {fullest} has {ratio:.1f} times the mean number of rows"
    if hot is None or 2 * hot.rows < rows[fullest]:
        return f"{text}: other --columns, another --partitions, or --by random spread them better"
    share = 100 * hot.rows / sum(rows)
    return (
        f"{text}: the key {', '.join(columns)} = {hot.value} alone has {share:.0f} % of all rows and no "
        f"number of partitions by {by} splits it; add a column to --columns, or take --by random"
    )


def _wide(sizes: Sequence[PartitionSize]) -> str | None:
    skew = measure(sizes)
    if (skew.rows_max_over_mean or 0) > UNEVEN or (skew.bytes_max_over_mean or 0) <= UNEVEN:
        return None
    widest = max(sizes, key=lambda size: size.bytes).partition_id
    return (
        f"rows are even but bytes are not: partition {widest} has {skew.bytes_max_over_mean:.1f} times "
        "the mean size, its rows are wide or compress badly"
    )


def _size(sizes: Sequence[PartitionSize]) -> str | None:
    total = sum(size.bytes for size in sizes)
    filled = sum(size.rows > 0 for size in sizes)
    wanted = max(1, math.ceil(total / TARGET_BYTES))
    mean = total / filled
    if mean < SMALL_BYTES and filled > wanted:
        return (
            f"{_shown(mean)} a partition is little: opening such files costs more than reading them; "
            f"--partitions {wanted} gives about {_shown(total / wanted)} each"
        )
    if mean > LARGE_BYTES:
        return (
            f"{_shown(mean)} a partition is much for one task; "
            f"--partitions {wanted} gives about {_shown(total / wanted)} each"
        )
    return None


def _files(sizes: Sequence[PartitionSize]) -> str | None:
    files, filled = sum(size.files for size in sizes), sum(size.rows > 0 for size in sizes)
    mean = sum(size.bytes for size in sizes) / max(1, files)
    if files < 2 * filled or mean >= SMALL_BYTES:
        return None
    return (
        f"{files} files of {_shown(mean)} in {filled} partitions: compact them with sparkjob table optimize"
    )


def _shown(size: float) -> str:
    return f"{size / MIB:.1f} MiB" if size >= MIB else f"{size / 1024:.1f} KiB"
