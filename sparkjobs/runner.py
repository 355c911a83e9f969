"""One run of a batch job: what is done already, the work, the verified writes, the result."""

from __future__ import annotations

import logging
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from sparkjobs.causes import with_root_cause
from sparkjobs.context import JobContext
from sparkjobs.done import find_finished, skipped
from sparkjobs.errors import BadRowsError, DataError, StaleWriteError
from sparkjobs.exits import EXIT_FAILED
from sparkjobs.ingest.intake import CHANGED, Way, way_of
from sparkjobs.ingest.missed import CutMissedError
from sparkjobs.ingest.strict import met_bad_row
from sparkjobs.job import EACH_ROW, OutputTable
from sparkjobs.phases import phase
from sparkjobs.prepare import refuse_bare_paths
from sparkjobs.quarantine import write_quarantine
from sparkjobs.result import Outcome, RunResult, TableResult, error_result
from sparkjobs.run import Run
from sparkjobs.tables import commit as committing
from sparkjobs.tables.commit import Write
from sparkjobs.tables.history import Commit, TableLog
from sparkjobs.tables.log import read_light, read_log
from sparkjobs.tables.nesting import refuse_nested
from sparkjobs.tables.snapshot import layout
from sparkjobs.tables.totals import total
from sparkjobs.writes import table_writes

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

log = logging.getLogger("sparkjobs")


def execute(spark: SparkSession, run: Run) -> RunResult:
    """Do the work of a run in a session.

    Raises:
        SparkjobsError: the run failed; nothing was committed, or a rerun completes what was.
    """
    refuse_bare_paths(spark.sparkContext.master or "", run.bare_paths)
    if run.job.streaming:
        from sparkjobs.streaming.runner import execute_stream

        for path in (*run.tables.values(), run.quarantine):
            refuse_nested(spark, path)
        return execute_stream(spark, run)
    started = time.monotonic()
    try:
        with phase("finished work"):
            run = replace(run, begun_at=_newest_versions(spark, run))
            finished = find_finished(run, lambda path: read_log(spark, path))
        result = skipped(run, finished) if finished.whole else _work(spark, run, finished.commits)
    except Exception as error:
        raise with_root_cause(error)  # noqa: B904 - it names its own cause
    return replace(result, seconds=round(time.monotonic() - started, 3))


def _newest_versions(spark: SparkSession, run: Run) -> dict[str, int]:
    """Where the tables stand now; looked up only by a run that holds their lock."""
    if run.identity.token is None:
        return {}
    logs = {path: read_log(spark, path, newest=1) for path in (*run.tables.values(), run.quarantine)}
    return {path: log.commits[0].version if log.commits else -1 for path, log in logs.items()}


def skip_without_spark(run: Run) -> RunResult | None:
    """The result of a run whose work is done, found without a JVM; ``None`` when there may be work.

    Raises:
        WriteError: an append whose interval is there with another configuration.
    """
    with phase("finished work"):
        finished = find_finished(run, lambda path: read_light(path) or TableLog())
    return skipped(run, finished) if finished.whole else None


def failed(run: Run, error: BaseException, seconds: float | None = None) -> tuple[RunResult, int]:
    """The result and exit code of a run that an exception ended."""
    outcome: Outcome = "STALE" if isinstance(error, StaleWriteError) else "FAILED"
    code = getattr(error, "exit_code", EXIT_FAILED)
    result = replace(run.result, outcome=outcome, error=error_result(error), seconds=seconds)
    if isinstance(error, BadRowsError):
        good = error.rows_read - error.rows_bad
        result = replace(
            result, rows_read=error.rows_read, rows_accepted=good, rows_quarantined=error.rows_bad
        )
    return result, code


def _work(spark: SparkSession, run: Run, done: Mapping[str, Commit]) -> RunResult:
    context = _context(spark, run, done)
    context.tell_strategies(run.job.operators(run.params))
    try:
        return _explained(context, run, done)
    except CutMissedError:
        if run.source.scan_quotes:
            raise
        # Nothing is written yet: it was found while the first table was made.
        return _work(spark, replace(run, source=replace(run.source, scan_quotes=True)), done)


@phase("looking at tables")
def _context(spark: SparkSession, run: Run, done: Mapping[str, Commit]) -> JobContext:
    for path in (*run.tables.values(), run.quarantine):
        refuse_nested(spark, path)
    return JobContext(
        spark,
        run.source,
        run.identity,
        run.interval,
        allow_empty=run.params.allow_empty,
        partitions=_partition_columns(spark, run),
        wanted=run.params.strategy,
        way=_way(spark, run, done),
    )


def _explained(context: JobContext, run: Run, done: Mapping[str, Commit]) -> RunResult:
    """Do the work; a bad row that ends it is told by its place."""
    try:
        return _carry_out(context, run, done)
    except Exception as error:
        if not met_bad_row(error):
            raise
        if context.unsettled is not None:
            context.unsettled.explain(run.params.max_bad_rows)
        context.refuse_changed_input()
        raise DataError("a row that was good when the rows were checked is bad now", CHANGED) from error


def _way(spark: SparkSession, run: Run, done: Mapping[str, Commit]) -> Way:
    way = way_of(run.params.mode, run.params.max_bad_rows)
    if done or way is not Way.ONCE:
        return Way.CHECKED
    # A quarantine that is there is emptied before the tables are written.
    emptied = run.params.mode == "overwrite" and read_log(spark, run.quarantine, newest=1).exists
    return Way.CHECKED if emptied else Way.ONCE


def _carry_out(context: JobContext, run: Run, done: Mapping[str, Commit]) -> RunResult:
    spark = context.spark
    with phase("describing the work"):
        outputs = run.job.run(context, run.params)
    if outputs[0].counted_by is None:
        context.settle(None)
    writes = table_writes(run, context, outputs)
    for output, write in writes:
        if not callable(output.rows):
            committing.check(write, output.rows.columns)
    empty = context.unsettled is None and _account(context)[2] == 0
    # All refusals come before the first write: a failed run leaves nothing behind.
    for output, write in writes:
        if not callable(output.rows) and write.name not in done and not _leaves(write, empty):
            committing.inspect(spark, _given(output.rows, empty), write)
    context.refuse_changed_input()
    quarantine = write_quarantine(spark, run, context)
    tables, own = _write_all(context, run, writes, done, empty)
    read, bad, accepted = _account(context)
    if not empty:
        _warn_of_nothing(context, tables, own)
    if tables and not own:
        return skipped(run, find_finished(run, lambda path: read_log(spark, path)))
    return replace(
        run.result,
        outcome="EMPTY" if empty else "COMMITTED",
        rows_read=read,
        rows_accepted=accepted,
        rows_quarantined=bad,
        rows_written=sum(table.rows for table in tables if table.name in own),
        tables=tuple(tables),
        quarantine=quarantine,
        warnings=tuple(context.warnings),
    )


def _partition_columns(spark: SparkSession, run: Run) -> frozenset[str]:
    """The columns by which the tables that are there are partitioned: not every text fits into one."""
    if run.params.mode == "overwrite":
        return frozenset()
    layouts = [layout(spark, path) for path in run.tables.values()]
    return frozenset(name for found in layouts if found is not None for name in found.partition_by)


def _leaves(write: Write, empty: bool) -> bool:
    """Whether a run without rows leaves the table as it is."""
    return empty and write.mode in ("append", "merge")


def _given(rows: DataFrame, empty: bool) -> DataFrame:
    return rows.limit(0) if empty else rows


def _warn_of_nothing(context: JobContext, tables: Sequence[TableResult], own: set[str]) -> None:
    for table in tables:
        if table.name in own and table.rows == 0:
            context.warn(f"the table {table.name} got no rows, though the input has some")


def _account(context: JobContext) -> tuple[int, int, int]:
    """Rows read, quarantined and accepted of the whole run; they must add up."""
    read = sum(intake.rows_read for intake in context.intakes)
    bad = sum(intake.rows_quarantined for intake in context.intakes)
    accepted = sum(intake.rows_accepted for intake in context.intakes)
    if read != accepted + bad:
        raise DataError(f"rows read ({read}) are not rows accepted ({accepted}) plus quarantined ({bad})")
    return read, bad, accepted


def _write_all(
    context: JobContext,
    run: Run,
    writes: Sequence[tuple[OutputTable, Write]],
    done: Mapping[str, Commit],
    empty: bool,
) -> tuple[list[TableResult], set[str]]:
    """Write the tables in their order; those that another attempt has committed are left.

    Returns:
        all tables, and the names of those that this attempt wrote.
    """
    spark = context.spark
    tables, own = [], set()
    for output, write in writes:
        if write.name in done:
            commit = done[write.name]
        elif _leaves(write, empty):
            continue
        else:
            rows = output.rows
            if callable(rows):
                rows = rows()
                committing.check(write, rows.columns)
                committing.inspect(spark, _given(rows, empty), write)
            commit = committing.commit(spark, _given(rows, empty), write, run.identity)
            if commit.metadata.get("run_id") == run.identity.run_id:
                own.add(write.name)
                log.info("wrote %s rows to %s, version %s", commit.rows_written, write.path, commit.version)
            context.settle(_counted(context, output, write, commit) if write.name in own else None)
            _refuse_changed_since(context, write, commit)
        tables.append(TableResult(write.name, write.path, commit.version, commit.rows_written))
    return tables, own


def _refuse_changed_since(context: JobContext, write: Write, commit: Commit) -> None:
    try:
        context.refuse_changed_input()
    except DataError as error:
        raise DataError(
            f"{error.message}; version {commit.version} of {write.path} may hold rows of both contents",
            "Restore the table to the version before (sparkjob table restore), then run again with --force.",
        ) from error


def _counted(context: JobContext, output: OutputTable, write: Write, commit: Commit) -> int | None:
    """How many rows of the input a table was made of, where it tells and nobody has counted them yet."""
    if output.counted_by is None or context.unsettled is None:
        return None
    if output.counted_by == EACH_ROW:
        return commit.rows_written
    return total(context.spark, write.path, commit, output.counted_by, context.source.s3)
