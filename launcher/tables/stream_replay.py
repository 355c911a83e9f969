"""Late rows of a stream, written down for its next run."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Any

from sparkjobs import identity, paths
from sparkjobs.errors import UsageError
from sparkjobs.streaming.driver_lock import driving
from sparkjobs.streaming.event_time.replay import Replay, plan_replay
from sparkjobs.streaming.inspection.look import checkpoint_of


@dataclass(frozen=True)
class Replayed:
    """What the next run shall take in.

    Attributes:
        table: the table of late rows.
        checkpoint: the stream's.
        planned: the batches whose late rows are taken in; ``None``: all were taken in before.
        warnings: what may go wrong nevertheless.
    """

    table: str
    checkpoint: str
    planned: Replay | None
    warnings: tuple[str, ...] = ()

    def document(self) -> dict[str, Any]:
        """As JSON."""
        batches = None if self.planned is None else {"first": self.planned.first, "last": self.planned.last}
        return {
            "v": 1,
            "table": self.table,
            "checkpoint": self.checkpoint,
            "batches": batches,
            "warnings": list(self.warnings),
        }


def replay(table: str, checkpoint: str | None, environ: Mapping[str, str]) -> Replayed:
    """Write down that the next run takes late rows in.

    Args:
        table: the stream's table of late rows.
        checkpoint: the stream's; ``None``: beside the table by its default name.
        environ: how to reach them.

    Raises:
        UsageError: the checkpoint cannot be told from the table's name, or is none.
        LockedError: the stream runs.
        DataError, WriteError: the table is not there, or not this stream's.
    """
    late = paths.normalise(table)
    folder = checkpoint_of(checkpoint or _beside(late), environ)
    if not folder.names():
        raise UsageError(f"{folder.path} is no checkpoint of a stream", "Name it with --checkpoint.")
    started = datetime.now(timezone.utc)
    with driving(folder.path, identity.run_id("stream_replay", started, uuid.uuid4().hex)) as warnings:
        return Replayed(late, folder.path, plan_replay(folder, late), warnings)


def _beside(late: str) -> str:
    if not late.endswith(paths.LATE):
        raise UsageError(
            f"{late} does not end with {paths.LATE}, so its stream is not known",
            "Name the stream's checkpoint with --checkpoint.",
        )
    return f"{late.removesuffix(paths.LATE)}{paths.CHECKPOINT}"
