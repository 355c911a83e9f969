"""How far a stream is in each of its inputs, told from its lists."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from sparkjobs.ingest.flows import DELTA, KAFKA, RATE
from sparkjobs.streaming.inspection.inspection import SourceStand
from sparkjobs.streaming.sources.delta.commits import rows_of
from sparkjobs.streaming.sources.lists import Lists, is_replay_line

FILES = "files"
Line = Mapping[str, Any]
Lines = Sequence[Line]


def kind_of(where: str) -> str:
    """What kind of source an input is. Pure."""
    scheme = where.partition("://")[0].lower()
    return scheme if scheme in (KAFKA, DELTA, RATE) else FILES


def stands(
    inputs: Sequence[str], lists: Lists | None, done: int, told_lag: int | None
) -> tuple[SourceStand, ...]:
    """How far a stream is in its inputs.

    Args:
        inputs: its inputs.
        lists: the lists of what was found; ``None``: they cannot be read.
        done: how many of them belong to batches that are done.
        told_lag: what the progress of the newest of these batches says, for sources that only others know.
    """
    if lists is None:
        return tuple(SourceStand(kind_of(where), where, {}, None) for where in inputs)
    newest = _newest(lists, done)
    unread = [json.loads(line) for number in range(done, lists.count) for line in _own(lists, number)]
    return tuple(_stand(where, newest, unread, done, told_lag, len(inputs) == 1) for where in inputs)


def _own(lists: Lists, number: int) -> list[str]:
    """The lines of a list that are of the source, and not late rows that are taken in."""
    return [line for line in lists.read(number) if not is_replay_line(line)]


def _newest(lists: Lists, done: int) -> Lines:
    """The lines of the newest list that is done."""
    found = (lines for number in range(done - 1, -1, -1) if (lines := _own(lists, number)))
    return [json.loads(line) for line in next(found, [])]


def _stand(
    where: str, newest: Lines, unread: Lines, done: int, told_lag: int | None, alone: bool
) -> SourceStand:
    kind = kind_of(where)
    if kind == KAFKA:
        # Each list names every partition; how many records the broker has since, only it knows.
        return SourceStand(kind, where, {str(line["partition"]): line["until"] for line in newest}, told_lag)
    if kind == DELTA:
        offsets = _greatest("version", newest, lambda line: line["version"])
        return SourceStand(kind, where, offsets, _rows(unread))
    if kind == RATE:
        offsets = _greatest("rows", newest, lambda line: line["until"])
        return SourceStand(kind, where, offsets, sum(line["until"] - line["from"] for line in unread))
    mine = [line for line in unread if alone or _below(str(line.get("path")), where)]
    return SourceStand(kind, where, {"lists": done}, len(mine))


def _greatest(name: str, lines: Iterable[Line], value: Callable[[Line], int]) -> dict[str, int]:
    found = [value(line) for line in lines]
    return {name: max(found)} if found else {}


def _rows(unread: Lines) -> int | None:
    """Rows of a table's files, where the statistics of all of them tell."""
    rows = [rows_of(line["add"]) for line in unread]
    known = [count for count in rows if count is not None]
    return sum(known) if len(known) == len(rows) else None


def _below(path: str, where: str) -> bool:
    return path == where or path.startswith(where.rstrip("/") + "/")
