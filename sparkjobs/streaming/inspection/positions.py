"""How far a stream is in each of its inputs, told from its lists."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from sparkjobs.ingest.flows import DELTA, FILES, KAFKA, RATE
from sparkjobs.streaming.folder import Folder
from sparkjobs.streaming.inspection.inspection import SourceStand
from sparkjobs.streaming.progress.batch_progress import BatchProgress
from sparkjobs.streaming.sources.delta.commits import rows_of
from sparkjobs.streaming.sources.kafka.pinned import read_pinned
from sparkjobs.streaming.sources.lists import Lists

_KINDS = {kind: kind for kind in (KAFKA, DELTA, RATE)}


def kind_of(where: str) -> str:
    """What kind of source an input is. Pure."""
    return _KINDS.get(where.partition("://")[0].lower(), FILES)


def stands(
    checkpoint: Folder,
    inputs: Sequence[str],
    lists: Lists | None,
    done: int,
    told: BatchProgress | None = None,
) -> tuple[SourceStand, ...]:
    """How far a stream is in its inputs.

    Args:
        checkpoint: the stream's folder.
        inputs: its inputs.
        lists: the lists of what was found; ``None``: they cannot be read.
        done: how many of them belong to batches that are done.
        told: the progress of the newest of these batches, for sources that only others know.
    """
    if lists is None:
        return tuple(SourceStand(kind_of(where), where, {}, None) for where in inputs)
    unread = [json.loads(line) for number in range(done, lists.count) for line in lists.read(number)]
    newest = [json.loads(line) for line in lists.newest(done)]
    if len(inputs) == 1 and kind_of(inputs[0]) == KAFKA:
        pinned = read_pinned(checkpoint)
        begin = {} if pinned is None else pinned.begin
        return (_topic(inputs[0], newest, begin, told),)
    return tuple(_stand(where, newest, unread, done, alone=len(inputs) == 1) for where in inputs)


_Lines = Sequence[Mapping[str, Any]]


def _stand(where: str, newest: _Lines, unread: _Lines, done: int, *, alone: bool) -> SourceStand:
    kind = kind_of(where)
    if kind == DELTA:
        versions = [int(line["version"]) for line in newest]
        return SourceStand(kind, where, {"version": max(versions)} if versions else {}, _rows(unread))
    if kind == RATE:
        return SourceStand(
            kind, where, {"rows": max((_end(line) for line in newest), default=0)}, _count(unread)
        )
    mine = [line for line in unread if alone or _below(str(line.get("path")), where)]
    return SourceStand(kind, where, {"lists": done}, len(mine))


def _topic(where: str, newest: _Lines, begin: Mapping[int, int], told: BatchProgress | None) -> SourceStand:
    """The offset that comes next in each partition; brokers are not asked how many records they have."""
    offsets = {str(part): offset for part, offset in sorted(begin.items())}
    offsets |= {str(line["partition"]): _end(line) for line in newest}
    if told is None:
        return SourceStand(KAFKA, where, offsets, None)
    return SourceStand(KAFKA, where, offsets, told.lag, told.lag_by_partition)


def _end(line: Mapping[str, Any]) -> int:
    return int(line["until"])


def _count(unread: _Lines) -> int:
    return sum(int(line["until"]) - int(line["from"]) for line in unread)


def _rows(unread: _Lines) -> int | None:
    """Rows of a table's files, where the statistics of all of them tell."""
    rows = [rows_of(line["add"]) for line in unread]
    known = [count for count in rows if count is not None]
    return sum(known) if len(known) == len(rows) else None


def _below(path: str, where: str) -> bool:
    return path == where or path.startswith(where.rstrip("/") + "/")
