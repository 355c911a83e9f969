"""The lines of a Spark event log that matter to us, as types; other fields are skipped while reading."""

from __future__ import annotations

from typing import Any

from msgspec import Struct, field


class TaskReason(Struct):
    """How a task ended."""

    reason: str = field(name="Reason")
    class_name: str = field(name="Class Name", default="")
    description: str = field(name="Description", default="")
    full_trace: str = field(name="Full Stack Trace", default="")
    message: str = field(name="Message", default="")
    executor: str = field(name="Executor ID", default="")
    loss: str | None = field(name="Loss Reason", default=None)


class TaskInfo(Struct):
    """Which task."""

    task_id: int = field(name="Task ID")
    executor: str = field(name="Executor ID")
    host: str = field(name="Host", default="")
    failed: bool = field(name="Failed", default=False)


class Read(Struct):
    """Bytes read from a source."""

    bytes: int = field(name="Bytes Read", default=0)


class Written(Struct):
    """Bytes written to a sink."""

    bytes: int = field(name="Bytes Written", default=0)


class ShuffleRead(Struct):
    """Bytes read from a shuffle."""

    remote: int = field(name="Remote Bytes Read", default=0)
    local: int = field(name="Local Bytes Read", default=0)


class ShuffleWritten(Struct):
    """Bytes written to a shuffle."""

    bytes: int = field(name="Shuffle Bytes Written", default=0)


class TaskMetrics(Struct):
    """What a task took; times in ms, CPU time in ns."""

    run_ms: int = field(name="Executor Run Time", default=0)
    cpu_ns: int = field(name="Executor CPU Time", default=0)
    gc_ms: int = field(name="JVM GC Time", default=0)
    peak: int = field(name="Peak Execution Memory", default=0)
    memory_spill: int = field(name="Memory Bytes Spilled", default=0)
    disk_spill: int = field(name="Disk Bytes Spilled", default=0)
    read: Read = field(name="Input Metrics", default_factory=Read)
    written: Written = field(name="Output Metrics", default_factory=Written)
    shuffle_read: ShuffleRead = field(name="Shuffle Read Metrics", default_factory=ShuffleRead)
    shuffle_written: ShuffleWritten = field(name="Shuffle Write Metrics", default_factory=ShuffleWritten)


class TaskEnd(Struct):
    """A task ended."""

    stage: int = field(name="Stage ID")
    attempt: int = field(name="Stage Attempt ID")
    reason: TaskReason = field(name="Task End Reason")
    info: TaskInfo = field(name="Task Info")
    # Null where the task died with its executor.
    metrics: TaskMetrics | None = field(name="Task Metrics", default=None)


class StageInfo(Struct):
    """Which stage."""

    stage: int = field(name="Stage ID")
    attempt: int = field(name="Stage Attempt ID")
    tasks: int = field(name="Number of Tasks", default=0)
    parents: list[int] = field(name="Parent IDs", default_factory=list)
    failure: str | None = field(name="Failure Reason", default=None)


class Stage(Struct):
    """A stage was submitted or completed."""

    info: StageInfo = field(name="Stage Info")


class JobStart(Struct):
    """A job began; its stages may be skipped."""

    stages: list[StageInfo] = field(name="Stage Infos", default_factory=list)


class JobEnd(Struct):
    """A job ended."""

    job: int = field(name="Job ID")
    result: dict[str, Any] = field(name="Job Result", default_factory=dict)


class ApplicationStart(Struct):
    """The application began."""

    ms: int = field(name="Timestamp")
    name: str = field(name="App Name", default="")
    id: str | None = field(name="App ID", default=None)


class ApplicationEnd(Struct):
    """The application ended."""

    ms: int = field(name="Timestamp")


class Executor(Struct):
    """An executor came or went."""

    ms: int = field(name="Timestamp")
    id: str = field(name="Executor ID")


KINDS: dict[bytes, type[Struct]] = {
    b"SparkListenerTaskEnd": TaskEnd,
    b"SparkListenerStageSubmitted": Stage,
    b"SparkListenerStageCompleted": Stage,
    b"SparkListenerJobStart": JobStart,
    b"SparkListenerJobEnd": JobEnd,
    b"SparkListenerApplicationStart": ApplicationStart,
    b"SparkListenerApplicationEnd": ApplicationEnd,
    b"SparkListenerExecutorAdded": Executor,
    b"SparkListenerExecutorRemoved": Executor,
}
