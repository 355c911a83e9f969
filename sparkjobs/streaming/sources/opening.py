"""From the input of a run to its source."""

from __future__ import annotations

from sparkjobs.run import Run
from sparkjobs.streaming.checkpoint import Progress
from sparkjobs.streaming.folder import Folder
from sparkjobs.streaming.job import StreamJob
from sparkjobs.streaming.sources.source import StreamSource


def open_source(run: Run, job: StreamJob, checkpoint: Folder, progress: Progress) -> StreamSource:
    """The source that a run reads.

    Args:
        run: the run.
        job: its job.
        checkpoint: the stream's folder.
        progress: how far the stream is.

    Raises:
        SparkjobsError: what the checkpoint keeps of the source is lost, or flags name what it has not.
    """
    from sparkjobs.streaming.sources.files.source import FileSource

    return FileSource(run, job, checkpoint, progress)
