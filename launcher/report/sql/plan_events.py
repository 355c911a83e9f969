"""The lines of an event log that tell of plans and their metrics, as types."""

from __future__ import annotations

from typing import Any

from msgspec import Struct, field


class Metric(Struct):
    """A metric of an operator."""

    name: str = ""
    id: int = field(name="accumulatorId", default=-1)
    kind: str = field(name="metricType", default="sum")


class Node(Struct):
    """An operator of a plan and those below it."""

    name: str = field(name="nodeName", default="")
    text: str = field(name="simpleString", default="")
    children: list[Node] = field(default_factory=list)
    metadata: dict[str, str] = field(default_factory=dict)
    metrics: list[Metric] = field(default_factory=list)


class PlanTold(Struct):
    """A query began, or its plan was changed while it ran."""

    execution: int = field(name="executionId")
    plan: Node = field(name="sparkPlanInfo", default_factory=Node)


class DriverMetrics(Struct):
    """What the driver measured: pairs of accumulator and value."""

    execution: int = field(name="executionId")
    updates: list[tuple[int, int]] = field(name="accumUpdates", default_factory=list)


class Accumulable(Struct):
    """An accumulator of a stage; the values of Spark's own ones have all kinds of types."""

    id: int = field(name="ID")
    value: Any = field(name="Value", default=None)


class StageInfo(Struct):
    """A stage that completed."""

    stage: int = field(name="Stage ID")
    attempt: int = field(name="Stage Attempt ID", default=0)
    accumulables: list[Accumulable] = field(name="Accumulables", default_factory=list)


class StageDone(Struct):
    """A stage completed."""

    info: StageInfo = field(name="Stage Info")


_SQL = b"org.apache.spark.sql.execution.ui."
STAGE = b"SparkListenerStageCompleted"
BEGUN = _SQL + b"SparkListenerSQLExecutionStart"
CHANGED = _SQL + b"SparkListenerSQLAdaptiveExecutionUpdate"
DRIVER = _SQL + b"SparkListenerDriverAccumUpdates"
KINDS: dict[bytes, type[Struct]] = {
    STAGE: StageDone,
    BEGUN: PlanTold,
    CHANGED: PlanTold,
    DRIVER: DriverMetrics,
}
