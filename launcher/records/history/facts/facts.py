"""The summary of an event log that is kept with a run's record. Data alone.

Seconds count from the start of the application, sizes are bytes; ``None`` where the log does not tell.
"""

from __future__ import annotations

from msgspec import Struct

from launcher.records.history.trace import Peaks

VERSION = 1


class Spread(Struct, frozen=True):
    """How long tasks took, launch to finish, in ms; those that succeeded."""

    count: int = 0
    total: int = 0
    p50: int = 0
    p90: int = 0
    most: int = 0


class StageFacts(Struct, frozen=True):
    """One attempt of a stage.

    Attributes:
        id: its number.
        attempt: number of the attempt.
        name: call site.
        job: the first job that has it; ``None`` where the log lost it.
        profile: resource profile.
        size: tasks it has.
        failed: attempts of tasks that failed or went with their executor.
        killed: attempts that were killed, as the slower one of a speculative pair.
        submitted_s: submission.
        completed_s: completion.
        task_seconds: of all attempts, launch to finish.
        fresh: first tasks ever of a slot.
        first: first tasks of this stage on a slot that had run others.
        rest: all others.
        skew: longest task by the median one.
        slowest: partitions of the longest tasks, the longest first.
        gc_share: share of run time that went to collecting garbage.
        read_bytes: input.
        read_rows: records of it.
        written_bytes: output.
        written_rows: records of it.
        shuffle_read_bytes: shuffle read.
        shuffle_read_rows: records of it.
        shuffle_written_bytes: shuffle written.
        spilled_bytes: spilled to disk.
        peak_bytes: the most execution memory of one task.
    """

    id: int
    attempt: int
    name: str
    job: int | None
    profile: int
    size: int
    failed: int
    killed: int
    submitted_s: float | None
    completed_s: float | None
    task_seconds: float
    fresh: Spread
    first: Spread
    rest: Spread
    skew: float | None
    slowest: tuple[int, ...]
    gc_share: float
    read_bytes: int
    read_rows: int
    written_bytes: int
    written_rows: int
    shuffle_read_bytes: int
    shuffle_read_rows: int
    shuffle_written_bytes: int
    spilled_bytes: int
    peak_bytes: int


class Gap(Struct, frozen=True):
    """A time in which no job ran: the driver worked or waited."""

    start_s: float
    seconds: float


class Curves(Struct, frozen=True):
    """Executors asked for and there, as means over equal steps of time.

    Attributes:
        step_s: length of a step.
        demand: executors that all unfinished tasks of the submitted stages would fill.
        supply: executors that were there.
        demand_s: executor-seconds asked for.
        under_s: of it without an executor.
        over_s: executor-seconds without demand.
    """

    step_s: float
    demand: tuple[float, ...]
    supply: tuple[float, ...]
    demand_s: float
    under_s: float
    over_s: float


class Memory(Struct, frozen=True):
    """What memory was needed.

    Attributes:
        most: the largest of each figure over the executors.
        executors: by executor, at most ``MOST_EXECUTORS`` with the largest heaps.
        heap_need: what ``spark.executor.memory`` needs for the most unified memory, with a margin; never the
            heap in use, which fills whatever it is given.
        confirmed: little time went to collecting garbage and nothing was spilled: that much was enough.
    """

    most: Peaks
    executors: dict[str, Peaks]
    heap_need: int | None
    confirmed: bool


class Facts(Struct, frozen=True):
    """One application.

    Attributes:
        application_id: Spark's id.
        attempt_id: the attempt of a cluster manager.
        name: its name.
        spark: version; empty where unknown.
        start_ms: its start, ms since the epoch.
        seconds: start to end, or to the last event of one without an end.
        complete: the log has its end and no part of it is lost.
        lost: what could not be used, for people.
        tasks: attempts of tasks.
        work_s: task seconds of all attempts, launch to finish.
        wasted_s: of it by attempts that did not succeed.
        critical_path_s: the longest chain of tasks, which no executor shortens.
        driver_s: time around that chain in which the driver worked or waited.
        gap_s: time without any job.
        gaps: the longest of these, in order of time.
        jobs: how many there were.
        stages: by task seconds at most ``MOST_STAGES``, in order of number.
        stages_left_out: how many are not listed.
        gc_share: share of run time that went to collecting garbage.
        input_bytes: input, each partition once.
        input_rows: records of it.
        output_bytes: output.
        output_rows: records of it.
        shuffle_bytes: shuffle written.
        spilled_bytes: spilled to disk.
        executors: (second, executors alive) at each change, at most ``MOST_CHANGES`` of them.
        executor_seconds: adding to removing, or to the end.
        curves: demand and supply.
        memory: ``None`` where nobody measured.
        v: version of this type.
    """

    application_id: str
    attempt_id: str | None
    name: str
    spark: str
    start_ms: int
    seconds: float
    complete: bool
    lost: tuple[str, ...]
    tasks: int
    work_s: float
    wasted_s: float
    critical_path_s: float
    driver_s: float
    gap_s: float
    gaps: tuple[Gap, ...]
    jobs: int
    stages: tuple[StageFacts, ...]
    stages_left_out: int
    gc_share: float
    input_bytes: int
    input_rows: int
    output_bytes: int
    output_rows: int
    shuffle_bytes: int
    spilled_bytes: int
    executors: tuple[tuple[float, int], ...]
    executor_seconds: float
    curves: Curves
    memory: Memory | None
    v: int = VERSION


MOST_STAGES, MOST_GAPS, MOST_CHANGES, MOST_STEPS, MOST_EXECUTORS = 500, 20, 1000, 200, 200
