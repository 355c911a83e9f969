"""Small models by hand: stages as lists of durations, jobs as lists of stages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from launcher.advice.replay.model import JobPart, Lease, Model, StagePart


@dataclass(frozen=True)
class MadeStage:
    """A stage of a made job: durations of its tasks, ms; places of its parents within the job."""

    durations: Sequence[float]
    parents: Sequence[int] = ()
    profile: int = 0
    submit_ms: int = 0
    launch_ms: int = 0
    retries: Mapping[int, tuple[int, ...]] = field(default_factory=dict)
    writes_shuffle: bool = False
    caches: bool = False


@dataclass(frozen=True)
class MadeJob:
    """A job: stages, places of the jobs that it follows, what the driver does before it."""

    stages: Sequence[MadeStage]
    after: Sequence[int] = ()
    gap_ms: int = 0
    group: int | None = None


def made_model(
    jobs: Sequence[MadeJob],
    leases: Sequence[Lease] = (),
    *,
    slots: Mapping[int, int] | None = None,
    tail_ms: int = 0,
    start_ms: int = 0,
) -> Model:
    """A model without delays but those given."""
    parts: list[JobPart] = []
    stages: list[StagePart] = []
    for place, job in enumerate(jobs):
        first = len(stages)
        stages += [_stage(first, number, place, stage) for number, stage in enumerate(job.stages)]
        own = tuple(range(first, len(stages)))
        group = place if job.group is None else job.group
        parts.append(JobPart(place, group, tuple(job.after), job.gap_ms, own, own, 0))
    found = slots or {lease.profile: lease.slots for lease in leases} or {0: 1}
    return Model(start_ms, tail_ms, 0, 0, tuple(parts), tuple(stages), tuple(leases), found, 0)


def _stage(first: int, number: int, job: int, made: MadeStage) -> StagePart:
    return StagePart(
        id=first + number,
        attempt=0,
        name=f"stage {first + number}",
        job=job,
        parents=tuple(first + parent for parent in made.parents),
        profile=made.profile,
        submit_ms=made.submit_ms,
        launch_ms=made.launch_ms,
        end_ms=0,
        durations=made.durations,
        classes=bytes(len(made.durations)),
        retries=made.retries,
        completes_at=len(made.durations),
        writes_shuffle=made.writes_shuffle,
        caches=made.caches,
    )


def executors(count: int, slots: int = 1, *, added_ms: float = 0, profile: int = 0) -> list[Lease]:
    """So many executors that are there from a moment on."""
    return [Lease(profile, slots, added_ms, added_ms) for _ in range(count)]
