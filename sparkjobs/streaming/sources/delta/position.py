"""How far the lists of a stream have come through the versions of a table, kept beside the checkpoint."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace

from sparkjobs.streaming.folder import Folder
from sparkjobs.streaming.sources.delta.lines import Inserted

NAME = "delta.json"


@dataclass(frozen=True)
class Position:
    """Where a stream began, and how far it has looked.

    Attributes:
        table_id: the table's own id, by which one made anew under its path is known.
        start: the version at which the stream began.
        whole: whether what lay there then is read, and not only what came after.
        columns: to each column that the stream knows the name that the files have for it, which is
            another one where columns were renamed (column mapping).
        looked: the newest version all of whose files are on lists.
        lists: how many lists there were then.
        added: those of the columns that came since the start.
    """

    table_id: str
    start: int
    whole: bool
    columns: Mapping[str, str]
    looked: int
    lists: int
    added: tuple[str, ...] = ()


@dataclass(frozen=True)
class Next:
    """What is looked at next.

    Attributes:
        version: the first version; of ``start`` the files that lay there, where these are read.
        listed: keys of files of that version and those after it that are on lists already.
    """

    version: int
    listed: frozenset[tuple[int, str]] = frozenset()


def read_position(checkpoint: Folder) -> Position | None:
    """What is kept; ``None`` before the first look.

    Raises:
        WriteError: it cannot be read.
    """
    return checkpoint.parsed(NAME, _position)


def _position(text: str) -> Position:
    value = json.loads(text)
    return Position(**{**value, "columns": dict(value["columns"]), "added": tuple(value["added"])})


def with_columns(position: Position, columns: Mapping[str, str]) -> Position | None:
    """The position of a stream that takes in the columns that came; ``None`` where none did. Pure.

    Args:
        position: what is kept.
        columns: the table's columns now, none of those that are kept missing.
    """
    came = tuple(name for name in columns if name not in position.columns)
    return replace(position, columns=columns, added=(*position.added, *came)) if came else None


def keep_position(checkpoint: Folder, position: Position) -> None:
    """Keep it, as a whole."""
    checkpoint.write(NAME, json.dumps(asdict(position)) + "\n")


def next_of(position: Position, lists: int, read: Callable[[int], Sequence[Inserted]]) -> Next:
    """Where to go on. Pure but for ``read``.

    The look that wrote the newest lists may have been cut off, and a reset may have taken lists away: then
    the lists themselves tell.

    Args:
        position: what is kept.
        lists: how many lists there are.
        read: the files of a list; none of one that names late rows to take in.
    """
    while lists > position.lists and not read(lists - 1):
        lists -= 1  # written beside the looks, and says nothing of the table
    if lists == position.lists:
        return Next(position.looked + 1)
    newest: int | None = None
    listed: set[tuple[int, str]] = set()
    for files in filter(None, map(read, range(lists - 1, -1, -1))):
        newest = files[-1].version if newest is None else newest
        keys = {file.key for file in files if file.version == newest}
        if not keys:
            break
        listed |= keys
    if newest is None:
        return Next(position.start if position.whole else position.start + 1)
    return Next(newest, frozenset(listed))
