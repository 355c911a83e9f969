"""Deleting files that no version needs any more: never those of a tagged version, never young ones."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from launcher.tables.editing import Edit, committed, editing
from launcher.tables.table_facts import tags_of
from launcher.tables.table_lock import Locking
from launcher.tables.table_storage import basename, below_others, data_files, delete, sizes
from sparkjobs.errors import DataError, UsageError, WriteError
from sparkjobs.tables.opening import Place, open_table

# Longer than any transaction that may be writing, or query that may be reading, an old version.
SAFE_HOURS = 168
_PROPERTY = "delta.deletedFileRetentionDuration"
_INTERVAL = re.compile(r"(?:interval )?(\d+) (hour|day|week)s?", re.IGNORECASE)
# Names that Delta's writers give to data, change data and deletion vectors.
_OURS = re.compile(r"part-[^.]*(\..*parquet)?|cdc-.*\.parquet|deletion_vector_.*\.bin")
_HOURS = {"hour": 1, "day": 24, "week": 168}


@dataclass(frozen=True)
class Vacuumed:
    """What a vacuum deletes, or would; sizes in bytes.

    Attributes:
        files: path inside the table, and size.
        kept: the tagged versions whose files stay.
        retain_hours: files younger than this stay too.
        version: the table's newest version; of the vacuum's own commit when it ran.
    """

    executed: bool
    files: tuple[tuple[str, int], ...]
    kept: Mapping[str, int]
    retain_hours: int
    version: int

    @property
    def bytes(self) -> int:
        """Bytes of all the files."""
        return sum(size for _, size in self.files)


def retention(properties: Mapping[str, str | None], wanted: int | None, path: str) -> int:
    """Hours for which deleted files are kept. Pure.

    Args:
        properties: the table's.
        wanted: what the user asks for; the shortest safe time when ``None``.
        path: the table, for the message.

    Raises:
        UsageError: shorter than is safe, or the table's own setting is of a kind we do not know.
    """
    least = SAFE_HOURS
    setting = properties.get(_PROPERTY)
    if setting:
        match = _INTERVAL.fullmatch(setting.strip())
        if match is None:
            raise UsageError(
                f"the table {path} has {_PROPERTY} = {setting!r}", "Write it as interval 30 days."
            )
        least = max(least, int(match.group(1)) * _HOURS[match.group(2).lower()])
    if wanted is not None and wanted < least:
        raise UsageError(
            f"--retain-hours {wanted} is not safe for {path}: running jobs may still need younger files",
            f"At least {least}.",
        )
    return wanted or least


def vacuum(place: Place, wanted_hours: int | None, *, execute: bool, locking: Locking) -> Vacuumed:
    """List the files that no kept version needs, and delete them, under the table's lock, if ``execute``.

    Only the table's own files: those that its log has named, and what killed runs have left under names
    that Delta's writers give. Never what lies in another table, or a stream's checkpoint, below this one.

    Raises:
        WriteError: a tagged version cannot be read, so that it is not known what it needs.
    """
    requested = {"retain_hours": wanted_hours}
    with editing(place, "table_vacuum", requested, locking if execute else None) as edit:
        hours = retention(edit.table.metadata().configuration, wanted_hours, place.path)
        kept = tags_of(edit.table)
        needed = _needed(place, kept)
        named, left = _candidates(edit.table, place, hours, kept)
        wrong = needed.intersection(named + left)
        if wrong:
            raise WriteError(f"vacuum of {place.path} would delete {min(wrong)}, which a tag keeps")
        rubbish = sorted(named + left)
        found = sizes(place, rubbish)
        files = tuple((name, size) for name, size in zip(rubbish, found, strict=True) if size is not None)
        version = _execute(edit, hours, kept, named, left) if execute and files else edit.table.version()
        return Vacuumed(execute, files, kept, hours, version)


def _needed(place: Place, kept: Mapping[str, int]) -> set[str]:
    """The files of the tagged versions, by our own reading of the log."""
    needed: set[str] = set()
    for name, version in kept.items():
        try:
            needed.update(data_files(open_table(place, version)))
        except DataError as error:
            raise WriteError(
                f"the tag {name!r} names version {version} of {place.path}, which cannot be read: "
                "what it needs is not known, so nothing is deleted",
                f"Move the tag to a version that is left: sparkjob table tag TABLE {name} --move.",
            ) from error
    return needed


def _candidates(table: Any, place: Place, hours: int, kept: Mapping[str, int]) -> tuple[list[str], list[str]]:
    """Old files that the log has taken out, and old files that it never named and that look like ours.

    Raises:
        WriteError: a file that the log has taken out lies in another table.
    """
    arguments = _arguments(hours, kept)
    taken_out = {basename(name) for name in table.vacuum(**arguments, dry_run=True)}
    # Full: delta-rs lists whatever lies below the table, also other tables, checkpoints and strangers.
    old = table.vacuum(**arguments, full=True, dry_run=True)
    foreign = below_others(place, old)
    named = [name for name in old if basename(name) in taken_out]
    for name in named:
        if name in foreign:
            raise WriteError(
                f"{name} was of {place.path} and lies in another table below it: nothing is deleted",
                "Move the table below to a place of its own.",
            )
    left = [name for name in old if name not in foreign and basename(name) not in taken_out]
    return named, [name for name in left if _looks_ours(name)]


def _looks_ours(name: str) -> bool:
    """Whether a Delta writer may have left the file: by its name, and by the folder it lies in. Pure.

    Spark names the files of plain Parquet as those of a table: a folder of them is somebody's.
    """
    *folders, file = name.split("/")
    ours = all("=" in folder or folder == "_change_data" for folder in folders)
    return ours and _OURS.fullmatch(file) is not None


def _execute(
    edit: Edit, hours: int, kept: Mapping[str, int], named: Sequence[str], left: Sequence[str]
) -> int:
    """Delete; what no commit names by ourselves, the rest by delta-rs, whose commits tell of it."""

    def change(carried: Any) -> None:
        delete(edit.place, left)
        edit.table.vacuum(**_arguments(hours, kept), dry_run=False, commit_properties=carried)

    if not named:  # delta-rs makes no commit where it deletes nothing
        edit.guard.refuse_if_lost()
        delete(edit.place, left)
        return int(edit.table.version())
    return committed(edit, change, "vacuum")


def _arguments(hours: int, kept: Mapping[str, int]) -> dict[str, Any]:
    return {"retention_hours": hours, "keep_versions": sorted(set(kept.values())) or None}
