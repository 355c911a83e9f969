"""From the input of a run to its source."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sparkjobs.ingest.flows import DeltaFlow, flow_among
from sparkjobs.run import Run
from sparkjobs.streaming.checkpoint import Progress
from sparkjobs.streaming.folder import Folder
from sparkjobs.streaming.job import StreamJob
from sparkjobs.streaming.sources.lists import Lists
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

    flow = flow_among(run.source.inputs)
    if isinstance(flow, DeltaFlow):
        lists = Lists(checkpoint, progress.lists)
        return DeltaSource(spark, run, job, checkpoint, lists, progress.lists_done, flow.table)
    return FileSource(run, job, checkpoint, progress)
