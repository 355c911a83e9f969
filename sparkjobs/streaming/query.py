"""Spark's query over the lists of what has arrived, from its start to its end."""

from __future__ import annotations

import logging
import re
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Protocol

from sparkjobs import paths
from sparkjobs.errors import SourceGrewError
from sparkjobs.streaming.batch import BatchRunner
from sparkjobs.streaming.folder import Folder
from sparkjobs.streaming.progress.reporter import Reporter
from sparkjobs.streaming.sources.lists import PATTERN
from sparkjobs.streaming.sources.source import StreamSource
from sparkjobs.streaming.stop import Stopped, StopRequest
from sparkjobs.streaming.trigger import polling_ms

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

log = logging.getLogger("sparkjobs")
_GLOB = re.compile(r"([\\*?\[\]{}])")
# How often we look whether the query has ended or somebody asked to stop.
_LOOK_S = 0.2
# How soon the input is asked again that is taken in once, and did not answer.
_AGAIN_S = 1.0
# Spark looks for the next list as soon as a batch is done, and then every so often.
_SPARK_LOOKS = "0 seconds"
_POLLING = "spark.sql.streaming.pollingDelay"
# How long an interrupted batch may take to notice.
_STOP_TIMEOUT = "10s"


class Watcher(Protocol):
    """Follows the looks at the input. Called on the thread of the run, not on that of the batches."""

    def looked(self) -> None:
        """The input was looked at, and its lists are written."""

    def runs_on(self) -> None:
        """It is time for a look, and a batch still runs or waits; told every moment."""


class Query:
    """The query of one run.

    Args:
        spark: the session.
        checkpoint: the stream's folder.
        source: what is read.
        batches: does a batch.
        stop: whether to stop.
        reporter: is told since when a list lies there.
        watchers: are told of each look at the input, and of batches that run on.
    """

    def __init__(
        self,
        spark: SparkSession,
        checkpoint: Folder,
        source: StreamSource,
        batches: BatchRunner,
        stop: StopRequest,
        reporter: Reporter,
        watchers: Sequence[Watcher],
    ) -> None:
        self._spark = spark
        self._checkpoint = checkpoint
        self._source = source
        self._batches = batches
        self._stop = stop
        self._reporter = reporter
        self._watchers = watchers
        self._query: Any = None
        # The default of 0 waits for ever for a batch that does not notice its interrupt.
        spark.conf.set("spark.sql.streaming.stopTimeout", _STOP_TIMEOUT)

    def run(self, interval_s: float | None) -> None:
        """Look at the input and have the batches done, once or again and again.

        Args:
            interval_s: seconds between two looks at the input; ``None`` for one look.

        Raises:
            SparkjobsError: a batch failed, or the input cannot be looked at.
            Interrupted: the running batch did not end in time after a request to stop.
        """
        try:
            while not self._stop.requested:
                looked = time.monotonic()
                if not self._look() and interval_s is None:
                    self._wait(looked + _AGAIN_S)
                    continue
                self._start(interval_s)
                if interval_s is None:
                    break
                self._wait(looked + interval_s)
                self._until_free()
            self._wait(None)
        finally:
            self._end()

    def _look(self) -> bool:
        looked_s, before = time.monotonic(), self._source.lists.count
        self._reporter.looks(looked_s)
        answered = self._look_at_source()
        self._reporter.listed(range(before, self._source.lists.count), looked_s)
        # Brokers that are away: that is neither a time without work nor one without load.
        for watcher in self._watchers if answered else ():
            watcher.looked()
        return answered

    def _look_at_source(self) -> bool:
        """Look; where the source has got a column, end the query and look again: a new one follows."""
        while True:
            try:
                return self._source.look()
            except SourceGrewError as grown:
                log.warning("%s; the query is started again with them", grown)
                self._close()

    def _close(self) -> None:
        """End the query when the batch at hand is done."""
        while self._query is not None and not self._stopped_between_batches():
            self._stop.enforce()
            self._ended(_LOOK_S)
        self._query = None

    def _start(self, interval_s: float | None) -> None:
        """Start the query as soon as there is a list."""
        if self._query is not None or not self._source.lists.count:
            return
        lists = paths.hadoop(self._source.lists.folder.path)
        # maxFileAge: FileStreamSource ignores files a week older than its newest (SPARK-19813); a list never
        # ages.
        reader = self._spark.readStream.format("text").options(
            pathGlobFilter=PATTERN, maxFilesPerTrigger="1", maxFileAge="36500d"
        )
        # FileStreamSource takes its path for a glob.
        writer = reader.load(_GLOB.sub(r"\\\1", lists)).writeStream.foreachBatch(self._batches)
        writer = writer.option("checkpointLocation", paths.hadoop(self._checkpoint.path))
        if interval_s is None:
            writer = writer.trigger(availableNow=True)
        else:
            self._spark.conf.set(_POLLING, f"{polling_ms(interval_s)}ms")
            writer = writer.trigger(processingTime=_SPARK_LOOKS)
        self._query = writer.start()

    def _wait(self, until: float | None) -> None:
        """Wait until a moment, or for the query's end, or until it may stop."""
        while until is None or time.monotonic() < until:
            if self._query is None:
                if until is None or self._stop.requested:
                    return
                time.sleep(_left(until))
            elif self._ended(_LOOK_S if until is None else _left(until)):
                return
            elif self._stop.requested:
                self._stop.enforce()
                self._stopped_between_batches()

    def _stopped_between_batches(self) -> bool:
        # StreamExecution.stop interrupts the thread of a batch that runs.
        if self._query.status["isTriggerActive"]:
            return False
        self._query.stop()
        return True

    def _until_free(self) -> None:
        """Let the lists that wait be done first: what arrives meanwhile is one batch and not many.

        A stream that is behind would else do a batch for each look that it was late for, and never catch up.
        """
        while self._reporter.busy and not self._stop.requested and not self._ended(0.0):
            self._reporter.wait_free(_LOOK_S)
            for watcher in self._watchers:
                watcher.runs_on()

    def _ended(self, wait_s: float) -> bool:
        try:
            if not wait_s and self._query.isActive:
                return False
            return bool(self._query.awaitTermination(wait_s or _LOOK_S))
        except Exception as error:
            if isinstance(self._batches.error, Stopped):
                return True
            # Spark tells what our part of a batch raised as text only.
            raise (self._batches.error or error) from error

    def _end(self) -> None:
        """End the query at once. An interrupted batch has committed nothing, and is repeated next time."""
        if self._query is None or not self._query.isActive:
            return
        try:
            self._query.stop()
        except Exception:
            log.warning("the query did not stop in time; its batch ends with the session")


def _left(until: float) -> float:
    """Seconds until a moment, and never so many that a request to stop would wait for them."""
    return min(_LOOK_S, max(0.001, until - time.monotonic()))
