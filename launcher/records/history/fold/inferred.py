"""What lost lines would have told, as far as other lines tell. Pure.

Without this a stage without its job, and a job or stage without its end, would be taken for time of the
driver: the replay of the recorded run would be right and every other size wrong.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import chain

from launcher.records.history.trace import Ended, Job, Stage

# The threads of the driver stamp a stage's completion and its job's end.
_TOLERANCE_MS = 2
# When a job ended, and whether it succeeded.
End = tuple[int, bool]


def completed(stage: Stage) -> Stage:
    """A stage is complete with the last of its tasks, though nothing says so."""
    if stage.completed_ms is not None or not stage.all_succeeded:
        return stage
    return replace(stage, completed_ms=_last_success(stage))


def all_jobs(jobs: Iterable[Job], only_ends: Mapping[int, End], stages: Sequence[Stage]) -> tuple[Job, ...]:
    """All jobs, in the order of their start.

    Args:
        jobs: those whose start is told.
        only_ends: of the others whose end is told.
        stages: all stages.
    """
    attempts: dict[int, list[Stage]] = {}
    for stage in stages:
        attempts.setdefault(stage.id, []).append(stage)
    told = [_ended(job, attempts) for job in jobs]
    listed = set(chain.from_iterable(job.stages for job in told))
    free = max([*only_ends, *(job.id for job in told)], default=-1) + 1
    lost = _lost([stage for stage in stages if stage.id not in listed], only_ends, free)
    return tuple(sorted([*told, *lost], key=lambda job: (job.start_ms, job.id)))


def _ended(job: Job, attempts: Mapping[int, Sequence[Stage]]) -> Job:
    """A job ends with its last stage: those that it waits for were numbered before (``DAGScheduler``)."""
    if job.end_ms is not None or not job.stages:
        return job
    done = [one for one in attempts.get(max(job.stages), ()) if one.all_succeeded]
    return replace(job, end_ms=done[-1].completed_ms, succeeded=True) if done else job


def _lost(stages: Sequence[Stage], only_ends: Mapping[int, End], free: int) -> Iterator[Job]:
    """The jobs of stages that no job lists; from ``free`` on numbers are nobody's."""
    left = _connected(stages)
    for number, (end, succeeded) in sorted(only_ends.items(), key=lambda one: one[1][0]):
        own = [group for group in left if _over(group, end + _TOLERANCE_MS)]
        if own:
            left = [group for group in left if group not in own]
            yield _job(number, list(chain.from_iterable(own)), end, succeeded=succeeded)
    for number, group in enumerate(left, free):
        yield _job(number, group, _end(group), succeeded=_end(group) is not None)


def _over(group: Sequence[Stage], by_ms: int) -> bool:
    end = _end(group)
    return end is not None and end <= by_ms


def _last_success(stage: Stage) -> int:
    rows = zip(stage.tasks.finish_ms, stage.tasks.ended, strict=True)
    return max(finish for finish, how in rows if how == Ended.SUCCESS)


def _connected(stages: Sequence[Stage]) -> list[list[Stage]]:
    """Groups of stages of which one reads from another, all attempts of a number together."""
    groups: list[tuple[set[int], list[Stage]]] = []
    for stage in stages:
        numbers, members = {stage.id, *stage.parents}, [stage]
        apart = []
        for group in groups:
            if numbers.isdisjoint(group[0]):
                apart.append(group)
            else:
                numbers |= group[0]
                members = [*group[1], *members]
        groups = [*apart, (numbers, members)]
    return [members for _, members in groups]


def _begin(stage: Stage) -> int | None:
    return min(stage.tasks.launch_ms, default=None) if stage.submitted_ms is None else stage.submitted_ms


def _end(group: Sequence[Stage]) -> int | None:
    """When the last of them was complete; ``None`` while one runs."""
    ends = [stage.completed_ms for stage in group]
    known = [end for end in ends if end is not None]
    return max(known) if len(known) == len(ends) else None


def _job(number: int, group: Sequence[Stage], end_ms: int | None, *, succeeded: bool) -> Job:
    begins = [begin for stage in group if (begin := _begin(stage)) is not None]
    start = min(begins, default=0 if end_ms is None else end_ms)
    numbers = tuple(dict.fromkeys(stage.id for stage in group))
    return Job(number, start, end_ms, numbers, None, None, succeeded)
