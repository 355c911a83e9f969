"""What a table's history says about a run. Pure: commits in, answers out."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sparkjobs.errors import StaleWriteError, WriteError
from sparkjobs.identity import RunIdentity


@dataclass(frozen=True)
class Commit:
    """One version of a table as its history tells it."""

    version: int
    operation: str
    metadata: Mapping[str, Any] = field(default_factory=dict)
    metrics: Mapping[str, str] = field(default_factory=dict)
    parameters: Mapping[str, str] = field(default_factory=dict)

    @property
    def rows_written(self) -> int:
        """Rows that the commit wrote: of a write, or inserted and updated by a merge."""
        # Not numOutputRows: in a MERGE it counts the rows that were only copied as well
        # (DeltaOperationMetrics).
        if "numTargetRowsInserted" in self.metrics:
            inserted = int(self.metrics["numTargetRowsInserted"])
            return inserted + int(self.metrics.get("numTargetRowsUpdated", "0"))
        return int(self.metrics.get("numOutputRows", "0"))


def _never(_: str) -> int | None:
    return None


@dataclass(frozen=True)
class TableLog:
    """A table's commits.

    Attributes:
        commits: newest first.
        last_version: the last transaction version of an application id, or ``None``.
        exists: whether there is a table at all.
    """

    commits: tuple[Commit, ...] = ()
    last_version: Callable[[str], int | None] = _never
    exists: bool = False


def read_metadata(text: str | None) -> Mapping[str, Any]:
    """The userMetadata of a commit when it is ours (a JSON object), else nothing."""
    try:
        value = json.loads(text) if text else {}
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}


def live_commits(log: TableLog) -> tuple[Commit, ...]:
    """The commits whose effect is still in the table's lineage, newest first.

    A RESTORE to version N undoes what came between N and it. One to a moment names no version
    (DeltaOperations.Restore): nothing before it is known to live.
    """
    live: list[Commit] = []
    limit: int | None = None
    for commit in log.commits:
        if limit is not None and commit.version > limit:
            continue
        limit = None
        live.append(commit)
        if commit.operation == "RESTORE":
            if not str(commit.parameters.get("version", "")).isdigit():
                break
            limit = int(commit.parameters["version"])
    return tuple(live)


def find_done(log: TableLog, identity: RunIdentity) -> Commit | None:
    """The commit of an earlier run with the same identity, if its effect is still there.

    Raises:
        WriteError: nobody can tell, since the table was restored to a moment after that commit.
    """
    live = live_commits(log)
    done = next((c for c in live if _same_work(c, identity)), None)
    if done is None and live and live[-1].operation == "RESTORE":
        _refuse_undecided(log, live[-1], identity)
    return done


def _refuse_undecided(log: TableLog, restore: Commit, identity: RunIdentity) -> None:
    if str(restore.parameters.get("version", "")).isdigit():
        return
    for commit in log.commits:
        if commit.version < restore.version and _same_work(commit, identity):
            raise WriteError(
                f"interval {identity.interval} was written in version {commit.version}, and version "
                f"{restore.version} restored the table to a moment: its history does not tell "
                "whether the rows are still there",
                "Restore the table to a version by its number (sparkjob table restore), then run again.",
            )


def find_own(log: TableLog, identity: RunIdentity) -> Commit | None:
    """The commit of this very attempt."""
    return next((c for c in log.commits if c.metadata.get("run_id") == identity.run_id), None)


def overwritten_after(log: TableLog, done: Commit) -> Commit | None:
    """A later commit of other work that replaced the whole table, so that ``done`` no longer shows."""
    return next(
        (c for c in live_commits(log) if c.version > done.version and _replaces_all(c)),
        None,
    )


def refuse_other_config(log: TableLog, identity: RunIdentity) -> None:
    """An append of an interval that the table already holds with other parameters would double rows.

    Raises:
        WriteError: names both configurations.
    """
    for commit in live_commits(log):
        meta = commit.metadata
        same = meta.get("job") == identity.job and meta.get("interval") == identity.interval
        if same and meta.get("config_hash") not in (None, identity.config_hash):
            raise WriteError(
                f"interval {identity.interval} is in the table already (version {commit.version}) with "
                f"config {meta['config_hash']}; this run has config {identity.config_hash}",
                "Take the earlier rows back (sparkjob table restore), or write to another table.",
            )


def refuse_newer_holder(log: TableLog, identity: RunIdentity, begun_at: int | None) -> None:
    """Whoever lost the table's lock while it slept must not write over the work of the next holder.

    A newer token counts only in commits that came after this run began: a table may remember high tokens
    of a counter that was lost since.

    Args:
        log: the table now.
        identity: the run; without a token it holds no lock, and nothing is refused.
        begun_at: the table's newest version when the run began; -1 without a table, ``None`` unknown.

    Raises:
        StaleWriteError: names the commit and its run.
    """
    if identity.token is None or begun_at is None:
        return
    for commit in log.commits:
        token = commit.metadata.get("token")
        if commit.version > begun_at and isinstance(token, int) and token > identity.token:
            raise StaleWriteError(
                f"run {commit.metadata.get('run_id')} took over the table's lock (token {token}, ours is "
                f"{identity.token}) and has written version {commit.version}",
                "This run lost the lock while it was not running. Look at the history, then run again.",
            )


def transaction(log: TableLog, identity: RunIdentity, mode: str) -> tuple[str, int]:
    """The Delta transaction id and version of a write.

    Delta drops a write with a version that is not above the last one, silently. So the version is
    counted from what the table holds and the lock's token, never from a counter that can be lost.

    Args:
        log: the table now.
        identity: the run.
        mode: ``append`` writes each identity once; every other mode counts up per job.
    """
    # DeltaCommand.hasBeenExecuted skips every write whose version is not above the last one of its id.
    if mode == "append":
        # Version 1, but above what a table remembers that was restored to a time before the append.
        app_id = identity.append_app_id
        return app_id, 1 + (log.last_version(app_id) or 0)
    app_id = identity.job
    return app_id, 1 + max(log.last_version(app_id) or 0, identity.token or 0)


def _same_work(commit: Commit, identity: RunIdentity) -> bool:
    meta = commit.metadata
    return (
        meta.get("job") == identity.job
        and meta.get("interval") == identity.interval
        and meta.get("config_hash") == identity.config_hash
    )


def _replaces_all(commit: Commit) -> bool:
    mode = str(commit.parameters.get("mode", "")).lower()
    whole = mode == "overwrite" and commit.parameters.get("predicate", "[]") in ("[]", None, "")
    return whole or commit.operation in ("CREATE OR REPLACE TABLE AS SELECT", "REPLACE TABLE AS SELECT")
