"""What the commits of a table bring to a stream that reads it. Pure."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from sparkjobs.errors import DataError

Changes = Literal["refuse", "skip"]
Add = Mapping[str, Any]


@dataclass(frozen=True)
class TableCommit:
    """A commit as the table's log has it.

    Attributes:
        version: its number.
        actions: each an object with one key, such as ``add`` (PROTOCOL.md, Actions).
    """

    version: int
    actions: tuple[Mapping[str, Any], ...]

    def of(self, kind: str) -> list[Mapping[str, Any]]:
        """The actions of a kind."""
        return [action[kind] for action in self.actions if kind in action]


def changes_rows(commit: TableCommit) -> bool:
    """Whether rows that were there have gone or changed: an update, a delete, a merge, an overwrite.

    A compaction takes files away as well, and says of each that no row changed.
    """
    return any(remove.get("dataChange", True) for remove in commit.of("remove"))


def inserted(commit: TableCommit) -> list[Add]:
    """The files with new rows, in the order of the log."""
    return [add for add in commit.of("add") if add.get("dataChange", True)]


def taken(commit: TableCommit, place: str, changes: Changes) -> list[Add]:
    """The files of a commit that the stream reads; none of one that it passes over.

    Args:
        commit: the commit.
        place: the table, for the message.
        changes: ``--changes``.

    Raises:
        DataError: the commit changes rows and ``--changes`` is ``refuse``.
    """
    if not changes_rows(commit):
        return inserted(commit)
    if changes == "skip":
        return []
    raise DataError(
        f"version {commit.version} of {place} changes or deletes rows ({operation(commit)}), "
        "and a stream can only add",
        "Pass over such commits with --changes skip: rows that they insert are passed over as well. Or begin "
        "anew with a new --output.",
    )


def operation(commit: TableCommit) -> str:
    """What the commit says that it did."""
    told = [str(info["operation"]) for info in commit.of("commitInfo") if info.get("operation")]
    return told[0] if told else "an unknown operation"


def rows_of(add: Add) -> int | None:
    """Rows of a file, where its statistics tell."""
    try:
        rows = json.loads(add.get("stats") or "{}").get("numRecords")
    except (ValueError, AttributeError):
        return None
    if not isinstance(rows, int):
        return None
    vector = add.get("deletionVector")
    return rows - (int(vector["cardinality"]) if vector else 0)


def refuse_lost_columns(place: str, before: Mapping[str, str], now: Mapping[str, str]) -> None:
    """Refuse a table whose columns have gone since the stream began: dropped or renamed.

    Args:
        place: the table, for the message.
        before: to each column by which the stream knows the table the name that its files have for it.
        now: the same of the table as it is.

    Raises:
        DataError: names them.
    """
    gone = ", ".join(name for name in before if name not in now)
    other = ", ".join(name for name, stored in before.items() if now.get(name, stored) != stored)
    if gone or other:
        made_anew = f"the columns {other} of {place} are others than when the stream began"
        raise DataError(
            f"{place} has no column {gone} any more: it had when the stream began" if gone else made_anew,
            "A stream cannot know which column it is now. Bring it back, or begin anew with a new --output "
            "and --checkpoint.",
        )
