"""From the input of a run to its source."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sparkjobs.ingest.flows import DeltaFlow, KafkaFlow, flow_among
from sparkjobs.run import Run
from sparkjobs.streaming.checkpoint import Progress
from sparkjobs.streaming.folder import Folder
from sparkjobs.streaming.job import StreamJob
from sparkjobs.streaming.sources.delta.position import NAME as DELTA_NAME
from sparkjobs.streaming.sources.kafka.pinned import NAME as KAFKA_NAME
from sparkjobs.streaming.sources.lists import Lists
from sparkjobs.streaming.sources.rate.source import NAME as RATE_NAME
from sparkjobs.streaming.sources.source import StreamSource

if TYPE_CHECKING:
    from pyspark.sql import SparkSession


def open_source(
    spark: SparkSession, run: Run, job: StreamJob, checkpoint: Folder, progress: Progress
) -> StreamSource:
    """The source that a run reads.

    Args:
        spark: the session.
        run: the run.
        job: its job.
        checkpoint: the stream's folder.
        progress: how far the stream is.

    Raises:
        SparkjobsError: what the checkpoint keeps of the source is lost, or flags name what it has not.
    """
    from sparkjobs.streaming.sources.delta.source import DeltaSource
    from sparkjobs.streaming.sources.files.source import FileSource
    from sparkjobs.streaming.sources.rate.source import RateSource

    flow = flow_among(run.source.inputs)
    if flow is None:
        return FileSource(run, job, checkpoint, progress)
    lists = Lists(checkpoint, progress.lists)
    if isinstance(flow, DeltaFlow):
        return DeltaSource(spark, run, job, checkpoint, lists, progress.lists_done, flow.table)
    if isinstance(flow, KafkaFlow):
        return _topic(spark, run, job, flow, checkpoint, lists, progress.lists_done)
    return RateSource(run, job, flow, checkpoint, lists, progress.lists_done)


def has_begun(checkpoint: Folder, progress: Progress) -> bool:
    """Whether a stream has kept anything of its input: before that, another input may take its place."""
    kept = {KAFKA_NAME, DELTA_NAME, RATE_NAME}.intersection(checkpoint.names())
    return bool(progress.query_id or kept or Lists(checkpoint, looked_at=True).count)


def _topic(
    spark: SparkSession,
    run: Run,
    job: StreamJob,
    flow: KafkaFlow,
    checkpoint: Folder,
    lists: Lists,
    done: int,
) -> StreamSource:
    from sparkjobs.streaming.sources.kafka.broker import Broker
    from sparkjobs.streaming.sources.kafka.options import client_options
    from sparkjobs.streaming.sources.kafka.reading import RecordReader
    from sparkjobs.streaming.sources.kafka.secrets import find_secret
    from sparkjobs.streaming.sources.kafka.source import KafkaSource

    options = client_options(run.params.kafka_option, run.params.kafka_secret)
    settings = options.resolved(find_secret)
    broker = Broker(spark, flow.hosts, flow.topic, settings.values)
    reader = RecordReader(run, job, flow, broker, settings)
    return KafkaSource(run, flow, broker, reader, checkpoint, lists, done)
