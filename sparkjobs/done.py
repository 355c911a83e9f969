"""Work that is in the table already: found before anything starts, by the table's own history. Pure.

How a log is read is handed in: without a JVM before the session starts, so that a rerun costs a
second, and by the session where only Spark can read it.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from sparkjobs.result import RunResult, TableResult
from sparkjobs.run import Run
from sparkjobs.tables.history import Commit, TableLog, find_done, overwritten_after, refuse_other_config

log = logging.getLogger("sparkjobs")


@dataclass(frozen=True)
class Finished:
    """The tables that hold a commit of this work.

    Attributes:
        commits: by table name.
        warnings: where later work has replaced the rows since.
        whole: whether no table is left to write.
    """

    commits: Mapping[str, Commit] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()
    whole: bool = False


def find_finished(run: Run, read: Callable[[str], TableLog]) -> Finished:
    """Look each output table up; a forced run and one without an interval find nothing.

    Raises:
        WriteError: an append whose interval is there with another configuration.
    """
    if run.params.interval is None or run.params.force:
        return Finished()
    commits: dict[str, Commit] = {}
    warnings: list[str] = []
    for name, path in run.tables.items():
        history = read(path)
        commit = find_done(history, run.identity)
        if commit is not None:
            commits[name] = commit
            later = overwritten_after(history, commit)
            if later is not None:
                warnings.append(f"{path}: version {later.version} has replaced these rows since")
        elif run.params.mode == "append":
            refuse_other_config(history, run.identity)
    return Finished(commits, tuple(warnings), len(commits) == len(run.tables))


def skipped(run: Run, finished: Finished) -> RunResult:
    """The result of a run whose work was done before: no rows, the earlier commits."""
    log.info("this interval is in the table already; nothing to do (--force computes it again)")
    where = run.tables
    tables = tuple(
        TableResult(name, where[name], commit.version, commit.rows_written)
        for name, commit in finished.commits.items()
    )
    return replace(
        run.result,
        outcome="SKIPPED",
        rows_read=0,
        rows_accepted=0,
        rows_quarantined=0,
        rows_written=0,
        tables=tables,
        warnings=finished.warnings,
    )
