"""What Spark keeps of a stream, looked at before Spark does, and refused when a piece is missing.

A checkpoint holds ``metadata`` (the query's id), ``offsets/N`` (what batch N shall read),
``commits/N`` (batch N is done) and ``sources/0/N`` (which files the source has seen). Spark starts
with whatever of them it finds: with some pieces gone it counts files twice, or never. The newest
commit alone may be missing, for that is what a crash leaves: the batch is repeated and the tables,
which know its number, pass it over.
"""

from __future__ import annotations

import json
from dataclasses import dataclass

from sparkjobs import paths
from sparkjobs.errors import WriteError
from sparkjobs.streaming.folder import Folder

# First line of each file of OffsetSeqLog, CommitLog and CompactibleFileStreamLog.
_FORMAT = "v1"
# What a reset sets out to do, written before it does anything and removed when it is done.
RESET = "reset.json"
# What each batch set out to write, see ``records``.
RECORDS = "batches"
MEND = (
    "Bring the checkpoint back from a copy, or start anew with a new --output and --checkpoint. "
    "Nothing was started."
)


@dataclass(frozen=True)
class Progress:
    """How far a stream is.

    Attributes:
        query_id: the id that the tables' transactions carry; ``None`` before the first start.
        planned: the newest batch with an offset; ``None`` before the first batch.
        committed: the newest batch that Spark knows to be done.
        lists: how many lists of files the offsets speak of.
        lists_done: how many of them belong to committed batches.
    """

    query_id: str | None = None
    planned: int | None = None
    committed: int | None = None
    lists: int = 0
    lists_done: int = 0


def inspect(checkpoint: Folder) -> Progress:
    """Read a checkpoint.

    Raises:
        WriteError: a piece is missing or empty, or a reset was cut off; names the file and the mend.
    """
    if RESET in checkpoint.names():
        raise _reset_not_finished(checkpoint)
    offsets, commits = checkpoint.child("offsets"), checkpoint.child("commits")
    sources = checkpoint.child("sources/0")
    planned, committed, seen = _newest(offsets), _newest(commits), _newest(sources)
    query_id = _query_id(checkpoint, started=planned is not None or committed is not None)
    if planned is None and committed is None:
        return Progress(query_id)
    if planned is None or (committed is not None and committed > planned):
        raise WriteError(f"{paths.child(offsets.path, str(committed))} is missing", MEND)
    if committed is not None:
        _content(commits, str(committed))
    lists = lists_at(offsets, planned)
    if seen is None or seen < lists - 1:
        raise WriteError(f"{paths.child(sources.path, str(lists - 1))} is missing", MEND)
    _content(sources, _name_of(sources, seen))
    if committed is not None and f"{committed}.json" not in checkpoint.child(RECORDS).names():
        # The next batch goes on from it: without it the watermark would go back.
        place = paths.child(paths.child(checkpoint.path, RECORDS), f"{committed}.json")
        raise WriteError(f"{place} is missing", MEND)
    done = lists if committed == planned else lists_at(offsets, committed) if committed is not None else 0
    return Progress(query_id, planned, committed, lists, done)


def _reset_not_finished(checkpoint: Folder) -> WriteError:
    return WriteError(
        f"a reset of the checkpoint {checkpoint.path} was begun and is not finished",
        f"Finish it: {checkpoint.path}/{RESET} says to which batch "
        f"(sparkjob stream reset {checkpoint.path} --to BATCH --yes).",
    )


def _newest(folder: Folder) -> int | None:
    """The newest entry of a log; a checksum without its file would end Spark with a riddle."""
    names = folder.names()
    for name in names:
        # Hadoop's ChecksumFs keeps the checksum of N in .N.crc (see FileContextBasedCheckpointFileManager).
        stem = name[1:-4] if name.startswith(".") and name.endswith(".crc") else None
        if stem is not None and stem.split(".")[0].isdigit() and stem not in names:
            place = paths.child(folder.path, name)
            raise WriteError(
                f"{paths.child(folder.path, stem)} is missing and its checksum {place} is not: "
                "Spark would report several streams on one checkpoint",
                f"If the file was lost or deleted, remove the checksum too: rm '{place}'. "
                "The batch is then repeated; the tables do not take it twice.",
            )
    numbers = [int(name.split(".")[0]) for name in names if name.split(".")[0].isdigit()]
    return max(numbers, default=None)


def _name_of(folder: Folder, number: int) -> str:
    """Every so often the source's log is written as a whole, as ``N.compact``."""
    # (CompactibleFileStreamLog: each spark.sql.streaming.fileSource.log.compactInterval, 10.)
    return next(name for name in (str(number), f"{number}.compact") if name in folder.names())


def _content(folder: Folder, name: str) -> list[str]:
    if name not in folder.names():
        raise WriteError(f"{paths.child(folder.path, name)} is missing", MEND)
    lines = folder.read(name).splitlines()
    if not lines or lines[0] != _FORMAT:
        found = f"begins with {lines[0][:20]!r}, not {_FORMAT!r}" if lines else "is empty"
        raise WriteError(f"{paths.child(folder.path, name)} {found}", MEND)
    return lines


def _query_id(checkpoint: Folder, *, started: bool) -> str | None:
    if "metadata" not in checkpoint.names():
        if started:
            raise WriteError(f"{paths.child(checkpoint.path, 'metadata')} is missing", MEND)
        return None
    try:
        return str(json.loads(checkpoint.read("metadata"))["id"])
    except (ValueError, KeyError, TypeError) as error:
        raise WriteError(f"{paths.child(checkpoint.path, 'metadata')} holds no query id", MEND) from error


def lists_at(offsets: Folder, planned: int) -> int:
    """How many lists the offset of a batch speaks of.

    Raises:
        WriteError: the file is missing, empty or cut off.
    """
    # A version, the batch's settings, then one line for our one source.
    lines = _content(offsets, str(planned))
    try:
        # FileStreamSourceOffset: the number of the newest entry in the source's own log.
        return int(json.loads(lines[2])["logOffset"]) + 1
    except (IndexError, ValueError, KeyError, TypeError) as error:
        raise WriteError(f"{paths.child(offsets.path, str(planned))} is cut off", MEND) from error
