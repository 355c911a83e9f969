"""Files that a stream passes over: those that the user named, and broken ones that went to quarantine.

They are kept beside the checkpoint, so that a batch that was planned is repeated without them, whatever
the flags of the next start. A file on this list is never read and never compared.
"""

from __future__ import annotations

import json
import shlex
from collections.abc import Collection, Iterable, Sequence
from typing import Literal

from sparkjobs.errors import DataError, UsageError
from sparkjobs.ingest.model import InputFile, displayed
from sparkjobs.streaming.folder import Folder
from sparkjobs.streaming.sources.skip import Skip

NAME = "skipped.jsonl"
BadFiles = Literal["fail", "quarantine"]


def to_line(skip: Skip) -> str:
    """A skip as one line of JSON (ASCII, so that names that are not UTF-8 survive)."""
    return json.dumps({"path": skip.path, "reason": skip.reason})


def from_line(line: str) -> Skip:
    """Read what ``to_line`` wrote."""
    value = json.loads(line)
    return Skip(value["path"], value["reason"])


def way_out(path: str, *, quarantine: bool = True) -> str:
    """What a user may do about a file that stops the stream."""
    other = ", or over every such file with --bad-files quarantine" if quarantine else ""
    return f"To go on without it, pass over it with --skip-file {shlex.quote(displayed(path))}{other}."


def stopping(path: str, error: DataError, *, quarantine: bool = True) -> DataError:
    """The error of a file, with the ways to go on without it."""
    hint = f"{error.hint} " if error.hint else ""
    return DataError(error.message, hint + way_out(path, quarantine=quarantine))


def refuse_unknown(given: Iterable[str], known: Iterable[str]) -> None:
    """Refuse a skip that names no file of the stream: it would be ignored without a word. Pure.

    Raises:
        UsageError: names the path.
    """
    unknown = sorted(set(given) - set(known))
    if unknown:
        raise UsageError(
            f"--skip-file {displayed(unknown[0])}: the stream has no such file",
            "Write the path as the error or the input's listing shows it.",
        )


def refuse_faults(
    listed: Iterable[InputFile], seen: Collection[str], named: Collection[str], skips: Skips
) -> None:
    """Refuse new files that can be seen from outside to be no files that anybody can read. Pure.

    Args:
        listed: the input now.
        seen: the files on a list already; their batch looks at them.
        named: the inputs as given. One that is missing stops the stream whatever happens to bad files:
            it may be a disk that is not there.
        skips: the files that are passed over.

    Raises:
        DataError: the first such file, with the ways to go on without it.
    """
    for file in listed:
        if file.fault is None or file.path in seen or file.path in skips:
            continue
        if file.path in named or skips.bad_files == "fail":
            raise stopping(file.path, file.fault, quarantine=file.path not in named)


def passed_over(skips: Sequence[Skip]) -> list[str]:
    """What to tell of the files that a batch passed over. Pure."""
    named = [displayed(skip.path) for skip in skips if skip.reason is None]
    broken = [skip.reason for skip in skips if skip.reason is not None]
    warnings = [f"{len(named)} files were passed over by --skip-file, such as {named[0]}"] if named else []
    if broken:
        warnings.append(f"{len(broken)} files could not be read and are in quarantine: {broken[0]}")
    return warnings


def lost_since(
    number: int, lost: Sequence[Skip], tables: Sequence[str], skipped: Collection[str]
) -> list[str]:
    """What to tell of files that a batch was begun with and that cannot be read any more. Pure.

    Args:
        number: the batch.
        lost: the files, with the reasons.
        tables: names of the tables that still need the rows of its files.
        skipped: the files that the user lets go.

    Raises:
        DataError: rows would be missing from a table, and the user did not let the file go.
    """
    for skip in lost:
        if tables and skip.path not in skipped:
            error = DataError(
                f"{skip.reason}; batch {number} is in some of its tables and {', '.join(tables)} would lack "
                "the file's rows",
                "Bring it back as it was.",
            )
            raise stopping(skip.path, error, quarantine=False)
    what = f"{', '.join(tables)} will lack its rows" if tables else "its rows are in the tables already"
    return [f"batch {number}: {displayed(skip.path)} cannot be read any more; {what}" for skip in lost]


class Skips:
    """The files that one stream passes over.

    Args:
        checkpoint: the stream's folder.
        bad_files: what happens to a file that cannot be read.

    Raises:
        WriteError: the list of kept files cannot be read.
    """

    def __init__(self, checkpoint: Folder, bad_files: BadFiles = "fail") -> None:
        self.bad_files = bad_files
        self._checkpoint = checkpoint
        self._skips = {skip.path: skip for skip in _kept(checkpoint)}

    def __contains__(self, path: object) -> bool:
        return path in self._skips

    @property
    def paths(self) -> frozenset[str]:
        """The files that are passed over."""
        return frozenset(self._skips)

    def keep(self, skips: Iterable[Skip]) -> None:
        """Pass over more files from now on, in this run and those after it."""
        new = {skip.path: skip for skip in skips if skip.path not in self._skips}
        if new:
            self._skips |= new
            text = "".join(to_line(skip) + "\n" for skip in self._skips.values())
            self._checkpoint.write(NAME, text)


def let_in(checkpoint: Folder, broken: Collection[str]) -> None:
    """Have files read again that were passed over because they could not be read.

    Args:
        checkpoint: the stream's folder.
        broken: their paths. A file that the user named stays passed over.
    """
    kept = _kept(checkpoint)
    left = [skip for skip in kept if skip.reason is None or skip.path not in broken]
    if left != kept:
        checkpoint.write(NAME, "".join(to_line(skip) + "\n" for skip in left))


def _kept(checkpoint: Folder) -> list[Skip]:
    return checkpoint.parsed(NAME, lambda text: [from_line(line) for line in text.splitlines()]) or []
