"""A run as asked for: everything known before Spark starts. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sparkjobs.identity import Interval, RunIdentity
from sparkjobs.ingest.reading import Source
from sparkjobs.job import Job
from sparkjobs.paths import QUARANTINE, child, suffixed
from sparkjobs.result import RunResult


@dataclass(frozen=True)
class Run:
    """A job with its parameters, who the run is, and where it reads.

    ``bare_paths`` are the local paths that were given without a scheme: on a cluster of many machines
    nobody can say whose disk they mean. ``begun_at`` holds the newest version of each output table when a
    run that holds their lock began, -1 without a table.
    """

    job: Job
    params: Any
    identity: RunIdentity
    interval: Interval
    source: Source
    bare_paths: tuple[str, ...] = ()
    begun_at: Mapping[str, int] = field(default_factory=dict)

    @property
    def result(self) -> RunResult:
        """The result so far: who the run is and nothing else."""
        who = self.identity
        return RunResult(who.job, who.run_id, who.interval, who.config_hash, "FAILED")

    @property
    def tables(self) -> dict[str, str]:
        """Names and paths of the output tables, known before the job has run."""
        output = self.params.output
        if not self.job.tables:
            return {table_name(output): output}
        return {name: child(output, name) for name in self.job.tables}

    @property
    def quarantine(self) -> str:
        """The path of the table of bad rows."""
        return str(self.params.quarantine or suffixed(self.params.output, QUARANTINE))


def table_name(path: str) -> str:
    """The short name of a table that stands at ``--output`` itself: the last part of its path."""
    return path.rstrip("/").rsplit("/", 1)[-1]
