"""How far a stream is in each of its inputs, told from its lists."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sparkjobs.streaming.folder import Folder
from sparkjobs.streaming.inspection.inspection import SourceStand
from sparkjobs.streaming.sources.lists import Lists

_KINDS = {"kafka": "kafka", "delta": "delta", "rate": "rate"}


def kind_of(where: str) -> str:
    """What kind of source an input is. Pure."""
    return _KINDS.get(where.partition("://")[0], "files")


def stands(
    checkpoint: Folder, inputs: Sequence[str], lists: Lists | None, done: int
) -> tuple[SourceStand, ...]:
    """How far a stream is in its inputs.

    Args:
        checkpoint: the stream's folder.
        inputs: its inputs.
        lists: the lists of what was found; ``None``: they cannot be read.
        done: how many of them belong to batches that are done.
    """
    if lists is None:
        return tuple(SourceStand(kind_of(where), where, {}, None) for where in inputs)
    unread = [json.loads(line) for number in range(done, lists.count) for line in lists.read(number)]
    return tuple(_files(where, unread, done, alone=len(inputs) == 1) for where in inputs)


def _files(where: str, unread: Iterable[Mapping[str, Any]], done: int, *, alone: bool) -> SourceStand:
    lag = sum(alone or _below(str(line.get("path")), where) for line in unread)
    return SourceStand("files", where, {"lists": done}, lag)


def _below(path: str, where: str) -> bool:
    return path == where or path.startswith(where.rstrip("/") + "/")
