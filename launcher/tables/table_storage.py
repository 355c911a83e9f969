"""The files of a table as they lie on the disk or in the bucket."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from contextlib import suppress
from typing import Any
from urllib.parse import quote, unquote

from sparkjobs import paths
from sparkjobs.errors import WriteError
from sparkjobs.ingest.storage import S3Settings, filesystem
from sparkjobs.tables.opening import Place
from sparkjobs.tables.reading import inside_table

# Beside letters, digits and _.-~/, what delta-rs leaves as it is in a path of the log (its PathPart of
# object_store); all else it writes as %XX.
_PLAIN = "!$&'()+,:;=@/"
# What makes a folder a Delta table, or the checkpoint of a stream.
_MARKS = ("_delta_log", "offsets", "commits")


def sizes(place: Place, names: Sequence[str]) -> list[int | None]:
    """The size of each file in bytes; ``None`` for one that is not there.

    Args:
        place: the table.
        names: paths inside it.
    """
    if paths.is_local(place.path):
        return [_local_size(f"{place.path}/{name}") for name in names]
    from pyarrow import fs

    system, inside = filesystem(place.path, S3Settings.from_environment(os.environ))
    found = system.get_file_info([paths.child(inside, name) for name in names])
    return [info.size if info.type == fs.FileType.File else None for info in found]


def data_files(table: Any) -> list[str]:
    """The data files of an opened version, as paths inside the table."""
    return [unquote(item.as_py()) for item in table.get_add_actions().column("path")]


def missing(table: Any, place: Place) -> list[str]:
    """The data files of an opened version that are not there."""
    names = data_files(table)
    return _without_size(names, sizes(place, names))


def basename(name: str) -> str:
    """The last part of a path."""
    return name.rpartition("/")[2]


def refuse_unnameable(logged: Iterable[str], path: str) -> None:
    """Refuse to take files out of a table whose paths delta-rs would write in another way than the log has.

    Spark writes letters beyond ASCII as they are and finds a removed file by the text of its path
    (``InMemoryLogReplay``): to it the file would stay, with its rows.

    Args:
        logged: paths as the log writes them.
        path: the table, for the message.

    Raises:
        WriteError: names a file.
    """
    for name in logged:
        if quote(unquote(name), safe=_PLAIN) != name:
            raise WriteError(
                f"{name} of {path} has letters in its name by which only Spark can take it out of the table",
                "Use Spark: RESTORE and OPTIMIZE in SQL.",
            )


def below_others(place: Place, names: Sequence[str]) -> set[str]:
    """Those of the files that lie in another table, or in a stream's checkpoint, below this table."""
    folders = sorted({folder for name in names for folder in _folders(name)})
    marks = [f"{folder}/{mark}" for folder in folders for mark in _MARKS]
    found = inside_table(place).get_file_info(marks) if marks else []
    others = {info.path.rpartition("/")[0] for info in found if info.type != _missing()}
    return {name for name in names if others.intersection(_folders(name))}


def delete(place: Place, names: Sequence[str]) -> None:
    """Delete files of a table; one that is gone already is none to delete."""
    system = inside_table(place)
    for name in names:
        with suppress(FileNotFoundError):
            system.delete_file(name)


def _folders(name: str) -> list[str]:
    """The folders of the table in which a file lies, outermost first."""
    parts = name.split("/")[:-1]
    return ["/".join(parts[: i + 1]) for i in range(len(parts))]


def _missing() -> Any:
    from pyarrow import fs

    return fs.FileType.NotFound


def _without_size(names: Iterable[str], found: Iterable[int | None]) -> list[str]:
    return [name for name, size in zip(names, found, strict=True) if size is None]


def _local_size(path: str) -> int | None:
    try:
        return os.stat(path).st_size  # noqa: PTH116 - the name is text, not an address
    except FileNotFoundError:
        return None
