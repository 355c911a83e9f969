"""A run of an application as its event log tells it: what the replay plays and the report draws. Data alone.

Times are milliseconds since the epoch, sizes are bytes. Tasks lie in columns: a log may hold millions.
"""

from __future__ import annotations

from array import array
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum


class Ended(IntEnum):
    """How an attempt of a task ended."""

    SUCCESS = 0
    FAILED = 1
    KILLED = 2
    LOST = 3  # with its executor


def _column() -> array[int]:
    return array("q")


@dataclass(frozen=True)
class Tasks:
    """The attempts of one stage attempt's tasks, one entry of each column per attempt, in the log's order.

    Attributes:
        index: partition of the stage.
        attempt: number of the attempt at that partition.
        executor: place in ``Trace.executors``.
        launch_ms: launch.
        finish_ms: end, stamped after the core is free again.
        ended: an ``Ended``.
        speculative: 1 for a speculative attempt.
        run_ms: executor run time.
        cpu_ms: CPU time.
        gc_ms: JVM's collection of garbage.
        read_bytes: input read.
        read_rows: records read.
        written_bytes: output written.
        written_rows: records written.
        shuffle_read_bytes: shuffle read, local and remote.
        shuffle_read_rows: records of it.
        shuffle_written_bytes: shuffle written.
        spilled_bytes: spilled to disk.
        peak_bytes: peak execution memory.
    """

    index: array[int] = field(default_factory=_column)
    attempt: array[int] = field(default_factory=_column)
    executor: array[int] = field(default_factory=_column)
    launch_ms: array[int] = field(default_factory=_column)
    finish_ms: array[int] = field(default_factory=_column)
    ended: array[int] = field(default_factory=_column)
    speculative: array[int] = field(default_factory=_column)
    run_ms: array[int] = field(default_factory=_column)
    cpu_ms: array[int] = field(default_factory=_column)
    gc_ms: array[int] = field(default_factory=_column)
    read_bytes: array[int] = field(default_factory=_column)
    read_rows: array[int] = field(default_factory=_column)
    written_bytes: array[int] = field(default_factory=_column)
    written_rows: array[int] = field(default_factory=_column)
    shuffle_read_bytes: array[int] = field(default_factory=_column)
    shuffle_read_rows: array[int] = field(default_factory=_column)
    shuffle_written_bytes: array[int] = field(default_factory=_column)
    spilled_bytes: array[int] = field(default_factory=_column)
    peak_bytes: array[int] = field(default_factory=_column)

    def __len__(self) -> int:
        return len(self.index)


@dataclass(frozen=True)
class Stage:
    """One attempt of a stage.

    Attributes:
        id: its number.
        attempt: the number of the attempt.
        name: call site.
        parents: numbers of the stages it reads from.
        size: tasks it has; more than have ended in a log that was cut.
        profile: resource profile.
        submitted_ms: ``None`` where the log does not tell.
        completed_ms: ``None`` while it runs.
        failure: why it failed, or why the first of its tasks did that failed; one of memory first.
        tasks: what ended.
        cached: numbers of the RDDs that it was the first to have of those that are kept.
    """

    id: int
    attempt: int
    name: str
    parents: tuple[int, ...]
    size: int
    profile: int
    submitted_ms: int | None
    completed_ms: int | None
    failure: str | None
    tasks: Tasks
    cached: tuple[int, ...] = ()

    @property
    def input_bytes(self) -> int:
        """What its tasks read; what they read in vain, to be read again, does not count."""
        read, ended = self.tasks.read_bytes, self.tasks.ended
        if not any(ended):
            return sum(read)
        return sum(size for size, how in zip(read, ended, strict=True) if how == Ended.SUCCESS)

    @property
    def all_succeeded(self) -> bool:
        """Whether each of its tasks did, after however many attempts."""
        rows = zip(self.tasks.index, self.tasks.ended, strict=True)
        return 0 < self.size <= len({index for index, how in rows if how == Ended.SUCCESS})


@dataclass(frozen=True)
class Job:
    """One job.

    Attributes:
        id: its number.
        start_ms: submission.
        end_ms: ``None`` while it runs.
        stages: numbers of all its stages, skipped ones too.
        execution: SQL execution it belongs to.
        root: root of that execution; the execution itself before Spark 3.4.
        succeeded: whether it did.
        pool: of the fair scheduler; empty for the default one.
    """

    id: int
    start_ms: int
    end_ms: int | None
    stages: tuple[int, ...]
    execution: int | None
    root: int | None
    succeeded: bool
    pool: str = ""


@dataclass(frozen=True)
class Executor:
    """One executor; the driver of local mode is one.

    Attributes:
        id: Spark's.
        host: where it ran.
        cores: its task slots at one CPU a task.
        profile: resource profile.
        gpus: GPUs it holds.
        added_ms: registration.
        removed_ms: ``None``: it stayed to the end, or the log does not tell.
        reason: why it was removed.
    """

    id: str
    host: str
    cores: int
    profile: int
    gpus: int
    added_ms: int
    removed_ms: int | None
    reason: str


@dataclass(frozen=True)
class Profile:
    """A resource profile: what a task of it takes.

    Attributes:
        id: its number; 0 is the default one.
        task_cpus: CPUs of a task.
        task_gpus: share of a GPU that a task takes; 0 without.
        executor_cores: cores of an executor; ``None`` where it does not say.
        executor_gpus: GPUs of an executor.
    """

    id: int
    task_cpus: float
    task_gpus: float
    executor_cores: int | None
    executor_gpus: int


@dataclass(frozen=True)
class Execution:
    """One SQL execution; ``end_ms`` is ``None`` while it runs."""

    id: int
    root: int | None
    description: str
    start_ms: int
    end_ms: int | None


@dataclass(frozen=True)
class Peaks:
    """The most memory that was seen on one executor, bytes; ``None`` where the log does not tell.

    Attributes:
        heap: the JVM's heap in use, which fills whatever it is given.
        unified: execution and storage memory together on the heap.
        storage: of it storage.
        off_heap: unified memory off the heap.
        jvm_rss: resident memory of the JVM.
        python_rss: resident memory of its Python workers.
    """

    heap: int | None = None
    unified: int | None = None
    storage: int | None = None
    off_heap: int | None = None
    jvm_rss: int | None = None
    python_rss: int | None = None


@dataclass(frozen=True)
class Lost:
    """What of a log could not be used.

    Attributes:
        lines: lines that are no JSON of their kind.
        cut: it ends before the application did, or its file ends within a block.
        why: one sentence each, for people.
    """

    lines: int = 0
    cut: bool = False
    why: tuple[str, ...] = ()


@dataclass(frozen=True)
class Trace:
    """One application.

    Attributes:
        application_id: Spark's id.
        attempt_id: the attempt of a cluster manager; ``None`` where it has none.
        name: its name.
        spark: version; empty where unknown.
        conf: Spark's settings; ``None`` where the log has lost them (never an empty mapping then).
        start_ms: its start.
        end_ms: ``None``: it runs still, was killed, or the log is cut.
        last_ms: the latest time of any event.
        executors: all there ever were, in the order of their adding.
        profiles: by number; the default one is always there.
        jobs: in the order of their start.
        stages: all attempts, by number and attempt.
        executions: in the order of their start.
        peaks: by executor id.
        cached_ms: when blocks of RDDs began to be cached, by executor id; empty where none or unknown.
        unpersisted_ms: when RDDs were dropped, by number.
        lost: what could not be used.
        exit_code: of the driver; ``None`` where the log does not tell (before Spark 4).
        streams: whether jobs of it belong to a stream, which takes as long as somebody lets it.
    """

    application_id: str
    attempt_id: str | None
    name: str
    spark: str
    conf: Mapping[str, str] | None
    start_ms: int
    end_ms: int | None
    last_ms: int
    executors: tuple[Executor, ...]
    profiles: Mapping[int, Profile]
    jobs: tuple[Job, ...]
    stages: tuple[Stage, ...]
    executions: tuple[Execution, ...] = ()
    peaks: Mapping[str, Peaks] = field(default_factory=dict)
    cached_ms: Mapping[str, int] = field(default_factory=dict)
    unpersisted_ms: Mapping[int, int] = field(default_factory=dict)
    lost: Lost = Lost()
    exit_code: int | None = None
    streams: bool = False

    @property
    def failed(self) -> bool:
        """Whether it ended badly, by its exit code or by the last of its jobs.

        Each says too little alone: a driver in Python that dies leaves exit code 0 in the log, for its JVM
        ends in order (``SparkContext`` stops in a shutdown hook). Of one without an end nobody knows.
        """
        if self.end_ms is None:
            return False
        last = max(self.jobs, key=lambda job: job.end_ms or job.start_ms, default=None)
        return bool(self.exit_code) or (last is not None and not last.succeeded)
