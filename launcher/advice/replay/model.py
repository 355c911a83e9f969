"""A recorded application in the form that can be played again: what waits for what, and for how long.

Times are milliseconds. Nothing in here is a time of the clock but the executors' leases and the start: all
else is a delay after what must come first, so that it moves when that moves.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True)
class StagePart:
    """One attempt of a stage.

    Attributes:
        id: Spark's number.
        attempt: number of the attempt.
        name: call site.
        job: place of its job in ``Model.jobs``.
        parents: places in ``Model.stages`` of what must be complete before.
        profile: resource profile.
        submit_ms: from the job's start, or the last parent's end, to its submission.
        launch_ms: from there to the first launch where a slot is free.
        end_ms: from the last finish to its completion.
        durations: of the first attempt of each task in the order of launch, ms from launch to finish.
        classes: a ``SlotClass`` of each of them.
        retries: durations of further attempts, by place in ``durations``.
        completes_at: so many of its tasks end before it is complete; fewer than all where it failed.
        writes_shuffle: whether its executors hold shuffle data afterwards.
        caches: whether its executors hold cached blocks afterwards.
        cached_until: place of the job after which these are dropped; ``None``: the application keeps them.
    """

    id: int
    attempt: int
    name: str
    job: int
    parents: tuple[int, ...]
    profile: int
    submit_ms: int
    launch_ms: int
    end_ms: int
    durations: Sequence[float]
    classes: bytes
    retries: Mapping[int, tuple[int, ...]]
    completes_at: int
    writes_shuffle: bool = False
    caches: bool = False
    cached_until: int | None = None


@dataclass(frozen=True)
class JobPart:
    """One job.

    Attributes:
        id: Spark's number.
        group: jobs of one SQL execution, nested ones included, have the same number.
        after: places in ``Model.jobs`` of what ends before it starts; empty: the application's start.
        gap_ms: what the driver does between.
        stages: places in ``Model.stages`` of those it runs.
        waits_for: those of them without which it does not end.
        end_ms: from the last of those to its end.
        reads: whether it reads shuffle data of earlier jobs: it lists stages that never ran.
    """

    id: int
    group: int
    after: tuple[int, ...]
    gap_ms: int
    stages: tuple[int, ...]
    waits_for: tuple[int, ...]
    end_ms: int
    reads: bool = False


@dataclass(frozen=True)
class Lease:
    """One executor's time.

    Attributes:
        profile: resource profile.
        slots: tasks at a time.
        added_ms: registration: it costs from here.
        ready_ms: it takes tasks from here.
        closed_ms: it takes none from here; ``None``: to the end.
        removed_ms: it costs until here; ``None``: to the end.
        lost: whether what runs on it is lost when it is removed, and runs again elsewhere.
    """

    profile: int
    slots: int
    added_ms: float
    ready_ms: float
    closed_ms: float | None = None
    removed_ms: float | None = None
    lost: bool = False


@dataclass(frozen=True)
class Model:
    """An application that can be played again.

    Attributes:
        start_ms: when it began.
        tail_ms: from the end of its last job to its end.
        slot_gap_ms: from a finish to the next launch on that slot; may be negative.
        ready_lag_ms: from an executor's registration to its first launch, the median.
        jobs: in the order of their start.
        stages: in the order of priority: job, number, attempt.
        leases: the executors as they were.
        slots: task slots of an executor, by resource profile.
        recorded_ms: what it took.
        recorded_job_ends: when each job ended; ``None`` where the log does not tell.
        fair: whether the stages that wait share the slots, instead of the first taking all.
        pools: of each job the number of its pool, which share the slots instead; in one the first stage takes
            all. Empty where there is one pool.
        guests: of each resource profile of executors, the others of which they run tasks too, and how many at
            a time (``TaskResourceProfile``, since Spark 3.4 without dynamic allocation).
    """

    start_ms: int
    tail_ms: int
    slot_gap_ms: int
    ready_lag_ms: int
    jobs: tuple[JobPart, ...]
    stages: tuple[StagePart, ...]
    leases: tuple[Lease, ...]
    slots: Mapping[int, int]
    recorded_ms: int
    recorded_job_ends: tuple[int | None, ...] = ()
    fair: bool = False
    pools: tuple[int, ...] = ()
    guests: Mapping[int, Mapping[int, int]] = field(default_factory=dict)

    @property
    def tasks(self) -> int:
        """Tasks of all stages, attempts of one counted once."""
        return sum(len(stage.durations) for stage in self.stages)
