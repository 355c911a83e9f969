"""The files of a table as they lie on the disk or in the bucket."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from typing import Any
from urllib.parse import unquote

from sparkjobs import paths
from sparkjobs.ingest.storage import S3Settings, filesystem
from sparkjobs.tables.opening import Place


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


def _without_size(names: Iterable[str], found: Iterable[int | None]) -> list[str]:
    return [name for name, size in zip(names, found, strict=True) if size is None]


def _local_size(path: str) -> int | None:
    try:
        return os.stat(path).st_size  # noqa: PTH116 - the name is text, not an address
    except FileNotFoundError:
        return None
