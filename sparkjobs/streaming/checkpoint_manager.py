"""How Spark writes its logs of a stream: on a local disk without a process for each file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sparkjobs import paths

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

KEY = "spark.sql.streaming.checkpointFileManagerClass"
QUICK = "org.apache.spark.sql.execution.streaming.FileSystemBasedCheckpointFileManager"


def write_quickly(spark: SparkSession, checkpoint: str) -> None:
    """Let Spark write the logs of a local checkpoint through Hadoop's FileSystem.

    The manager that Spark takes by itself goes through FileContext, whose local file system starts a process
    for the links and rights of each file (``Shell`` in ``RawLocalFs``): some forty a batch. Both write a file
    beside and rename it, so a file is whole or not there. This one looks before it renames whether somebody
    else was first, and between the two is a moment: the lock of a local checkpoint, which one driver holds,
    makes that safe. Other places keep Spark's choice, and so does who has set it.

    Args:
        spark: the session.
        checkpoint: the stream's folder.
    """
    if paths.is_local(checkpoint) and spark.conf.get(KEY, None) is None:
        spark.conf.set(KEY, QUICK)
