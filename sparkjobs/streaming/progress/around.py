"""What Spark and the source are asked when a batch is done."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from sparkjobs.streaming.progress.reporter import Surroundings
from sparkjobs.streaming.scaling.autoscaler import Autoscaler
from sparkjobs.streaming.sources.source import StreamSource

if TYPE_CHECKING:
    from pyspark.sql import SparkSession


def surroundings(spark: SparkSession, source: StreamSource, scaler: Autoscaler | None) -> Surroundings:
    """The executors of a session, and what lies unread in a source. Our streams keep no state in Spark."""
    around = Surroundings(lag=source.lag, state_rows=lambda: 0, executors=lambda: executors(spark))
    if scaler is None:
        return around
    return replace(around, target=lambda: scaler.target, decisions=scaler.decided)


def executors(spark: SparkSession) -> int | None:
    """How many executors there are; in local mode the driver is the one."""
    context = spark.sparkContext
    found = len(context._jsc.sc().statusTracker().getExecutorInfos())
    # The driver is among them (AppStatusStore.executorList).
    return found if re.match(r"local($|\[)", context.master or "") else found - 1
