"""The table of late rows: what came too late or lies ahead, as JSON, so that it can be taken in later."""

from __future__ import annotations

from functools import reduce
from typing import TYPE_CHECKING

from sparkjobs.streaming.job import StreamTable

if TYPE_CHECKING:
    from sparkjobs.streaming.context import StreamContext
    from sparkjobs.streaming.writing import Batch


def late_rows(batch: Batch, context: StreamContext) -> StreamTable | None:
    """``row, reason, watermark, batch, source`` of a batch's late rows; ``None`` where it has none."""
    from pyspark.sql import functions as F

    found = [divided.late for divided in context.divided if divided.late is not None]
    if not found:
        return None
    rows = reduce(lambda one, other: one.unionByName(other), found)
    number = F.lit(batch.number).cast("bigint").alias("batch")
    numbered = rows.select("row", "reason", "watermark", number, "source")
    return StreamTable("late", lambda: numbered, "append")
