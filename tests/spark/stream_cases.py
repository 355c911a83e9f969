"""Streams over files that a test writes, and what their tables hold beside those of the batch job."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

from sparkjobs.streaming import batch as batch_module
from tests.spark.conftest import rows_of

EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)


def text(moment: datetime) -> str:
    """A time as an input file has it; years before 1000 too."""
    return moment.isoformat(timespec="microseconds").replace("+00:00", "Z")


def at(seconds: float) -> datetime:
    """A moment on and after 31 January 2026."""
    return datetime(2026, 1, 31, tzinfo=timezone.utc) + timedelta(seconds=seconds)


def put(folder: Path, name: str, header: str, lines: Sequence[str]) -> None:
    """Write a file whole, under its name."""
    folder.mkdir(exist_ok=True)
    (folder / name).write_text(header + "\n" + "".join(f"{line}\n" for line in lines))


def cut_off(monkeypatch: Any, name: str) -> None:
    """Let each batch end before the table of this name is written."""
    real = batch_module.write

    def write(batch: Any, table: Any, path: str) -> Any:
        if table.name == name:
            raise RuntimeError(f"cut off at {name}")
        return real(batch, table, path)

    monkeypatch.setattr(batch_module, "write", write)


def same(streamed: Path, batch: Path, keys: Sequence[str]) -> None:
    """The rows of both tables are equal in the columns of the batch's; doubles to 1e-9."""
    ours, theirs = (by_key(path, keys) for path in (streamed, batch))
    assert ours.keys() == theirs.keys()
    for key, row in theirs.items():
        for column, value in row.items():
            assert alike(ours[key][column], value, column), (key, column, ours[key][column], value)


def by_key(path: Path, keys: Sequence[str]) -> dict[tuple[str, ...], dict[str, Any]]:
    """A table's rows by their keys, which are there once."""
    rows = rows_of(path) if path.exists() else []
    found = {tuple(str(row[key]) for key in keys): row for row in rows}
    assert len(found) == len(rows)
    return found


EXACT = ("count", "min", "max", "median")


def alike(one: Any, other: Any, column: str) -> bool:
    """Equal; sums and what is made of them to 1e-9."""
    if isinstance(one, float) and isinstance(other, float):
        if math.isnan(one) or math.isnan(other):
            return math.isnan(one) and math.isnan(other)
        if column not in EXACT and not column.startswith("q_"):
            return math.isclose(one, other, rel_tol=1e-9, abs_tol=1e-12)
    return bool(one == other)
