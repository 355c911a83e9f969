"""What a reset sets out to do, kept in the checkpoint from before the first change until after the last."""

from __future__ import annotations

import msgspec

from sparkjobs.errors import UsageError
from sparkjobs.streaming.checkpoint import RESET
from sparkjobs.streaming.folder import Folder


class TableTarget(msgspec.Struct, frozen=True, kw_only=True):
    """One table of the stream.

    Attributes:
        path: where it stands.
        newest: its newest version before the reset.
        version: the version after the batch; ``None``: the stream made the table later, so it is emptied.
    """

    path: str
    newest: int
    version: int | None


class Intent(msgspec.Struct, frozen=True, kw_only=True):
    """A reset.

    Attributes:
        id: told by its commits, so that it is known which tables it has taken back.
        to: the batch.
        query_id: the stream's.
        lists: how many lists the batches up to it have read.
        tables: those that hold a later batch.
        broken: files whose batches are undone and that were passed over there because they could not be read.
    """

    id: str
    to: int
    query_id: str
    lists: int
    tables: tuple[TableTarget, ...]
    broken: tuple[str, ...] = ()


def read_intent(checkpoint: Folder) -> Intent | None:
    """The reset that was begun and is not finished.

    Raises:
        WriteError: its file cannot be read.
    """
    return checkpoint.parsed(RESET, lambda text: msgspec.json.decode(text, type=Intent))


def write_intent(checkpoint: Folder, intent: Intent) -> None:
    """Keep what is about to be done."""
    checkpoint.write(RESET, msgspec.json.format(msgspec.json.encode(intent)).decode() + "\n")


def remove_intent(checkpoint: Folder) -> None:
    """It is done."""
    checkpoint.remove(RESET)


def refuse_other_batch(intent: Intent, to: int, checkpoint: str) -> None:
    """A reset that was cut off is finished before another one begins. Pure.

    Raises:
        UsageError: names both batches.
    """
    if intent.to != to:
        raise UsageError(
            f"--to {to}: a reset of {checkpoint} to batch {intent.to} was begun and is not finished",
            f"Finish it first: sparkjob stream reset {checkpoint} --to {intent.to} --yes",
        )
