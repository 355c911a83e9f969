"""Looks at a checkpoint and its tables; nothing is changed, no JVM is started."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sparkjobs import paths
from sparkjobs.errors import SparkjobsError, UsageError
from sparkjobs.ingest.storage import S3Settings
from sparkjobs.streaming import fingerprint
from sparkjobs.streaming.checkpoint import Progress, inspect
from sparkjobs.streaming.driver_lock import driver_of
from sparkjobs.streaming.folder import Folder
from sparkjobs.streaming.inspection.inspection import Inspection, StateStand, TableStand, verdict
from sparkjobs.streaming.inspection.positions import stands
from sparkjobs.streaming.progress.batch_progress import BatchProgress
from sparkjobs.streaming.progress.behind import behind
from sparkjobs.streaming.progress.progress_file import newest_batches
from sparkjobs.streaming.records import Records
from sparkjobs.streaming.sources.lists import Lists
from sparkjobs.tables.log import read_light


@dataclass(frozen=True)
class Kept:
    """What a checkpoint keeps, as far as it can be read.

    Attributes:
        progress: how far Spark is.
        made_for: the stream's fingerprint; empty where there is none.
        lists: the lists of what was found; ``None`` where they cannot be read.
        recorded: the batches whose records are kept, oldest first.
        tables: paths of the stream's tables, in the order of writing.
        kept_tables: those that the kept batches that are done wrote, but for the bad and late rows, which a
            user may remove when they are dealt with.
        fault: what a start would refuse it for.
    """

    progress: Progress = field(default_factory=Progress)
    made_for: Mapping[str, Any] = field(default_factory=dict)
    lists: Lists | None = None
    recorded: tuple[int, ...] = ()
    tables: tuple[str, ...] = ()
    kept_tables: tuple[str, ...] = ()
    fault: str | None = None


def checkpoint_of(path: str, environ: Mapping[str, str]) -> Folder:
    """The folder of a checkpoint."""
    return Folder(paths.normalise(path), S3Settings.from_environment(environ))


def look(checkpoint: Folder) -> Inspection:
    """How the stream of a checkpoint stands.

    Raises:
        UsageError: the folder holds files and no checkpoint of ours.
    """
    names, kept = checkpoint.names(), read_kept(checkpoint)
    tables = tuple(_stand(path, kept.progress.query_id) for path in kept.tables)
    driver = driver_of(checkpoint.path)
    progress = kept.progress
    waiting = kept.lists.count - progress.lists if kept.lists is not None else 0
    next_, why = verdict(
        query_id=progress.query_id,
        planned=progress.planned,
        committed=progress.committed,
        waiting=waiting,
        tables=tables,
        recorded=kept.recorded,
        gone=[table.path for table in tables if table.path in kept.kept_tables and _is_gone(table)],
        fault=kept.fault or (f"the checkpoint is in use by {driver}" if driver else None),
    )
    inputs = kept.made_for.get("params", {}).get("input", ())
    told = newest_batches(checkpoint)
    return Inspection(
        job=kept.made_for.get("job"),
        query_id=progress.query_id,
        planned=progress.planned,
        committed=progress.committed,
        sources=stands(
            checkpoint, inputs, kept.lists, progress.lists_done, _of_batch(told, progress.committed)
        ),
        state=_state(checkpoint),
        tables=tables,
        next=next_,
        why=why if names else f"nothing lies at {checkpoint.path}: the first start reads all of its input",
        behind=behind(told),
    )


def read_kept(checkpoint: Folder) -> Kept:
    """Read what a checkpoint keeps; what cannot be read becomes its fault.

    Raises:
        UsageError: the folder holds files and no checkpoint of ours.
    """
    names = checkpoint.names()
    ours = {fingerprint.NAME, "metadata", "driver.lock"} & set(names)
    if names and not ours:
        raise UsageError(f"{checkpoint.path} is no checkpoint of a stream", "It lies at OUTPUT_checkpoint.")
    faults: list[str] = []

    def tried(read: Any, otherwise: Any) -> Any:
        try:
            return read()
        except SparkjobsError as error:
            faults.append(error.message)
            return otherwise

    progress = tried(lambda: inspect(checkpoint), _seen(checkpoint))
    made_for = tried(lambda: _fingerprint(checkpoint, progress), {})
    lists = tried(lambda: Lists(checkpoint, progress.lists, looked_at=True), None)
    records = Records(checkpoint)
    recorded = records.numbers()
    written = tried(lambda: tuple(_written(records, recorded)), ())
    expected = tuple(_expected(made_for))
    wrote = tried(lambda: records.tables(progress.committed), frozenset())
    return Kept(
        progress,
        made_for,
        lists,
        recorded,
        tables=tuple(dict.fromkeys((*expected, *written))),
        kept_tables=tuple(path for path in expected if path in wrote),
        fault=faults[0] if faults else None,
    )


def _seen(checkpoint: Folder) -> Progress:
    """What the names tell of a checkpoint with a piece missing."""

    def newest(name: str) -> int | None:
        numbers = (entry for entry in checkpoint.child(name).names() if entry.isdigit())
        return max((int(number) for number in numbers), default=None)

    try:
        query_id = json.loads(checkpoint.read("metadata"))["id"]
    except (OSError, ValueError, KeyError, TypeError):
        query_id = None
    return Progress(query_id, newest("offsets"), newest("commits"))


def _fingerprint(checkpoint: Folder, progress: Progress) -> Mapping[str, Any]:
    found = checkpoint.parsed(fingerprint.NAME, json.loads)
    if found is None and progress.query_id is not None:
        raise fingerprint.missing(checkpoint.path)
    return found if isinstance(found, dict) else {}


def _written(records: Records, recorded: Sequence[int]) -> Iterator[str]:
    for number in recorded:
        record = records.read(number)
        yield from record.tables if record else ()


def _expected(made_for: Mapping[str, Any]) -> Iterator[str]:
    """The tables of the job as the catalogue names them; a job of another package may not be here."""
    from sparkjobs import catalogue

    output = made_for.get("output")
    try:
        tables = catalogue.get(str(made_for.get("job"))).tables
    except UsageError:
        return
    if output:
        yield from (paths.child(output, name) for name in tables) if tables else (output,)


def _is_gone(table: TableStand) -> bool:
    """Whether there is no table, and not only none that can be read here."""
    log = read_light(table.path, newest=1) if table.version is None else None
    return log is not None and not log.exists


def _stand(path: str, query_id: str | None) -> TableStand:
    log = read_light(path, newest=1)
    if log is None or not log.exists:
        return TableStand(path, None, None)
    version = log.commits[0].version if log.commits else None
    return TableStand(path, version, log.last_version(query_id) if query_id else None)


def _of_batch(told: Sequence[BatchProgress], committed: int | None) -> BatchProgress | None:
    """What was told of the newest batch that is done."""
    return told[-1] if told and told[-1].batch == committed else None


def _state(checkpoint: Folder) -> StateStand:
    """Spark's own state, of a user's stream that keeps some; only its size can be told without Spark."""
    state = Path(paths.local(checkpoint.path)) / "state" if paths.is_local(checkpoint.path) else None
    if state is None or not state.is_dir():
        return StateStand(0, 0)
    size = sum((Path(top) / name).stat().st_size for top, _, names in os.walk(state) for name in names)
    return StateStand(None if size else 0, size)
