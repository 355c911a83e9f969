"""Whether executors follow the load of a stream, and with which bounds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sparkjobs.errors import UsageError
from sparkjobs.streaming.scaling.autoscaler import Autoscaler
from sparkjobs.streaming.scaling.bounds import ENABLED, bounded, bounds_of, dynamic
from sparkjobs.streaming.scaling.fleet import SparkFleet, can_scale
from sparkjobs.streaming.scaling.rules import TRIGGERS, Rules
from sparkjobs.streaming.sources.source import StreamSource
from sparkjobs.streaming.trigger import interval_s

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

# From the request to the first task: a standalone worker starts a JVM at once, others find room first.
_SOON_S, _LATER_S = 5.0, 20.0


@dataclass(frozen=True)
class Wanted:
    """Executors that follow the load.

    Attributes:
        rules: bounds and objective.
        start: executors before the first batch.
    """

    rules: Rules
    start: int


def wanted(spark: SparkSession, trigger: str, max_latency: str | None) -> Wanted | None:
    """What ``--max-latency``, or bounds in the settings, ask for.

    Args:
        spark: the session.
        trigger: ``--trigger``.
        max_latency: ``--max-latency``.

    Raises:
        UsageError: it is asked for and cannot be had; says why.
    """
    settings = dict(spark.sparkContext.getConf().getAll())
    trigger_s = interval_s(trigger)
    if trigger_s is None:
        return None
    if max_latency is None:
        if not bounded(settings) or not can_scale(spark):
            return None
        latency_s = TRIGGERS * trigger_s
    else:
        _refuse_impossible(spark, settings, max_latency)
        latency_s = interval_s(max_latency) or TRIGGERS * trigger_s
    bounds = bounds_of(settings)
    soon = (spark.sparkContext.master or "").startswith(("spark://", "local-cluster"))
    start_s = _SOON_S if soon else _LATER_S
    return Wanted(Rules(trigger_s, latency_s, bounds.least, bounds.most, start_s), bounds.start)


def make_autoscaler(
    spark: SparkSession, asked: Wanted | None, source: StreamSource, left: int
) -> Autoscaler | None:
    """The autoscaler, where one is wanted; it has set its start.

    Args:
        spark: the session.
        asked: what is wanted.
        source: what the stream reads.
        left: lists of earlier runs that no batch has done.
    """
    if asked is None:
        return None
    scaler = Autoscaler(
        asked.rules,
        asked.start,
        SparkFleet(spark),
        lists=lambda: source.lists.count,
        lag=lambda: sum(source.lag().values()),
        left=left,
    )
    scaler.begin()
    return scaler


def _refuse_impossible(spark: SparkSession, settings: dict[str, str], max_latency: str) -> None:
    if dynamic(settings):
        raise UsageError(
            f"--max-latency {max_latency} and {ENABLED}=true are two masters of the number of executors",
            f"Set {ENABLED}=false; its bounds go on to hold. Or leave --max-latency out.",
        )
    if not can_scale(spark):
        raise UsageError(
            f"--max-latency {max_latency}: {spark.sparkContext.master} takes no requests for executors",
            "Run on a cluster (standalone, YARN or Kubernetes), or leave --max-latency out.",
        )
