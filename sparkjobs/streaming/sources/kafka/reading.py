"""Reading the records of a batch: exactly the offsets that its list names."""

from __future__ import annotations

import json
import logging
import time
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from sparkjobs.errors import BadRowsError
from sparkjobs.ingest.flows import KafkaFlow
from sparkjobs.ingest.messages.given import PARTITION, Given
from sparkjobs.ingest.typing import Column
from sparkjobs.run import Run
from sparkjobs.streaming.context import StreamContext
from sparkjobs.streaming.event_time.division import Origin
from sparkjobs.streaming.job import StreamJob
from sparkjobs.streaming.sources.files.culprits import stopping_rows
from sparkjobs.streaming.sources.kafka.broker import Broker
from sparkjobs.streaming.sources.kafka.faults import AwayError, told
from sparkjobs.streaming.sources.kafka.options import ClientSettings
from sparkjobs.streaming.sources.kafka.ranges import Loss, Range, loss_error, lost, told_loss, trimmed
from sparkjobs.streaming.sources.source import Reading
from sparkjobs.streaming.stop import Stopped
from sparkjobs.streaming.writing import Batch

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

log = logging.getLogger("sparkjobs")
# How long brokers may be away before a stream gives up.
PATIENCE_S = 600.0
_AGAIN_S = 1.0
# How long a task waits for records (kafkaConsumer.pollTimeoutMs); spark.network.timeout would be 120 s.
_POLL_MS = 240_000
_HIDDEN = "the partition"


class RecordReader:
    """Reads the records of batches.

    Args:
        run: the run.
        job: its job.
        flow: brokers and topic.
        broker: the cluster.
        settings: of the client, for the tasks.
        clock: monotonic seconds.
    """

    def __init__(
        self,
        run: Run,
        job: StreamJob,
        flow: KafkaFlow,
        broker: Broker,
        settings: ClientSettings,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._run = run
        self._job = job
        self._flow = flow
        self._broker = broker
        self._settings = settings
        self._clock = clock
        self._ignores = run.params.data_loss == "ignore"
        # One group for all batches, so that executors keep their consumers; one of its own for each run:
        # the pool refuses a known group with other settings, and its message holds the password
        # (InternalKafkaConsumerPool.updateKafkaParamForKey).
        self._group = f"sparkjobs-{uuid.uuid4().hex}"

    def read(self, batch: Batch, ranges: Sequence[Range]) -> Reading:
        """Read a batch; brokers that are away are waited for.

        Raises:
            DataError: records are gone, brokers are away for too long, too many bad rows.
            Stopped: the stream was asked to stop meanwhile; nothing is written of the batch.
        """
        away_s: float | None = None
        while True:
            try:
                return self._attempt(batch, [part for part in ranges if part.count])
            except AwayError as error:
                away_s = self._clock() if away_s is None else away_s
                if self._clock() - away_s >= PATIENCE_S:
                    raise
                if batch.stop is not None and batch.stop.requested:
                    raise Stopped from error
                log.warning("%s; the batch is read again", error.message)
                time.sleep(_AGAIN_S)

    def _attempt(self, batch: Batch, ranges: Sequence[Range]) -> Reading:
        there, warnings = self._there(ranges)
        context = self._context(batch, there)
        if not there:
            return Reading(context, (), warnings=warnings)
        try:
            return Reading(context, tuple(self._job.each_batch(context, self._run.params)), warnings=warnings)
        except BadRowsError as error:
            context.release()
            raise stopping_rows(error, ()) from error
        except Exception as error:
            context.release()
            found = told(error, ",".join(self._flow.hosts), self._flow.topic)
            if found is None:
                raise
            raise found from error

    def _there(self, ranges: Sequence[Range]) -> tuple[list[Range], tuple[str, ...]]:
        """The ranges as far as their records are there."""
        if not ranges:
            return [], ()
        first = self._broker.first([part.partition for part in ranges])
        losses = [
            replace(loss, end=min(loss.end, part.end))
            for part in ranges
            for loss in lost({part.partition: part.begin}, first)
        ]
        if losses and not self._ignores:
            raise loss_error(losses, self._flow.topic)
        return trimmed(ranges, first), tuple(self._ignored(loss) for loss in losses)

    def _ignored(self, loss: Loss) -> str:
        warning = f"{told_loss(loss, self._flow.topic)} and are passed over (--data-loss ignore)"
        log.warning(warning)
        return warning

    def _context(self, batch: Batch, ranges: Sequence[Range]) -> StreamContext:
        def load(spark: SparkSession) -> DataFrame:
            return records(spark, self._flow, ranges, self._options())

        given = Given(load, f"kafka://{self._flow.topic}", self._run.params.columns_)
        source = batch.reading(self._run.source)
        source = replace(source, given=given) if ranges else replace(source, inputs=())
        origin = Origin(given.place, (Column(_HIDDEN, "bigint", source=PARTITION),), _HIDDEN)
        return StreamContext(batch, source, self._run.interval, origin)

    def _options(self) -> dict[str, str]:
        own = {"group.id": self._group, "isolation.level": "read_committed"}
        client = {f"kafka.{name}": value for name, value in {**own, **self._settings.values}.items()}
        loss = "false" if self._ignores else "true"
        return {**client, "failOnDataLoss": loss, "kafkaConsumer.pollTimeoutMs": str(_POLL_MS)}


def records(
    spark: SparkSession, flow: KafkaFlow, ranges: Sequence[Range], options: Mapping[str, str]
) -> DataFrame:
    """The records of ranges, with their places.

    Args:
        spark: the session.
        flow: brokers and topic.
        ranges: none of them empty.
        options: of Spark's reader.
    """
    parts = {flow.topic: [part.partition for part in ranges]}
    begin = {flow.topic: {str(part.partition): part.begin for part in ranges}}
    end = {flow.topic: {str(part.partition): part.end for part in ranges}}
    reader = spark.read.format("kafka").option("kafka.bootstrap.servers", ",".join(flow.hosts))
    reader = reader.options(**options).option("assign", json.dumps(parts))
    reader = reader.option("startingOffsets", json.dumps(begin)).option("endingOffsets", json.dumps(end))
    return reader.load().selectExpr("value", "key", "partition", "offset", "unix_micros(timestamp) AS micros")
