"""What passes between a stage and what it waits for: delays of the driver, told apart from queueing.

"First launch minus submission" is a delay only where slots were free and nobody else was served meanwhile.
Anywhere else it is work that stood in the way: kept as a constant, the replay of the recorded run would be
perfect and every other size wrong.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median

from launcher.advice.replay.occupancy import Capacity, Occupancy
from launcher.records.history.trace import Job, Stage, Trace

# Medians over 52 logs, ms: from a parent's end to the submission, and from there to the first launch.
USUAL_SUBMIT_MS, USUAL_LAUNCH_MS = 2, 10
# Two threads of the driver stamp a parent's completion and its child's submission.
_TOLERANCE_MS = 2
# So many stages of the usual delay stand beside those that were seen.
_PRIOR = 3


@dataclass(frozen=True)
class Delay:
    """Delays of one stage, ms, as in ``StagePart``; and the places of the stages it reads from."""

    parents: tuple[int, ...]
    submit_ms: int
    launch_ms: int
    end_ms: int
    completes_at: int


def stage_delays(
    trace: Trace,
    owners: Sequence[int | None],
    finishes: Sequence[Sequence[int]],
    occupancies: Mapping[int, Occupancy],
    capacities: Mapping[int, Capacity],
) -> list[Delay]:
    """The delays of each of ``trace.stages``.

    Args:
        trace: the run.
        owners: place of each stage's job.
        finishes: of each stage the sorted ends of its tasks.
        occupancies: by resource profile.
        capacities: by resource profile.
    """
    attempts: dict[int, list[int]] = {}
    for place, stage in enumerate(trace.stages):
        attempts.setdefault(stage.id, []).append(place)
    parents = [_parents(trace.stages, attempts, place) for place in range(len(trace.stages))]
    submits = [
        _submit(trace, owners[place], parents[place], stage) for place, stage in enumerate(trace.stages)
    ]
    launches = [_launch(stage, occupancies, capacities) for stage in trace.stages]
    usual_submit, usual_launch = _usual(submits, USUAL_SUBMIT_MS), _usual(launches, USUAL_LAUNCH_MS)
    found = []
    for place, stage in enumerate(trace.stages):
        at, end = _completion(stage, finishes[place])
        submit, launch = submits[place], launches[place]
        found.append(
            Delay(
                parents[place],
                usual_submit if submit is None else submit,
                usual_launch if launch is None else launch,
                end,
                at,
            )
        )
    return found


def _usual(known: Sequence[int | None], without: int) -> int:
    """The median; a few stages alone do not tell what is usual."""
    return round(median([*(value for value in known if value is not None), *[without] * _PRIOR]))


def _parents(stages: Sequence[Stage], attempts: Mapping[int, Sequence[int]], place: int) -> tuple[int, ...]:
    """The attempts that were complete when this one was submitted: of its parents, and the one before it."""
    stage = stages[place]
    before = [other for other in attempts[stage.id] if stages[other].attempt < stage.attempt][-1:]
    if stage.attempt:
        before += _failed_before(stages, stage)
    for parent in stage.parents:
        ended = [
            other for other in attempts.get(parent, ()) if _complete_by(stages[other], stage.submitted_ms)
        ]
        before += ended[-1:]
    return tuple(dict.fromkeys(before))


def _failed_before(stages: Sequence[Stage], stage: Stage) -> list[int]:
    """The failure for which a stage runs again: of itself, or of one that did not find its output."""
    failed = [
        (other.completed_ms or 0, place)
        for place, other in enumerate(stages)
        if _failed(other) and _complete_by(other, stage.submitted_ms)
    ]
    return [max(failed)[1]] if failed else []


def _failed(stage: Stage) -> bool:
    """A stage of which a task threw and ran again has a failure too."""
    return stage.failure is not None and not stage.all_succeeded


def _complete_by(stage: Stage, at_ms: int | None) -> bool:
    if stage.completed_ms is None:
        return at_ms is None
    return at_ms is None or stage.completed_ms <= at_ms + _TOLERANCE_MS


def _submit(trace: Trace, owner: int | None, parents: Sequence[int], stage: Stage) -> int | None:
    if stage.submitted_ms is None or owner is None:
        return None
    ends = [trace.stages[parent].completed_ms or 0 for parent in parents]
    return max(0, stage.submitted_ms - max([trace.jobs[owner].start_ms, *ends]))


def _launch(
    stage: Stage, occupancies: Mapping[int, Occupancy], capacities: Mapping[int, Capacity]
) -> int | None:
    """The delay as recorded where it is one, else ``None``."""
    if stage.submitted_ms is None or not len(stage.tasks):
        return None
    submitted, first = stage.submitted_ms, min(stage.tasks.launch_ms)
    occupancy, capacity = occupancies[stage.profile], capacities[stage.profile]
    free = all(occupancy.running(at) < capacity.at(at) for at in (submitted, max(submitted, first - 1)))
    return max(0, first - submitted) if free and not occupancy.launched_between(submitted, first) else None


def _completion(stage: Stage, finishes: Sequence[int]) -> tuple[int, int]:
    """After how many ends of tasks it was complete, and how long after the last of them."""
    if stage.completed_ms is None or not finishes:
        return len(finishes), 0
    if not _failed(stage):
        return len(finishes), max(0, stage.completed_ms - finishes[-1])
    done = sum(finish <= stage.completed_ms for finish in finishes)
    return done, stage.completed_ms - finishes[done - 1] if done else 0


def job_end(job: Job, stages: Sequence[Stage], places: Sequence[int]) -> tuple[tuple[int, ...], int]:
    """The stages without which a job does not end, and the delay from the last of them to its end."""
    if job.end_ms is None:
        return tuple(places), 0
    ended = [(stages[place].completed_ms, place) for place in places]
    needed = [(end, place) for end, place in ended if end is not None and end <= job.end_ms + _TOLERANCE_MS]
    last = max((end for end, _ in needed), default=job.start_ms)
    return tuple(place for _, place in needed), max(0, job.end_ms - max(last, job.start_ms))
