"""A new table is not put among files that are not a table's: its vacuum would delete them one day."""

from __future__ import annotations

import os

from sparkjobs import paths
from sparkjobs.errors import WriteError
from sparkjobs.ingest.storage import S3Settings, filesystem

# Delta's log and change data (CDCReader), its files (DelayedCommitProtocol) with the .crc of Hadoop's
# ChecksumFileSystem, and what GENERATE symlink_format_manifest writes.
_OWN = ("_delta_log", "_change_data", "part-", ".part-", "_symlink_format_manifest")


def refuse_foreign_folder(path: str) -> None:
    """Look at the place of a new table; what a killed first write has left there may stay.

    Raises:
        WriteError: it is a file, or a folder with files of others; names one.
    """
    foreign = [name for name in _names(path) if not name.startswith(_OWN) and "=" not in name]
    if foreign:
        raise WriteError(
            f"{path} is not a Delta table and holds {sorted(foreign)[0]!r}",
            "Choose a new or empty place for the table.",
        )


def _names(path: str) -> list[str]:
    if paths.is_local(path):
        if os.path.isfile(path):  # noqa: PTH113 - text, not a file
            raise WriteError(f"{path} is a file, not a table", "Choose another place for the table.")
        return os.listdir(path) if os.path.isdir(path) else []  # noqa: PTH112, PTH208
    from pyarrow import fs

    system, inside = filesystem(path, S3Settings.from_environment(os.environ))
    found = system.get_file_info(fs.FileSelector(inside, allow_not_found=True))
    # A store may list a mark for the folder itself.
    return [entry.base_name for entry in found if entry.path.rstrip("/") != inside.rstrip("/")]
