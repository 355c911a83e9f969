"""One batch of a stream: what its lists say is read and accounted for, then each table takes it in once."""

from __future__ import annotations

import logging
from collections.abc import Collection, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from functools import reduce
from typing import TYPE_CHECKING

from sparkjobs import paths
from sparkjobs.errors import SparkjobsError
from sparkjobs.ingest.model import displayed
from sparkjobs.moments import iso
from sparkjobs.run import Run
from sparkjobs.streaming.compaction import Compaction
from sparkjobs.streaming.event_time.late import late_rows
from sparkjobs.streaming.event_time.params import late_table
from sparkjobs.streaming.event_time.replay import is_replay
from sparkjobs.streaming.event_time.times import Begun, EventTimes
from sparkjobs.streaming.job import StreamTable, from_the_tables
from sparkjobs.streaming.progress.reporter import Measured, Reporter
from sparkjobs.streaming.quiet import Quiet
from sparkjobs.streaming.records import Record, Records, is_taken_in, refuse_other_lists
from sparkjobs.streaming.settings import ADAPTIVE, SHUFFLE_PARTITIONS, Session, setting, shuffle_partitions
from sparkjobs.streaming.sources.lists import numbers_of
from sparkjobs.streaming.sources.skip import Skip
from sparkjobs.streaming.sources.source import Reading, StreamSource
from sparkjobs.streaming.stop import Stopped, StopRequest
from sparkjobs.streaming.writing import Batch, holds, write
from sparkjobs.tables.history import Commit

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

log = logging.getLogger("sparkjobs")
_MOST_WARNINGS = 100


@dataclass
class Tally:
    """What the batches of this run did, added up; tables by path."""

    batches: int = 0
    rows_read: int = 0
    rows_quarantined: int = 0
    rows_late: int = 0
    files_skipped: int = 0
    rows_written: dict[str, int] = field(default_factory=dict)
    versions: dict[str, int] = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)
    _more: int = 1

    def read(self, reading: Reading) -> int:
        """Add what a batch read; returns its rows."""
        context = reading.context
        rows = sum(intake.rows_read for intake in context.intakes)
        self.batches += 1
        self.files_skipped += len(reading.skips)
        self.rows_read += rows
        self.rows_quarantined += sum(intake.rows_quarantined for intake in context.intakes)
        self.rows_late += context.rows_late
        for text in (*context.warnings, *reading.warnings):
            self._warn(text)
        return rows

    def _warn(self, text: str) -> None:
        """Tell a warning once. Some name numbers, so that each batch of months would bring another."""
        if text in self.warnings:
            return
        if len(self.warnings) < _MOST_WARNINGS:
            self.warnings.append(text)
        else:
            self._more += 1
            self.warnings[-1] = f"{self._more} other warnings stand in the log"

    def wrote(self, path: str, commit: Commit) -> None:
        """Add a commit."""
        self.versions[path] = commit.version
        self.rows_written[path] = self.rows_written.get(path, 0) + commit.rows_written


class BatchRunner:
    """Does the batches: Spark calls it with the lines of a list and the batch's number.

    Args:
        run: the run.
        source: reads what the lines say.
        records: what batches set out to write.
        times: what batches divide their rows by.
        stop: asked before each batch.
        quiet: begins when a batch ends by an error that we tell ourselves.
        session: what the session is set to.
        compaction: puts small files together between batches.
        reporter: measures each batch and tells of it.
    """

    def __init__(
        self,
        run: Run,
        source: StreamSource,
        records: Records,
        times: EventTimes,
        stop: StopRequest,
        quiet: Quiet,
        session: Session,
        compaction: Compaction,
        reporter: Reporter,
    ) -> None:
        self._run = run
        self._source = source
        self._records = records
        self._times = times
        self._stop = stop
        self._quiet = quiet
        self._session = session
        self._compaction = compaction
        self._reporter = reporter
        self.tally = Tally()
        self.error: BaseException | None = None

    def __call__(self, lines: DataFrame, number: int) -> None:
        """Do a batch. What goes wrong is kept in ``error``: Spark hands on only its text."""
        try:
            if self._stop.requested:
                raise Stopped
            with (
                self._reporter.batch(number) as measured,
                # Spark turns it off for streaming plans (SPARK-19268); a batch's are those of batch jobs.
                setting(lines.sparkSession, ADAPTIVE, self._session.adaptive),
                self._shuffling(lines.sparkSession, 0),
            ):
                batch = _batch(lines.sparkSession, number, self._run, measured, self._stop)
                self._do(batch, lines)
                with measured.phase("bookkeeping"):
                    self._compaction.after(batch)
        except BaseException as error:
            self.error = error
            if isinstance(error, SparkjobsError | Stopped):
                self._quiet.begin()
            raise

    def _do(self, batch: Batch, lines: DataFrame) -> None:
        with batch.measured.phase("plan"):
            listed = [str(row.value) for row in lines.collect()]
        batch.measured.lists = lists = numbers_of(listed)
        begun = self._times.begin(batch.number, lists, replayed=is_replay(listed))
        batch = replace(batch, cut=begun.cut)
        if begun.watermark_us is not None:
            batch.measured.watermark = iso(begun.watermark_us)
        record = self._records.read(batch.number)
        held = {path for path in record.tables if holds(batch, path)} if record else set()
        if record is None or not is_taken_in(record, lists, held):
            skips = self._begin(batch, listed, lists, begun)
        else:
            refuse_other_lists(batch.number, record, lists)
            skips = record.skips
            if held == set(record.tables):
                log.info("batch %s is in the tables already", batch.number)
            else:
                self._complete(replace(batch, ignore_extra=record.ignore_extra), listed, record, held)
        self._source.taken(listed, skips)
        if lists:
            self._source.lists.fold(lists[0])

    def _begin(
        self, batch: Batch, listed: Sequence[str], lists: tuple[int, ...], begun: Begun
    ) -> tuple[Skip, ...]:
        """Do a batch from its beginning; returns what it passed over."""
        with batch.measured.phase("read"):
            reading = self._source.read(batch, listed)
        try:
            placed = self._placed(batch, reading)
            record = self._record(lists, placed, reading)
            # Before any write: a repeated batch must divide its rows alike.
            self._records.write(batch.number, begun.noted(record, reading.context.greatest_us))
            with self._shuffling(batch.spark, reading.context.rows_in_time):
                self._write(batch, placed)
            batch.measured.rows = self.tally.read(reading)
        finally:
            reading.context.release()
        log.info("batch %s is taken in, lists %s", batch.number, list(lists))
        return reading.skips

    def _record(
        self, lists: tuple[int, ...], placed: Sequence[tuple[StreamTable, str]], reading: Reading
    ) -> Record:
        return Record(
            lists,
            tuple(path for _, path in placed),
            reading.skips,
            late=late_table(self._run.params) if reading.context.rows_late else "",
            ignore_extra=self._run.source.ignore_extra,
        )

    def _complete(self, batch: Batch, listed: Sequence[str], record: Record, held: Collection[str]) -> None:
        """Finish a batch that some of its tables have, with what it was begun with."""
        with batch.measured.phase("read"):
            reading = self._source.read_again(batch, listed, record.skips)
        try:
            makes = {table_path(self._run, table): table for table in reading.tables}
            bad = _quarantine(batch, reading)
            makes |= {self._run.quarantine: bad} if bad else {}
            late = late_rows(batch, reading.context)
            # Where they were to go when it was begun, whatever --late says now.
            makes |= {record.late or late_table(self._run.params): late} if late else {}
            left = [(makes[path], path) for path in record.tables if path in makes and path not in held]
            if reading.lost:
                left = [(from_the_tables(table), path) for table, path in left]
            # A complete table is made of the others and needs no rows of the batch.
            needed = [table.name for table, _ in left if table.how != "complete"]
            for warning in self._source.without(batch, reading.lost, needed):
                reading.context.warn(warning)
            with self._shuffling(batch.spark, reading.context.rows_in_time):
                self._write(batch, left)
            batch.measured.rows = self.tally.read(replace(reading, skips=()))
        finally:
            reading.context.release()
        log.info("batch %s is complete", batch.number)

    def _shuffling(self, spark: SparkSession, rows: int) -> AbstractContextManager[None]:
        """As many partitions as the rows of a batch are worth; Spark keeps no state that would mind."""
        session = self._session
        number = shuffle_partitions(rows, session.slots, session.most_partitions)
        return setting(spark, SHUFFLE_PARTITIONS, str(number))

    def _write(self, batch: Batch, placed: Sequence[tuple[StreamTable, str]]) -> None:
        for table, path in placed:
            commit = write(batch, table, path)
            if commit is not None:
                self.tally.wrote(path, commit)

    def _placed(self, batch: Batch, reading: Reading) -> list[tuple[StreamTable, str]]:
        """What to write and where; bad and late rows first: no table has a batch whose others are lost."""
        bad, late = _quarantine(batch, reading), late_rows(batch, reading.context)
        placed = [(bad, self._run.quarantine)] if bad else []
        placed += [(late, late_table(self._run.params))] if late else []
        if reading.context.rows_in_time:
            placed += [(table, table_path(self._run, table)) for table in reading.tables]
        return placed


def table_path(run: Run, table: StreamTable) -> str:
    """Where a table stands."""
    return run.params.output if table.at_root else paths.child(run.params.output, table.name)


def _quarantine(batch: Batch, reading: Reading) -> StreamTable | None:
    """Bad rows, and a row for each file that could not be read."""
    bad = [intake.bad for intake in reading.context.intakes if intake.bad is not None]
    files = [(displayed(skip.path), skip.reason) for skip in reading.skips if skip.reason is not None]
    if files:
        named = batch.spark.createDataFrame(files, "file string, reason string")
        bad.append(named.selectExpr("file", "CAST(NULL AS BIGINT) line", "CAST(NULL AS BIGINT) offset",
                                    "reason", "CAST(NULL AS STRING) raw"))  # fmt: skip
    if not bad:
        return None
    rows = reduce(lambda one, other: one.unionByName(other), bad)
    return StreamTable("quarantine", lambda: rows, "append")


def _batch(spark: SparkSession, number: int, run: Run, measured: Measured, stop: StopRequest) -> Batch:
    # Spark sets the id on the thread that runs its batches (StreamExecution.QUERY_ID_KEY).
    query_id = spark.sparkContext.getLocalProperty("sql.streaming.queryId")
    assert query_id is not None
    return Batch(spark, query_id, number, replace(run.identity, batch=number), measured, stop=stop)
