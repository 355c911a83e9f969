"""Rows of a table at any version."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sparkjobs.tables.reading import Snapshot


@dataclass(frozen=True)
class Rows:
    """Some rows; ``more`` says whether the table has others."""

    columns: tuple[str, ...]
    rows: list[tuple[Any, ...]]
    more: bool


def read_rows(snapshot: Snapshot, columns: Sequence[str], limit: int) -> Rows:
    """The first rows of an opened table, as its files hold them.

    Args:
        snapshot: the table at the wanted version.
        columns: the columns wanted; all of them when empty.
        limit: rows at most.

    Raises:
        UsageError: a column that the table does not have.
        DataError: a file cannot be read, or not without Spark.
    """
    found = snapshot.head(limit + 1, columns)
    cells = [[_value(item) for item in column] for column in found.columns]
    rows = list(zip(*cells, strict=True))
    return Rows(tuple(found.column_names), rows[:limit], len(rows) > limit)


def _value(item: Any) -> Any:
    """Python's times end with the year 9999, Spark's do not: such a one comes as text."""
    try:
        return item.as_py()
    except (OverflowError, ValueError):
        return item.cast("string").as_py()
