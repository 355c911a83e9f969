"""What a replay waits for: jobs after jobs, stages after stages, the end after the last of them."""

from __future__ import annotations

import math
from collections.abc import Callable

from launcher.advice.replay.model import Model

# Kinds of events; a task's end is written as the place of its stage, which is never negative.
JOB, SUBMITTED, COMPLETE, JOB_END = -1, -2, -3, -4


class Progress:
    """How far a replay is.

    Args:
        model: what is played.
        push: lets something happen at a time: kind and place of a job or stage.
    """

    def __init__(self, model: Model, push: Callable[[float, int, int], None]) -> None:
        self._model, self._push = model, push
        self.job_starts: list[float | None] = [None] * len(model.jobs)
        self.job_ends: list[float | None] = [None] * len(model.jobs)
        self.stage_ends: list[float | None] = [None] * len(model.stages)
        self.last_job_end: float = model.start_ms
        self._jobs_left = len(model.jobs)
        self._prepare_stages()
        self._prepare_jobs()

    def _prepare_stages(self) -> None:
        stages = self._model.stages
        self._blockers = [len(stage.parents) + 1 for stage in stages]
        self._children: list[list[int]] = [[] for _ in stages]
        for place, stage in enumerate(stages):
            for parent in stage.parents:
                self._children[parent].append(place)

    def _prepare_jobs(self) -> None:
        jobs = self._model.jobs
        self._stages_left = [len(job.waits_for) + 1 for job in jobs]
        self._needed_by: list[list[int]] = [[] for _ in self._model.stages]
        self._before = [len(job.after) for job in jobs]
        self._followers: list[list[int]] = [[] for _ in jobs]
        for place, job in enumerate(jobs):
            for stage in job.waits_for:
                self._needed_by[stage].append(place)
            for other in job.after:
                self._followers[other].append(place)
            if not job.after:
                self._push(self._model.start_ms + job.gap_ms, JOB, place)

    @property
    def end_ms(self) -> float:
        """When the application ends; ``inf`` while a job is to come or runs."""
        return math.inf if self._jobs_left else self.last_job_end + self._model.tail_ms

    def job_started(self, now: float, place: int) -> None:
        """A job begins: its stages wait for their parents alone."""
        self.job_starts[place] = now
        for stage in self._model.jobs[place].stages:
            self._unblock(now, stage)
        self._advance(now, place)

    def _unblock(self, now: float, stage: int) -> None:
        self._blockers[stage] -= 1
        if not self._blockers[stage]:
            self._push(now + self._model.stages[stage].submit_ms, SUBMITTED, stage)

    def stage_complete(self, now: float, place: int) -> None:
        """A stage ends: others and its job may go on."""
        self.stage_ends[place] = now
        for child in self._children[place]:
            self._unblock(now, child)
        for job in self._needed_by[place]:
            self._advance(now, job)

    def _advance(self, now: float, place: int) -> None:
        self._stages_left[place] -= 1
        if not self._stages_left[place]:
            self._push(now + self._model.jobs[place].end_ms, JOB_END, place)

    def job_ended(self, now: float, place: int) -> None:
        """A job ends: the driver goes on to those that follow."""
        self.job_ends[place] = now
        self.last_job_end = now
        self._jobs_left -= 1
        for follower in self._followers[place]:
            self._before[follower] -= 1
            if not self._before[follower]:
                self._push(now + self._model.jobs[follower].gap_ms, JOB, follower)
