"""No table lies in another: each table's vacuum takes what lies below it and no version needs."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from sparkjobs import paths
from sparkjobs.errors import WriteError
from sparkjobs.jvm import hadoop_configuration, jvm_of

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

_LOG_FOLDER = "_delta_log"
HINT = "Give each table a place of its own, beside the other."


def refuse_nested(spark: SparkSession, path: str) -> None:
    """Refuse a place below or above another table. A job's folder of tables is none.

    Raises:
        WriteError: names the other table.
    """
    refuse_below(spark, path)
    own = _is_folder(spark, paths.child(path, _LOG_FOLDER))
    inner = next(_tables_below(spark, path, of_table=own), None)
    if inner is not None:
        raise WriteError(f"the table {inner} lies below {path}, whose vacuum could delete it", HINT)


def refuse_below(spark: SparkSession, path: str) -> None:
    """Refuse a place that lies in a table.

    Raises:
        WriteError: names the table.
    """
    for folder in _above(path):
        if _is_folder(spark, paths.child(folder, _LOG_FOLDER)):
            raise WriteError(f"{path} lies in the table {folder}, whose vacuum could delete it", HINT)


def _above(path: str) -> list[str]:
    """The folders above a path, up to the bucket or the root. Pure."""
    scheme, mark, rest = path.partition("://") if not paths.is_local(path) else ("", "", path)
    parts = rest.rstrip("/").split("/")
    return [scheme + mark + "/".join(parts[:i]) for i in range(len(parts) - 1, 0, -1) if parts[:i] != [""]]


def _tables_below(spark: SparkSession, path: str, *, of_table: bool) -> Iterator[str]:
    """Tables below a folder.

    Args:
        spark: the session.
        path: the folder.
        of_table: whether it is a table's. Then folders of partitions are left out, of which there may be
            tens of thousands: a new table in one of them is refused when it is made. Else they are what a
            killed first write may have left, and other folders are refused as a stranger's anyway.
    """
    for name in _folders(spark, path):
        partition = "=" in name
        if name.startswith("_") or (partition and of_table):
            continue
        inner = paths.child(path, name)
        if _is_folder(spark, paths.child(inner, _LOG_FOLDER)):
            yield inner
        if partition != of_table:
            yield from _tables_below(spark, inner, of_table=of_table)


def _is_folder(spark: SparkSession, path: str) -> bool:
    if paths.is_local(path):
        return os.path.isdir(path)  # noqa: PTH112 - text, not a file
    try:
        place, system = _hadoop(spark, path)
        return bool(system.exists(place))
    except Exception:  # a folder above that may not be looked at holds no table that we could vacuum
        return False


def _folders(spark: SparkSession, path: str) -> list[str]:
    if paths.is_local(path):
        if not os.path.isdir(path):  # noqa: PTH112
            return []
        with os.scandir(path) as entries:
            return sorted(entry.name for entry in entries if entry.is_dir(follow_symlinks=False))
    place, system = _hadoop(spark, path)
    if not system.exists(place):
        return []
    return sorted(str(s.getPath().getName()) for s in system.listStatus(place) if s.isDirectory())


def _hadoop(spark: SparkSession, path: str) -> tuple[Any, Any]:
    place = jvm_of(spark).org.apache.hadoop.fs.Path(paths.hadoop(path))
    return place, place.getFileSystem(hadoop_configuration(spark))
