"""Takes a stream back to a batch, as if the later ones had never been: they are read and written again.

First everything is looked at and nothing changed; then the intent is written; then the tables, then the
checkpoint; the intent goes last. While it is there no stream starts on the checkpoint, and a reset that was
cut off anywhere is finished by the next call.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timezone
from typing import Any

from launcher.tables.editing import Edit
from launcher.tables.stream_reset import pieces
from launcher.tables.stream_reset.intent import (
    Intent,
    TableTarget,
    read_intent,
    refuse_other_batch,
    remove_intent,
    write_intent,
)
from launcher.tables.stream_reset.restored_tables import ACTION, take_back, target_of
from launcher.tables.table_lock import Guard, Locking
from sparkjobs import identity
from sparkjobs.errors import UsageError, WriteError
from sparkjobs.streaming.driver_lock import driving
from sparkjobs.streaming.folder import Folder
from sparkjobs.streaming.inspection.look import Kept, read_kept
from sparkjobs.streaming.records import Records
from sparkjobs.streaming.sources.files.skips import let_in
from sparkjobs.tables.opening import open_table, place_of

Step = Callable[[str], None]


@dataclass(frozen=True)
class Reset:
    """What a reset did, or would do.

    Attributes:
        checkpoint: the stream's folder.
        to: the batch after which the stream goes on.
        tables: those that are taken back, and to which version; ``None``: to no rows.
        resumed: it was begun by an earlier call.
        done: it was done; ``False``: it was only looked at.
        warnings: what may go wrong nevertheless.
    """

    checkpoint: str
    to: int
    tables: tuple[tuple[str, int | None], ...]
    resumed: bool
    done: bool
    warnings: tuple[str, ...] = ()

    def document(self) -> dict[str, Any]:
        """As JSON."""
        tables = [{"path": path, "restored_version": version} for path, version in self.tables]
        return {
            "v": 1,
            "checkpoint": self.checkpoint,
            "to": self.to,
            "tables": tables,
            "resumed": self.resumed,
            "done": self.done,
            "warnings": list(self.warnings),
        }


def reset(
    checkpoint: Folder,
    to: int,
    locking: Locking,
    *,
    execute: bool,
    environ: Mapping[str, str],
    step: Step = lambda _: None,
) -> Reset:
    """Take a stream back to a batch.

    Args:
        checkpoint: the stream's folder.
        to: the batch; it is the newest one afterwards.
        locking: how the tables are locked.
        execute: do it; else only look whether it can be done.
        environ: how to reach the tables.
        step: called before each change with its name.

    Raises:
        LockedError, Locked: the stream runs, or somebody has one of its tables (exit 5).
        UsageError: the batch is not done or no longer kept; another reset is not finished.
        WriteError, DataError: a table cannot be taken back. Nothing was changed, unless the reset was begun
            before.
    """
    if not checkpoint.names():
        raise UsageError(f"{checkpoint.path} is no checkpoint of a stream", "It lies at OUTPUT_checkpoint.")
    who = _who(checkpoint, to)
    with driving(checkpoint.path, who.run_id) as warnings:
        kept = read_kept(checkpoint)
        begun = read_intent(checkpoint)
        if begun is not None:
            refuse_other_batch(begun, to, checkpoint.path)
        tables = _tables(kept, begun, environ)
        with locking.hold(tables, who.run_id, ACTION) as guard:
            intent = begun or _planned(checkpoint, kept, tables, to, environ)
            if execute:
                if begun is None:
                    step("intent")
                    write_intent(checkpoint, intent)
                _carry_out(checkpoint, intent, replace(who, token=guard.token), guard, environ, step)
    targets = tuple((target.path, target.version) for target in intent.tables)
    return Reset(checkpoint.path, to, targets, begun is not None, execute, warnings)


def _who(checkpoint: Folder, to: int) -> identity.RunIdentity:
    started = datetime.now(timezone.utc)
    return identity.RunIdentity(
        job=ACTION,
        interval=identity.start_interval(started).text,
        config_hash=identity.config_hash({"checkpoint": checkpoint.path, "to": to}),
        run_id=identity.run_id(ACTION, started, uuid.uuid4().hex),
    )


def _tables(kept: Kept, begun: Intent | None, environ: Mapping[str, str]) -> tuple[str, ...]:
    """Every table of the stream that is there."""
    named = tuple(target.path for target in begun.tables) if begun else ()
    return tuple(path for path in dict.fromkeys((*kept.tables, *named)) if _is_there(path, environ))


def _is_there(path: str, environ: Mapping[str, str]) -> bool:
    try:
        open_table(place_of(path, environ))
    except UsageError:
        return False
    return True


def _planned(
    checkpoint: Folder, kept: Kept, tables: Sequence[str], to: int, environ: Mapping[str, str]
) -> Intent:
    """Look at everything; what cannot be done is refused before anything is."""
    query_id, job = kept.progress.query_id, kept.made_for.get("job")
    if query_id is None or job is None:
        why = kept.fault or "no batch was begun"
        raise WriteError(f"{checkpoint.path} cannot be taken back to a batch: {why}")
    lists = pieces.lists_after(checkpoint, to)
    found = (target_of(place_of(path, environ), query_id, to, str(job)) for path in tables)
    targets = tuple(target for target in found if target is not None)
    return Intent(
        id=uuid.uuid4().hex,
        to=to,
        query_id=query_id,
        lists=lists,
        tables=targets,
        broken=tuple(sorted(_broken(Records(checkpoint), to))),
    )


def _broken(records: Records, to: int) -> set[str]:
    """Files that went to quarantine as a row by a batch that is undone: their batch looks at them again."""
    found: dict[bool, set[str]] = {True: set(), False: set()}
    for number in records.numbers():
        record = records.read(number)
        for skip in record.skips if record else ():
            if skip.reason is not None:
                found[number > to].add(skip.path)
    return found[True] - found[False]


def _carry_out(
    checkpoint: Folder,
    intent: Intent,
    who: identity.RunIdentity,
    guard: Guard,
    environ: Mapping[str, str],
    step: Step,
) -> None:
    for target in intent.tables:
        step(f"table {target.path}")
        _take_back(target, intent, who, guard, environ)
    step("progress")
    pieces.forget_progress(checkpoint, intent.to)
    step("skips")
    let_in(checkpoint, intent.broken)
    step("pieces")
    pieces.remove_after(checkpoint, intent.to, intent.lists)
    step("done")
    remove_intent(checkpoint)


def _take_back(
    target: TableTarget,
    intent: Intent,
    who: identity.RunIdentity,
    guard: Guard,
    environ: Mapping[str, str],
) -> None:
    place = place_of(target.path, environ)
    take_back(Edit(open_table(place), place, who, guard), target, intent)
