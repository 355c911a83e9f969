"""How far the lists of a stream have come through the versions of a table, kept beside the checkpoint."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass

from sparkjobs.errors import WriteError
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
        columns: the table's columns at the start.
        looked: the newest version all of whose files are on lists.
        lists: how many lists there were then.
    """

    table_id: str
    start: int
    whole: bool
    columns: tuple[str, ...]
    looked: int
    lists: int


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
    if NAME not in checkpoint.names():
        return None
    try:
        value = json.loads(checkpoint.read(NAME))
        return Position(**{**value, "columns": tuple(value["columns"])})
    except (ValueError, KeyError, TypeError) as error:
        raise WriteError(
            f"{checkpoint.path}/{NAME} cannot be read: {error}", "Bring the checkpoint back from a copy."
        ) from error


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
