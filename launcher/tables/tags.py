"""Snapshots: names for versions, kept as table properties ``sparkjobs.tag.NAME``. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from sparkjobs.errors import UsageError
from sparkjobs.tables.history import read_metadata

PREFIX = "sparkjobs.tag."
# A tag shall keep its version readable: without this, the log of old versions is cleaned up.
KEEP_LOG = {"delta.enableExpiredLogCleanup": "false"}
RESTORED = "tags"
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")


def check_name(name: str) -> None:
    """Tags have plain names.

    Raises:
        UsageError: names the tag.
    """
    if not _NAME.fullmatch(name):
        raise UsageError(
            f"{name!r} is not a name for a tag", "Letters, digits, . _ and -, at most 64, such as month-end."
        )


def of_properties(properties: Mapping[str, str | None]) -> dict[str, int]:
    """The tags among a table's properties: name to version."""
    return {
        key.removeprefix(PREFIX): int(value)
        for key, value in sorted(properties.items())
        if key.startswith(PREFIX) and value and value.isdigit()
    }


def unfinished(history: Iterable[Mapping[str, Any]]) -> dict[str, int]:
    """Tags that a restore has taken away and that were not put back, because it was cut off.

    A restore brings the old version's properties back too, so tags are set again by a second commit.

    Args:
        history: the commits, newest first.
    """
    for commit in history:
        if commit["operation"] == "SET TBLPROPERTIES":
            return {}
        if commit["operation"] == "RESTORE":
            kept = read_metadata(commit.get("userMetadata")).get(RESTORED, {})
            return {name: int(version) for name, version in kept.items()}
    return {}


def as_properties(tags: Mapping[str, int]) -> dict[str, str]:
    """The properties that hold the tags."""
    return {**{PREFIX + name: str(version) for name, version in tags.items()}, **(KEEP_LOG if tags else {})}


def version_of(tags: Mapping[str, int], name: str, path: str) -> int:
    """The version that a tag names.

    Raises:
        UsageError: no such tag.
    """
    if name not in tags:
        known = f"It has {', '.join(tags)}." if tags else "It has none: sparkjob table tag TABLE NAME."
        raise UsageError(f"the table {path} has no tag {name!r}", known)
    return tags[name]
