"""Our jobs in a started session, by the door that the command itself uses."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from bench.model import Query


def job(name: str, *flags: str, table: str | None = None) -> Query:
    """A query that runs a job: flags, accounts, commits and their verification included.

    Args:
        name: the job.
        flags: its flags, without ``--input`` and ``--output``.
        table: the name under ``output`` of a job with one table.
    """

    def query(spark: Any, source: Path, output: Path) -> None:
        from sparkjobs.runner import execute

        result = execute(spark, _run(name, flags, source, output / table if table else output))
        if result.outcome != "COMMITTED":
            raise SystemExit(f"{name} ended as {result.outcome}")

    return query


def reading(name: str, *flags: str) -> Query:
    """A query that reads and types what a job reads in its one pass, and keeps no row."""

    def query(spark: Any, source: Path, output: Path) -> None:
        from bench.engines.spark import discard
        from sparkjobs.context import JobContext
        from sparkjobs.ingest.intake import Way
        from sparkjobs.ingest.typing import Column

        run = _run(name, flags, source, output)
        # As jobs read where no bad row is allowed; without it each row would be kept in memory and on disk.
        context = JobContext(spark, run.source, run.identity, run.interval, allow_empty=False, way=Way.ONCE)
        columns = [Column("id", "string"), Column("value", "decimal(38,9)")]
        discard(context.read_rows(columns, counted=True))

    return query


def _run(name: str, flags: Sequence[str], source: Path, output: Path) -> Any:
    from sparkjobs import catalogue, params
    from sparkjobs.prepare import prepare

    wanted = catalogue.get(name)
    given = ["--input", str(source), "--output", str(output), *flags]
    return prepare(wanted, params.parse(wanted.params, given), datetime.now(timezone.utc))
