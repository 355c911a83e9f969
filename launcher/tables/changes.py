"""The changes of what a table says of its versions: tag and restore."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from launcher.tables import tags as tagging
from launcher.tables.editing import committed, editing
from launcher.tables.table_facts import tags_of
from launcher.tables.table_lock import Locking
from launcher.tables.table_storage import missing, refuse_unnameable
from sparkjobs.errors import UsageError, WriteError
from sparkjobs.tables.opening import Place, open_table


@dataclass(frozen=True)
class Tagged:
    """A tag as it is now; ``version`` of the table that holds it."""

    name: str
    tagged_version: int
    version: int
    changed: bool


def tag(place: Place, name: str, wanted: int | None, *, move: bool, locking: Locking) -> Tagged:
    """Name a version, the newest when none is wanted.

    Raises:
        UsageError: a bad name, or the tag names another version and ``move`` is off.
        DataError: no such version.
        WriteError: files of the version are gone.
    """
    tagging.check_name(name)
    with editing(place, "table_tag", {"name": name, "version": wanted}, locking) as edit:
        tags = tags_of(edit.table)
        version = edit.table.version() if wanted is None else wanted
        if tags.get(name) == version:
            return Tagged(name, version, edit.table.version(), changed=False)
        if name in tags and not move:
            raise UsageError(f"the tag {name!r} names version {tags[name]}", "Move it with --move.")
        refuse_incomplete(place, version)
        new = tagging.as_properties({**tags, name: version})
        at = committed(edit, lambda carried: set_properties(edit.table, new, carried), "tag")
        return Tagged(name, version, at, changed=True)


@dataclass(frozen=True)
class Restored:
    """A restore: the version whose rows the table has again, and the commit that did it."""

    restored_version: int
    version: int
    files_restored: int
    files_removed: int


def restore(place: Place, version: int, locking: Locking) -> Restored:
    """Give the table the rows of an earlier version again, and keep its tags.

    Raises:
        DataError: no such version.
        WriteError: files of it were vacuumed, or the table cannot be written without Spark.
    """
    with editing(place, "table_restore", {"version": version}, locking) as edit:
        refuse_incomplete(place, version)
        refuse_unnameable(paths_of(edit.table) - paths_of(open_table(place, version)), place.path)
        tags = tags_of(edit.table)
        metrics: dict[str, int] = {}

        def change(carried: Any) -> None:
            metrics.update(edit.table.restore(version, commit_properties=carried))

        at = committed(edit, change, "restore", **({tagging.RESTORED: tags} if tags else {}))
        if tags:
            # The properties are those of the old version now: it knew nothing of the tags.
            table = open_table(place)
            committed(
                edit, lambda carried: set_properties(table, tagging.as_properties(tags), carried), "tag"
            )
        return Restored(version, at, metrics["numRestoredFile"], metrics["numRemovedFile"])


def paths_of(table: Any) -> set[str]:
    """The data files of an opened version, as the log writes them."""
    return {item.as_py() for item in table.get_add_actions().column("path")}


def set_properties(table: Any, properties: Mapping[str, str], carried: Any) -> None:
    """Set properties of a table by a commit."""
    table.alter.set_table_properties(dict(properties), raise_if_not_exists=False, commit_properties=carried)


def refuse_incomplete(place: Place, version: int) -> None:
    """A version whose files were vacuumed is only a number.

    Raises:
        WriteError: names the version and a file.
    """
    gone = missing(open_table(place, version), place)
    if gone:
        raise WriteError(
            f"version {version} of {place.path} is not whole: {len(gone)} of its files were vacuumed, "
            f"such as {gone[0]}",
            "Choose another version; tag those that vacuum shall keep.",
        )
