"""Taking late rows in after all: a list of a kind of its own, which the stream's next run does as a batch.

The rule: each late row is taken in once, by the number of the batch that put it aside; the watermark is not
applied to it, and it does not move it.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sparkjobs.errors import DataError, WriteError
from sparkjobs.streaming.checkpoint import inspect
from sparkjobs.streaming.folder import Folder
from sparkjobs.streaming.sources.lists import REPLAY, Lists, is_replay_line
from sparkjobs.tables.log import read_light


@dataclass(frozen=True)
class Replay:
    """Late rows to take in.

    Attributes:
        number: the list's number.
        table: the table of late rows.
        first: the first batch whose late rows are taken in.
        last: the last one.
    """

    number: int
    table: str
    first: int
    last: int


def to_line(replay: Replay) -> str:
    """A list's one line."""
    value = {"list": replay.number, REPLAY: replay.table, "first": replay.first, "last": replay.last}
    return json.dumps(value)


def from_line(line: str) -> Replay:
    """Read what ``to_line`` wrote."""
    value = json.loads(line)
    return Replay(value["list"], value[REPLAY], value["first"], value["last"])


def is_replay(lines: Iterable[str]) -> bool:
    """Whether a list holds late rows; Spark hands out one list at a time."""
    return any(is_replay_line(line) for line in lines)


def next_replay(number: int, table: str, newest: int, before: Sequence[Replay]) -> Replay | None:
    """What is to be taken in that was not; ``None`` where nothing is. Pure.

    Args:
        number: the next list's number.
        table: the table of late rows.
        newest: the newest batch that wrote to it.
        before: what was taken in, or is going to be, of any table.
    """
    first = 1 + max((item.last for item in before if item.table == table), default=-1)
    return None if first > newest else Replay(number, table, first, newest)


def plan_replay(checkpoint: Folder, table: str) -> Replay | None:
    """Write down that the stream's next run shall take its late rows in. No JVM.

    Nobody else may write lists meanwhile: hold the checkpoint's lock.

    Args:
        checkpoint: the stream's folder.
        table: its table of late rows, a path as ``paths.normalise`` gives it.

    Returns:
        what was planned; ``None`` where all late rows were taken in before.

    Raises:
        DataError: there is no such table.
        WriteError: another stream wrote it, or the checkpoint is broken.
    """
    progress = inspect(checkpoint)
    log = read_light(table)
    if log is None or not log.exists:
        raise DataError(f"there is no table {table} that can be read here", "Name the stream's late table.")
    newest = log.last_version(progress.query_id) if progress.query_id else None
    if newest is None:
        raise WriteError(
            f"the table {table} was not written by the stream of {checkpoint.path}",
            "Name the table and the checkpoint of one stream.",
        )
    lists = Lists(checkpoint, progress.lists)
    planned = next_replay(lists.count, table, newest, [from_line(line) for line in lists.replays()])
    if planned is not None:
        lists.append([to_line(planned)])
    return planned
