"""One batch of a stream: its files are read and accounted for, then each table takes it in once."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import reduce
from typing import TYPE_CHECKING

from sparkjobs import paths
from sparkjobs.context import JobContext
from sparkjobs.errors import SparkjobsError
from sparkjobs.ingest.intake import Intake
from sparkjobs.ingest.listing import list_files
from sparkjobs.run import Run
from sparkjobs.streaming.arrivals import Arrival, Arrivals, from_line
from sparkjobs.streaming.job import StreamJob, StreamTable
from sparkjobs.streaming.quiet import Quiet
from sparkjobs.streaming.records import Record, Records, refuse_other_lists
from sparkjobs.streaming.stop import StopRequest
from sparkjobs.streaming.writing import Batch, holds, write
from sparkjobs.tables.history import Commit

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

log = logging.getLogger("sparkjobs")


class Stopped(Exception):
    """Raised instead of beginning a batch, because the stream was asked to stop."""


@dataclass
class Tally:
    """What the batches of this run did, added up; tables by path."""

    batches: int = 0
    rows_read: int = 0
    rows_quarantined: int = 0
    rows_written: dict[str, int] = field(default_factory=dict)
    versions: dict[str, int] = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)

    def read(self, context: JobContext) -> None:
        """Add what a batch read."""
        self.batches += 1
        self.rows_read += sum(intake.rows_read for intake in context.intakes)
        self.rows_quarantined += sum(intake.rows_quarantined for intake in context.intakes)
        self.warnings += [text for text in context.warnings if text not in self.warnings]

    def wrote(self, path: str, commit: Commit) -> None:
        """Add a commit."""
        self.versions[path] = commit.version
        self.rows_written[path] = self.rows_written.get(path, 0) + commit.rows_written


class BatchRunner:
    """Does the batches: Spark calls it with the lines of a list of files and the batch's number.

    Args:
        run: the run.
        job: its job.
        arrivals: the lists of files.
        records: what batches set out to write.
        stop: asked before each batch.
        quiet: begins when a batch ends by an error that we tell ourselves.
        adaptive: the session's ``spark.sql.adaptive.enabled``.
    """

    def __init__(
        self,
        run: Run,
        job: StreamJob,
        arrivals: Arrivals,
        records: Records,
        stop: StopRequest,
        quiet: Quiet,
        adaptive: str,
    ) -> None:
        self._run = run
        self._job = job
        self._arrivals = arrivals
        self._records = records
        self._stop = stop
        self._quiet = quiet
        self._adaptive = adaptive
        self.tally = Tally()
        self.error: BaseException | None = None

    def __call__(self, lines: DataFrame, number: int) -> None:
        """Do a batch. What goes wrong is kept in ``error``: Spark hands on only its text."""
        try:
            if self._stop.requested:
                raise Stopped
            with _setting(lines.sparkSession, _ADAPTIVE, self._adaptive):
                self._do(_batch(lines.sparkSession, number, self._run), lines)
        except BaseException as error:
            self.error = error
            if isinstance(error, SparkjobsError | Stopped):
                self._quiet.begin()
            raise

    def _do(self, batch: Batch, lines: DataFrame) -> None:
        arrived = [from_line(row.value) for row in lines.collect()]
        if self._done_before(batch, sorted({item.number for item in arrived})):
            log.info("batch %s is in the tables already", batch.number)
            return
        arrived = self._as_they_are(arrived)
        context = self._context(batch, arrived)
        try:
            tables = self._job.each_batch(context, self._run.params)
            self._take_in(batch, arrived, context.intakes, tables)
            self.tally.read(context)
        finally:
            context.release()

    def _done_before(self, batch: Batch, lists: list[int]) -> bool:
        record = self._records.read(batch.number)
        if record is None:
            return False
        held = [holds(batch, path) for path in record.tables]
        if any(held):
            refuse_other_lists(batch.number, record, lists)
        return bool(held) and all(held)

    def _as_they_are(self, arrived: Sequence[Arrival]) -> list[Arrival]:
        """The files with the sizes that they have when they are read."""
        files = list_files([item.file.path for item in arrived], glob=False, s3=self._run.source.s3)
        now = [replace(item, file=file) for item, file in zip(arrived, files, strict=True)]
        self._arrivals.now_read(now)
        return now

    def _context(self, batch: Batch, arrived: Sequence[Arrival]) -> JobContext:
        inputs = tuple(item.file.path for item in arrived)
        source = replace(self._run.source, inputs=inputs, glob=False)
        return JobContext(batch.spark, source, batch.identity, self._run.interval, allow_empty=True)

    def _take_in(
        self,
        batch: Batch,
        arrived: Sequence[Arrival],
        intakes: Sequence[Intake],
        tables: Sequence[StreamTable],
    ) -> None:
        placed = self._placed(intakes, tables)
        lists = sorted({item.number for item in arrived})
        self._records.write(batch.number, Record(tuple(lists), tuple(path for _, path in placed)))
        for table, path in placed:
            commit = write(batch, table, path)
            if commit is not None:
                self.tally.wrote(path, commit)
        log.info("batch %s: %s files taken in", batch.number, len(arrived))

    def _placed(
        self, intakes: Sequence[Intake], tables: Sequence[StreamTable]
    ) -> list[tuple[StreamTable, str]]:
        """What to write and where; bad rows first, so that no table has a batch whose bad rows are lost."""
        bad = _quarantine(intakes)
        placed = [(bad, self._run.quarantine)] if bad else []
        if any(intake.rows_accepted for intake in intakes):
            placed += [(table, table_path(self._run, table)) for table in tables]
        return placed


def table_path(run: Run, table: StreamTable) -> str:
    """Where a table stands."""
    return run.params.output if table.at_root else paths.child(run.params.output, table.name)


def _quarantine(intakes: Sequence[Intake]) -> StreamTable | None:
    bad = [intake.bad for intake in intakes if intake.bad is not None]
    if not bad:
        return None
    rows = reduce(lambda one, other: one.unionByName(other), bad)
    return StreamTable("quarantine", lambda: rows, "append")


def _batch(spark: SparkSession, number: int, run: Run) -> Batch:
    # Spark sets the id on the thread that runs its batches.
    query_id = spark.sparkContext.getLocalProperty("sql.streaming.queryId")
    assert query_id is not None
    return Batch(spark, query_id, number, run.identity)


# Spark turns it off for streaming plans; the plans inside a batch are those of batch jobs.
_ADAPTIVE = "spark.sql.adaptive.enabled"


@contextmanager
def _setting(spark: SparkSession, key: str, value: str) -> Iterator[None]:
    before = spark.conf.get(key)
    spark.conf.set(key, value)
    try:
        yield
    finally:
        if before is not None:
            spark.conf.set(key, before)
