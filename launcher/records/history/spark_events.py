"""The lines of a Spark event log that matter to us, as types; other fields are skipped while reading.

What Spark 2.4 did not write yet has a default. The names are those of Spark's ``JsonProtocol``.
"""

from __future__ import annotations

from typing import Annotated, Any

from msgspec import Meta, Struct, field

# Milliseconds since the epoch, to the year 9999, which is the last that calendars know.
Moment = Annotated[int, Meta(ge=0, le=253_402_300_799_999)]


class TaskReason(Struct, gc=False):
    """How a task ended."""

    reason: str = field(name="Reason")
    class_name: str = field(name="Class Name", default="")
    description: str = field(name="Description", default="")
    full_trace: str = field(name="Full Stack Trace", default="")
    message: str = field(name="Message", default="")
    executor: str = field(name="Executor ID", default="")
    loss: str | None = field(name="Loss Reason", default=None)


class TaskInfo(Struct, gc=False):
    """Which task; before Spark 3.3 ``partition`` is -1 and ``index`` counts within the stage's attempt."""

    task_id: int = field(name="Task ID")
    executor: str = field(name="Executor ID")
    host: str = field(name="Host", default="")
    index: int = field(name="Index", default=0)
    partition: int = field(name="Partition ID", default=-1)
    attempt: int = field(name="Attempt", default=0)
    launch_ms: Moment = field(name="Launch Time", default=0)
    finish_ms: Moment = field(name="Finish Time", default=0)
    speculative: bool = field(name="Speculative", default=False)
    failed: bool = field(name="Failed", default=False)


class Read(Struct, gc=False):
    """What was read from a source."""

    bytes: int = field(name="Bytes Read", default=0)
    rows: int = field(name="Records Read", default=0)


class Written(Struct, gc=False):
    """What was written to a sink."""

    bytes: int = field(name="Bytes Written", default=0)
    rows: int = field(name="Records Written", default=0)


class ShuffleRead(Struct, gc=False):
    """What was read from a shuffle."""

    remote: int = field(name="Remote Bytes Read", default=0)
    local: int = field(name="Local Bytes Read", default=0)
    rows: int = field(name="Total Records Read", default=0)


class ShuffleWritten(Struct, gc=False):
    """What was written to a shuffle."""

    bytes: int = field(name="Shuffle Bytes Written", default=0)


_READ, _WRITTEN, _SHUFFLE_READ, _SHUFFLE_WRITTEN = Read(), Written(), ShuffleRead(), ShuffleWritten()


class TaskMetrics(Struct, gc=False):
    """What a task took; times in ms, CPU time in ns."""

    run_ms: int = field(name="Executor Run Time", default=0)
    cpu_ns: int = field(name="Executor CPU Time", default=0)
    gc_ms: int = field(name="JVM GC Time", default=0)
    peak: int = field(name="Peak Execution Memory", default=0)
    memory_spill: int = field(name="Memory Bytes Spilled", default=0)
    disk_spill: int = field(name="Disk Bytes Spilled", default=0)
    read: Read = field(name="Input Metrics", default_factory=lambda: _READ)
    written: Written = field(name="Output Metrics", default_factory=lambda: _WRITTEN)
    shuffle_read: ShuffleRead = field(name="Shuffle Read Metrics", default_factory=lambda: _SHUFFLE_READ)
    shuffle_written: ShuffleWritten = field(
        name="Shuffle Write Metrics", default_factory=lambda: _SHUFFLE_WRITTEN
    )


class ExecutorMetrics(Struct, gc=False):
    """The most memory since the metrics were last told, bytes; nothing but zeros where nobody measured."""

    heap: int = field(name="JVMHeapMemory", default=0)
    unified: int = field(name="OnHeapUnifiedMemory", default=0)
    storage: int = field(name="OnHeapStorageMemory", default=0)
    off_heap: int = field(name="OffHeapUnifiedMemory", default=0)
    jvm_rss: int = field(name="ProcessTreeJVMRSSMemory", default=0)
    python_rss: int = field(name="ProcessTreePythonRSSMemory", default=0)


class TaskEnd(Struct, gc=False):
    """A task ended."""

    stage: int = field(name="Stage ID")
    attempt: int = field(name="Stage Attempt ID")
    reason: TaskReason = field(name="Task End Reason")
    info: TaskInfo = field(name="Task Info")
    # Null where the task died with its executor.
    metrics: TaskMetrics | None = field(name="Task Metrics", default=None)
    memory: ExecutorMetrics | None = field(name="Task Executor Metrics", default=None)


class StageMemory(Struct):
    """The most memory an executor had while a stage ran (``spark.eventLog.logStageExecutorMetrics``)."""

    executor: str = field(name="Executor ID")
    memory: ExecutorMetrics = field(name="Executor Metrics", default_factory=ExecutorMetrics)


class StorageLevel(Struct):
    """Where the blocks of an RDD are kept."""

    memory: bool = field(name="Use Memory", default=False)
    disk: bool = field(name="Use Disk", default=False)


class Rdd(Struct):
    """An RDD of a stage."""

    id: int = field(name="RDD ID", default=-1)
    level: StorageLevel = field(name="Storage Level", default_factory=StorageLevel)


class Unpersist(Struct):
    """An RDD is not kept any more; the event has no time."""

    rdd: int = field(name="RDD ID")


class StageInfo(Struct):
    """Which stage."""

    stage: int = field(name="Stage ID")
    attempt: int = field(name="Stage Attempt ID", default=0)
    name: str = field(name="Stage Name", default="")
    tasks: int = field(name="Number of Tasks", default=0)
    parents: list[int] = field(name="Parent IDs", default_factory=list)
    rdds: list[Rdd] = field(name="RDD Info", default_factory=list)
    profile: int = field(name="Resource Profile Id", default=0)
    submitted_ms: Moment | None = field(name="Submission Time", default=None)
    completed_ms: Moment | None = field(name="Completion Time", default=None)
    failure: str | None = field(name="Failure Reason", default=None)


class Stage(Struct):
    """A stage was submitted or completed."""

    info: StageInfo = field(name="Stage Info")


class JobProperties(Struct):
    """Which SQL execution a job belongs to, which stream (``StreamExecution.QUERY_ID_KEY``; DStreams), and
    which pool of the fair scheduler."""

    execution: str | None = field(name="spark.sql.execution.id", default=None)
    root: str | None = field(name="spark.sql.execution.root.id", default=None)
    query: str | None = field(name="sql.streaming.queryId", default=None)
    batch: str | None = field(name="spark.streaming.internal.batchTime", default=None)
    pool: str | None = field(name="spark.scheduler.pool", default=None)


class JobStart(Struct):
    """A job began; its stages may be skipped."""

    job: int = field(name="Job ID", default=-1)
    ms: Moment = field(name="Submission Time", default=0)
    stages: list[StageInfo] = field(name="Stage Infos", default_factory=list)
    numbers: list[int] = field(name="Stage IDs", default_factory=list)
    properties: JobProperties | None = field(name="Properties", default=None)


class JobEnd(Struct):
    """A job ended."""

    job: int = field(name="Job ID")
    ms: Moment = field(name="Completion Time", default=0)
    result: dict[str, Any] = field(name="Job Result", default_factory=dict)


class LogStart(Struct):
    """Which Spark wrote the log."""

    version: str = field(name="Spark Version", default="")


class Environment(Struct):
    """What the application ran with; Spark 2.x wrote lists of pairs."""

    settings: dict[str, Any] | list[list[Any]] = field(name="Spark Properties", default_factory=dict)


class ApplicationStart(Struct):
    """The application began."""

    ms: Moment = field(name="Timestamp")
    name: str = field(name="App Name", default="")
    id: str | None = field(name="App ID", default=None)
    attempt: str | None = field(name="App Attempt ID", default=None)


class ApplicationEnd(Struct):
    """The application ended."""

    ms: Moment = field(name="Timestamp")
    code: int | None = field(name="ExitCode", default=None)


class Resource(Struct):
    """Addresses of a resource, of GPUs for instance."""

    addresses: list[str] = field(default_factory=list)


class ExecutorInfo(Struct):
    """What an executor has."""

    host: str = field(name="Host", default="")
    cores: int = field(name="Total Cores", default=1)
    resources: dict[str, Resource] = field(name="Resources", default_factory=dict)
    profile: int = field(name="Resource Profile Id", default=0)


class Executor(Struct):
    """An executor came or went."""

    ms: Moment = field(name="Timestamp")
    id: str = field(name="Executor ID")
    info: ExecutorInfo = field(name="Executor Info", default_factory=ExecutorInfo)
    reason: str = field(name="Removed Reason", default="")


class Request(Struct):
    """An amount of a resource."""

    amount: float = field(name="Amount", default=0.0)


class ProfileAdded(Struct):
    """A resource profile; since Spark 3.1."""

    id: int = field(name="Resource Profile Id")
    executor: dict[str, Request] = field(name="Executor Resource Requests", default_factory=dict)
    task: dict[str, Request] = field(name="Task Resource Requests", default_factory=dict)


class ExecutionStart(Struct):
    """An SQL execution began; ``root`` since Spark 3.4."""

    id: int = field(name="executionId")
    ms: Moment = field(name="time")
    description: str = ""
    root: int | None = field(name="rootExecutionId", default=None)


class ExecutionEnd(Struct):
    """An SQL execution ended."""

    id: int = field(name="executionId")
    ms: Moment = field(name="time")


_SQL = b"org.apache.spark.sql.execution.ui."
KINDS: dict[bytes, type[Struct]] = {
    b"SparkListenerTaskEnd": TaskEnd,
    b"SparkListenerStageSubmitted": Stage,
    b"SparkListenerStageCompleted": Stage,
    b"SparkListenerStageExecutorMetrics": StageMemory,
    b"SparkListenerUnpersistRDD": Unpersist,
    b"SparkListenerJobStart": JobStart,
    b"SparkListenerJobEnd": JobEnd,
    b"SparkListenerLogStart": LogStart,
    b"SparkListenerEnvironmentUpdate": Environment,
    b"SparkListenerApplicationStart": ApplicationStart,
    b"SparkListenerApplicationEnd": ApplicationEnd,
    b"SparkListenerExecutorAdded": Executor,
    b"SparkListenerExecutorRemoved": Executor,
    b"SparkListenerResourceProfileAdded": ProfileAdded,
    _SQL + b"SparkListenerSQLExecutionStart": ExecutionStart,
    _SQL + b"SparkListenerSQLExecutionEnd": ExecutionEnd,
}


def printable(text: str) -> str:
    """A name as it may be shown: anybody can name an application, and a terminal obeys control characters."""
    return "".join(char if char.isprintable() else "\N{REPLACEMENT CHARACTER}" for char in text)
