"""Opening a table, local or in an object store, at the version that is asked for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Any
from urllib.parse import quote

from sparkjobs import paths
from sparkjobs.errors import DataError, UsageError
from sparkjobs.ingest.storage import S3Settings
from sparkjobs.tables.log import MISREAD


@dataclass(frozen=True)
class Place:
    """Where a table stands: as the user names it, as delta-rs wants it, and how to get there."""

    path: str
    uri: str
    options: Mapping[str, str]


def place_of(path: str, environ: Mapping[str, str]) -> Place:
    """Find a table's address. Pure.

    Raises:
        UsageError: a scheme that delta-rs does not read.
    """
    whole = paths.normalise(path)
    scheme = paths.scheme_of(whole)
    if scheme == "file":
        odd = MISREAD.search(whole)
        if odd:
            raise UsageError(
                f"{path}: tables below a name with {odd.group()!r} are read by Spark only",
                "Rename the folder, or use Python: sparkjobs.tables.edit.",
            )
        return Place(whole, "file://" + quote(whole), {})
    if scheme == "s3a":
        return Place(whole, "s3" + whole[3:], S3Settings.from_environment(environ).deltalake_options())
    if scheme == "hdfs":
        raise UsageError(
            f"{path}: tables on hdfs are read by Spark only", "Use Python: sparkjobs.tables.edit."
        )
    return Place(whole, whole, {})


def open_table(place: Place, version: int | None = None) -> Any:
    """The table, at a version or the newest.

    Raises:
        UsageError: there is no table.
        DataError: the version was never there, or its log has been cleaned up.
    """
    from deltalake import DeltaTable
    from deltalake.exceptions import DeltaError, TableNotFoundError

    try:
        table = DeltaTable(place.uri, storage_options=dict(place.options))
    except TableNotFoundError as error:
        raise UsageError(f"{place.path} is not a Delta table", "Check the path.") from error
    except (DeltaError, OSError) as error:
        raise DataError(f"the table {place.path} cannot be read: {_first_line(error)}") from error
    if version is not None and version != table.version():
        _load(table, place, version)
    return table


def at_time(table: Any, place: Place, text: str) -> int:
    """The version that was the newest at a moment.

    Args:
        table: the table.
        place: where it stands.
        text: ISO 8601; UTC unless it says otherwise.

    Raises:
        UsageError: not a time, or one before the table's first version that can be read.
    """
    try:
        moment = datetime.fromisoformat(text.replace("Z", "+00:00"))
    except ValueError as error:
        raise UsageError(f"--as-of {text!r} is not a time", "Such as 2026-01-31T05:00:00Z.") from error
    moment = moment.replace(tzinfo=moment.tzinfo or timezone.utc)
    limit_ms = moment.timestamp() * 1000
    versions = [row["version"] for row in table.history() if row["timestamp"] <= limit_ms]
    if not versions:
        raise UsageError(
            f"the table {place.path} has no version that old ({text})", "sparkjob table history lists them."
        )
    return int(max(versions))


def _load(table: Any, place: Place, version: int) -> None:
    from deltalake.exceptions import DeltaError

    newest = table.version()
    if not 0 <= version <= newest:
        raise DataError(f"the table {place.path} has no version {version}", f"Its newest is {newest}.")
    try:
        table.load_as_version(version)
    except DeltaError as error:
        raise DataError(
            f"version {version} of {place.path} can no longer be read: its log was cleaned up",
            "sparkjob table history lists the versions that are left.",
        ) from error


def _first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0][:300]
