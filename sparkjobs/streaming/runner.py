"""One run of a stream: look at the checkpoint, run the query until its end, add the batches up."""

from __future__ import annotations

import logging
import time
from dataclasses import replace
from typing import TYPE_CHECKING

from sparkjobs import params, paths
from sparkjobs.causes import with_root_cause
from sparkjobs.errors import WriteError
from sparkjobs.phases import phase
from sparkjobs.result import QuarantineResult, RunResult, TableResult, error_result
from sparkjobs.run import Run
from sparkjobs.streaming import fingerprint
from sparkjobs.streaming.batch import BatchRunner, Tally
from sparkjobs.streaming.checkpoint import Progress, inspect
from sparkjobs.streaming.checkpoint_manager import write_quickly
from sparkjobs.streaming.compaction import Compaction
from sparkjobs.streaming.driver_lock import driving
from sparkjobs.streaming.ends import Ends
from sparkjobs.streaming.event_time.params import late_table, rule_of
from sparkjobs.streaming.event_time.replaying_source import ReplayingSource
from sparkjobs.streaming.event_time.times import EventTimes, TimesWatcher
from sparkjobs.streaming.folder import Folder
from sparkjobs.streaming.inspection.inspection import ahead, deleted
from sparkjobs.streaming.job import StreamJob
from sparkjobs.streaming.progress.around import surroundings
from sparkjobs.streaming.progress.behind import Warner
from sparkjobs.streaming.progress.metrics_server import Metrics, serving
from sparkjobs.streaming.progress.progress_file import ProgressFile
from sparkjobs.streaming.progress.reporter import Reporter
from sparkjobs.streaming.query import Query
from sparkjobs.streaming.quiet import Quiet
from sparkjobs.streaming.records import Records
from sparkjobs.streaming.scaling.making import Wanted, make_autoscaler, wanted
from sparkjobs.streaming.settings import Session
from sparkjobs.streaming.sources.opening import has_begun, open_source
from sparkjobs.streaming.stop import StopRequest, listening
from sparkjobs.streaming.trigger import interval_s
from sparkjobs.tables.log import read_log

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

log = logging.getLogger("sparkjobs")


@phase("batches")
def execute_stream(spark: SparkSession, run: Run) -> RunResult:
    """Run a stream, the only one on its checkpoint, until its input is used up or it shall stop.

    Returns:
        The batches of this run added up. When a batch failed after others were committed, the result
        says FAILED and tells what was committed.

    Raises:
        SparkjobsError: the stream failed before its first batch.
        LockedError: another driver has the checkpoint.
        Interrupted: it was told to stop and its batch did not end in time.
    """
    # Refused before anything is written.
    scaling = wanted(spark, run.params.trigger, run.params.max_latency)
    stop = StopRequest(run.params.stop_timeout)
    # Asked before the first look it ends well too; asked after the last batch, what it did stands.
    with driving(_checkpoint_path(run), run.identity.run_id) as warnings, listening(spark, stop):
        # A run that holds the locks of its tables needs no other.
        told = warnings if run.identity.token is None else ()
        for warning in told:
            log.warning(warning)
        result = _execute(spark, run, scaling, stop)
    return replace(result, warnings=(*told, *result.warnings))


def _execute(spark: SparkSession, run: Run, scaling: Wanted | None, stop: StopRequest) -> RunResult:
    started = time.monotonic()
    assert isinstance(run.job, StreamJob)
    checkpoint = Folder(_checkpoint_path(run), run.source.s3)
    progress = inspect(checkpoint)
    _refuse_other_stream(spark, run, run.job, checkpoint, progress)
    _refuse_other_tables(spark, run, progress, Records(checkpoint))
    opened = open_source(spark, run, run.job, checkpoint, progress)
    source = ReplayingSource(opened, run, run.job)
    write_quickly(spark, checkpoint.path)
    quiet = Quiet(spark)
    ends = Ends(run.params, stop, lambda: reporter.busy)
    told, metrics = ProgressFile(checkpoint), Metrics(run.job.name)
    left = source.lists.count - progress.lists_done
    scaler = make_autoscaler(spark, scaling, source, left)
    scalers = [scaler] if scaler else []
    around = surroundings(spark, source, scaler)
    reporter = Reporter([told, metrics, Warner(), *scalers, ends], around)
    reporter.listed(range(progress.lists_done, source.lists.count), time.monotonic())
    records = Records(checkpoint)
    times = EventTimes(rule_of(run.params), checkpoint, records, source.unread)
    session, compaction = Session.of(spark), Compaction(_tables(run), run.params.compact_every)
    looks = TimesWatcher(times, source.lists)
    batches = BatchRunner(run, source, records, times, stop, quiet, session, compaction, reporter)
    query = Query(spark, checkpoint, source, batches, stop, reporter, [looks, ends, *scalers])
    try:
        with serving(metrics, run.params.metrics_port):
            query.run(interval_s(run.params.trigger))
    except Exception as caught:
        # What ends a query carries Spark's whole plan; its cause says what went wrong.
        error = with_root_cause(caught)
        if not batches.tally.batches:
            raise error  # noqa: B904 - it names its own cause
        log.error("%s (%s)", error, getattr(error, "hint", None) or "no hint")
        result = _result(run, batches.tally, error)
    else:
        result = _result(run, batches.tally)
    finally:
        told.close()
        quiet.end()
    result = replace(result, warnings=(*source.warnings, *result.warnings))
    return replace(result, seconds=round(time.monotonic() - started, 3))


def _checkpoint_path(run: Run) -> str:
    return paths.normalise(run.params.checkpoint or paths.suffixed(run.params.output, paths.CHECKPOINT))


def _tables(run: Run) -> tuple[str, ...]:
    """All tables that the stream may write, in their order."""
    late = () if run.params.watermark is None else (late_table(run.params),)
    return (run.quarantine, *late, *run.tables.values())


def _refuse_other_stream(
    spark: SparkSession, run: Run, job: StreamJob, checkpoint: Folder, progress: Progress
) -> None:
    """Compare the fingerprint, or write it at the first start."""
    now = fingerprint.make(
        job=job.name,
        checkpoint=checkpoint.path,
        output=run.params.output,
        params=params.canonical(run.params),
        state=job.state,
    )
    if fingerprint.NAME in checkpoint.names() and has_begun(checkpoint, progress):
        fingerprint.refuse_other(checkpoint.path, checkpoint.read(fingerprint.NAME), now)
    elif progress.query_id is not None:
        raise fingerprint.missing(checkpoint.path)
    else:
        checkpoint.write(fingerprint.NAME, fingerprint.to_text(now))


def _refuse_other_tables(spark: SparkSession, run: Run, progress: Progress, records: Records) -> None:
    """A table that this checkpoint's query never wrote would get rows that it may hold already; one that is
    ahead of the checkpoint would drop rows, and one that is gone lacks them.

    Raises:
        WriteError: names the table and what to do.
    """
    wrote = records.tables(progress.committed)
    late = () if run.params.watermark is None else (late_table(run.params),)
    for path in (*run.tables.values(), *late):
        table = read_log(spark, path, newest=1)
        # Bad and late rows may be removed when they are dealt with.
        if not table.exists and path in wrote and path in run.tables.values():
            raise WriteError(
                deleted(path), "Bring it back, or start anew with a new --output and --checkpoint."
            )
        if table.exists and (progress.query_id is None or table.last_version(progress.query_id) is None):
            raise WriteError(
                f"the table {path} exists and the checkpoint {_checkpoint_path(run)} did not write it: "
                "files would be counted twice",
                "If the checkpoint was deleted, bring it back, or start anew with a new --output "
                "(or remove the table and its quarantine).",
            )
        held = table.last_version(progress.query_id) if progress.query_id else None
        problem = None if held is None else ahead(path, held, progress.planned, records.numbers())
        if problem is not None:
            raise WriteError(problem, _older_copy(run, progress))


def _older_copy(run: Run, progress: Progress) -> str:
    anew = "start anew with a new --output and --checkpoint"
    if progress.committed is None:
        return f"Bring a newer copy of the checkpoint back, or {anew}."
    command = f"sparkjob stream reset {_checkpoint_path(run)} --to {progress.committed}"
    return f"Bring a newer copy of the checkpoint back, take the tables back to it ({command}), or {anew}."


def _result(run: Run, tally: Tally, error: Exception | None = None) -> RunResult:
    tables = [
        TableResult(name, path, tally.versions[path], tally.rows_written[path])
        for name, path in run.tables.items()
        if path in tally.versions
    ]
    bad = run.quarantine
    return replace(
        run.result,
        outcome="FAILED" if error else "COMMITTED" if tally.batches else "EMPTY",
        rows_read=tally.rows_read,
        rows_accepted=tally.rows_read - tally.rows_quarantined - tally.rows_late,
        rows_quarantined=tally.rows_quarantined,
        rows_late=tally.rows_late,
        batches=tally.batches,
        files_skipped=tally.files_skipped,
        rows_written=sum(table.rows for table in tables),
        tables=tuple(tables),
        quarantine=QuarantineResult(bad, tally.versions[bad]) if bad in tally.versions else None,
        error=error_result(error) if error else None,
        warnings=tuple(tally.warnings),
    )
