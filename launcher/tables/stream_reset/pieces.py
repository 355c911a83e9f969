"""The pieces of a checkpoint: whether a batch is kept, and what goes with the batches after it.

The lists stay. They say what the batches read, so the batches after a reset read the same again, each
once, also what was moved into an archive since or has left a topic: then they fail by name instead of
passing over it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from sparkjobs import paths
from sparkjobs.errors import UsageError, WriteError
from sparkjobs.streaming.checkpoint import RECORDS, lists_at
from sparkjobs.streaming.folder import Folder
from sparkjobs.streaming.progress.batch_progress import from_line
from sparkjobs.streaming.progress.progress_file import NAME as PROGRESS
from sparkjobs.streaming.progress.progress_file import OLDER

_SEEN = "sources/0"
# Spark's logs name an entry N or N.compact, and Hadoop its checksum .N.crc; records are N.json.
_ENTRY = re.compile(r"\.?(\d+)(?:\.compact)?(?:\.crc|\.json)?")


def entries(names: Iterable[str]) -> dict[str, int]:
    """The entries of a log among the names of its folder, with their numbers. Pure."""
    found = ((name, _ENTRY.fullmatch(name)) for name in names)
    return {name: int(match[1]) for name, match in found if match}


def lists_after(checkpoint: Folder, to: int) -> int:
    """How many lists the batches up to one have read.

    Raises:
        UsageError: the batch is not done, or no longer kept.
        WriteError: a piece that Spark needs to go on from it is lost.
    """
    done = set(entries(checkpoint.child("commits").names()).values())
    planned = set(entries(checkpoint.child("offsets").names()).values())
    # The batch after it goes on from its record: the watermark must not go back.
    kept = done & planned & set(entries(checkpoint.child(RECORDS).names()).values())
    if to not in kept:
        raise _not_kept(checkpoint.path, to, kept)
    lists = lists_at(checkpoint.child("offsets"), to)
    lost = missing_entry(checkpoint.child(_SEEN).names(), lists - 1)
    if lost is not None:
        raise WriteError(
            f"--to {to}: no stream can go on from there, for {paths.child(checkpoint.path, _SEEN)}/{lost} "
            "is no longer kept",
            "Choose a later batch.",
        )
    return lists


def missing_entry(names: Iterable[str], newest: int) -> int | None:
    """The first entry that Spark's source would miss in its log up to ``newest``. Pure.

    It reads from the last entry that holds all before it (``N.compact``) on (CompactibleFileStreamLog).
    """
    there = {name: number for name, number in entries(names).items() if not name.startswith(".")}
    whole = [number for name, number in there.items() if name.endswith(".compact") and number <= newest]
    needed = range(max(whole, default=0), newest + 1)
    return next((number for number in needed if number not in there.values()), None)


def _not_kept(checkpoint: str, to: int, kept: set[int]) -> UsageError:
    if not kept:
        return UsageError(f"--to {to}: no batch of {checkpoint} is done")
    if to > max(kept):
        return UsageError(
            f"--to {to}: that batch of {checkpoint} is not done", f"The newest that is done is {max(kept)}."
        )
    return UsageError(
        f"--to {to}: batch {to} of {checkpoint} is no longer kept",
        f"Spark keeps the newest 100; the oldest that is kept is {min(kept)}.",
    )


def remove_after(checkpoint: Folder, to: int, lists: int) -> None:
    """Remove what Spark and we keep of the batches after one; a part that is gone already is no fault."""
    for name, last in (("commits", to), ("offsets", to), (_SEEN, lists - 1), (RECORDS, to)):
        folder = checkpoint.child(name)
        later = {entry: number for entry, number in entries(folder.names()).items() if number > last}
        for entry in sorted(later, key=lambda entry: -later[entry]):
            folder.remove(entry)


def forget_progress(checkpoint: Folder, to: int) -> None:
    """Take the lines of the batches after one out of the progress."""
    for name in {PROGRESS, OLDER} & set(checkpoint.names()):
        lines = checkpoint.read(name).splitlines(keepends=True)
        kept = [line for line in lines if not _is_after(line, to)]
        if kept != lines:
            checkpoint.write(name, "".join(kept))


def _is_after(line: str, to: int) -> bool:
    try:
        return from_line(line).batch > to
    except ValueError:  # what a crash left of a line
        return False
