"""Rows of a table at any version."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sparkjobs.errors import UsageError


@dataclass(frozen=True)
class Rows:
    """Some rows; ``more`` says whether the table has others."""

    columns: tuple[str, ...]
    rows: list[tuple[Any, ...]]
    more: bool


def read_rows(table: Any, columns: Sequence[str], limit: int) -> Rows:
    """The first rows of an opened table, as its files hold them.

    Args:
        table: the table at the wanted version.
        columns: the columns wanted; all of them when empty.
        limit: rows at most.

    Raises:
        UsageError: a column that the table does not have.
    """
    from deltalake import QueryBuilder

    known = [field.name for field in table.schema().fields]
    for name in columns:
        if name not in known:
            raise UsageError(f"the table has no column {name!r}", f"It has {', '.join(known)}.")
    wanted = tuple(columns) or tuple(known)
    # The names are the table's own, checked above; a quote in one is doubled as SQL wants it.
    selected = ", ".join('"' + name.replace('"', '""') + '"' for name in wanted)
    query = QueryBuilder().register("t", table)
    found = query.execute(f"SELECT {selected} FROM t LIMIT {limit + 1}").read_all()
    cells = [[item.as_py() for item in found.column(i)] for i in range(found.num_columns)]
    rows = list(zip(*cells, strict=True))
    return Rows(wanted, rows[:limit], len(rows) > limit)
