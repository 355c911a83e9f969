"""The event-driven simulator: one heap event a task, a few a stage.

``Player`` plays a model on executors whose times are given. Slots take the tasks of the stage with the
lowest job and stage number; a new stage is spread one task an executor a round, as
``TaskSchedulerImpl.resourceOffers`` does; a slot that gets free takes the next task at once.
"""

from __future__ import annotations

import heapq
import math
from bisect import insort
from collections import deque
from collections.abc import Callable, Sequence

from launcher.advice.replay.model import Lease, Model, SlotClass
from launcher.advice.replay.outcome import Life, Outcome

# Kinds of events; a task's end is written as the place of its stage, which is never negative.
ADDED, READY_EXECUTOR, CLOSED, REMOVED, JOB, SUBMITTED, READY, COMPLETE, JOB_END, TICK = range(-1, -11, -1)

# Plain numbers: reading a member of an enumeration for each task would take as long as the rest.
FRESH, FIRST_OF_STAGE, REST = map(int, SlotClass)

# (slot's class times 3 is added to the recorded one) -> factor on the recorded duration, of one stage
Factors = Sequence[float]


class Player:
    """One replay.

    Args:
        model: what is played.
        leases: the executors.
        factors: of each stage, what a task's recorded duration is multiplied by when its slot is of another
            class: entry ``3 * recorded + found``. ``None``: durations are as recorded, as is the timeline.
    """

    def __init__(
        self, model: Model, leases: Sequence[Lease], factors: Sequence[Factors] | None = None
    ) -> None:
        self.model = model
        self._factors = factors
        self._heap: list[tuple[float, int, int, int, int]] = []
        self._events = 0
        self._prepare_stages()
        self._prepare_executors()
        for lease in leases:
            self._lease(lease)
        self._job_starts: list[float | None] = [None] * len(model.jobs)
        self.job_ends: list[float | None] = [None] * len(model.jobs)
        self._stage_ends: list[float | None] = [None] * len(model.stages)
        self._last_job_end: float = model.start_ms
        self._jobs_left = len(model.jobs)
        self._busy_ms = 0.0
        self._launches = 0
        self._handlers: dict[int, Callable[[float, int], None]] = {
            READY_EXECUTOR: self._executor_ready,
            CLOSED: self._executor_closed,
            REMOVED: self._executor_removed,
            JOB: self._job_started,
            SUBMITTED: self._stage_submitted,
            READY: self._stage_ready,
            COMPLETE: self._stage_complete,
            JOB_END: self._job_ended,
        }

    def _prepare_stages(self) -> None:
        stages, jobs = self.model.stages, self.model.jobs
        ranked = sorted(
            range(len(stages)), key=lambda s: (jobs[stages[s].job].id, stages[s].id, stages[s].attempt)
        )
        self._rank = [0] * len(stages)
        for rank, place in enumerate(ranked):
            self._rank[place] = rank
        self._by_rank = ranked
        self._next = [0] * len(stages)
        self._left = [len(stage.durations) for stage in stages]
        self._done_at = [len(stage.durations) - stage.completes_at for stage in stages]
        self._fair = self.model.fair
        self._stage_running = [0] * len(stages)
        self._again: list[deque[int]] = [deque() for _ in stages]
        self._tries: dict[tuple[int, int], int] = {}
        self._blockers = [len(stage.parents) + 1 for stage in stages]
        self._children: list[list[int]] = [[] for _ in stages]
        for place, stage in enumerate(stages):
            for parent in stage.parents:
                self._children[parent].append(place)
        self._prepare_jobs()

    def _prepare_jobs(self) -> None:
        jobs = self.model.jobs
        self._stages_left = [len(job.waits_for) + 1 for job in jobs]
        self._needed_by: list[list[int]] = [[] for _ in self.model.stages]
        self._before = [len(job.after) for job in jobs]
        self._followers: list[list[int]] = [[] for _ in jobs]
        for place, job in enumerate(jobs):
            for stage in job.waits_for:
                self._needed_by[stage].append(place)
            for other in job.after:
                self._followers[other].append(place)
            if not job.after:
                self.push(self.model.start_ms + job.gap_ms, JOB, place)

    def _prepare_executors(self) -> None:
        profiles = {stage.profile for stage in self.model.stages} | set(self.model.slots)
        self.leases: list[Lease] = []
        self.removed: list[float | None] = []
        self._open: list[bool] = []
        self._dead: list[bool] = []
        self._free: list[deque[int]] = []
        self._slot_executor: list[int] = []
        self._slot_stage: list[int] = []
        self._slot_task: list[int] = []
        self._queues: dict[int, list[int]] = {profile: [] for profile in profiles}  # ranks of stages
        self._offers: dict[int, dict[int, None]] = {profile: {} for profile in profiles}
        self.pending = dict.fromkeys(profiles, 0)
        self.running = dict.fromkeys(profiles, 0)
        self.idle_since: dict[int, float] = {}
        self.watched = bytearray(len(self.model.stages))  # stages whose launches ``launched`` hears of

    def push(self, at_ms: float, kind: int, place: int, task: int = 0) -> None:
        """Let something happen."""
        self._events += 1
        heapq.heappush(self._heap, (at_ms, self._events, kind, place, task))

    def next_event_ms(self) -> float:
        """When something happens next; ``inf`` when nothing does."""
        return self._heap[0][0] if self._heap else math.inf

    @property
    def end_ms(self) -> float:
        """When the application ends; ``inf`` while a job is to come or runs."""
        return self._last_job_end + self.model.tail_ms if self._jobs_left == 0 else math.inf

    def play(self) -> Outcome:
        """Play it to its end."""
        heap, handlers, pop = self._heap, self._handlers, heapq.heappop
        while heap:
            now, _, kind, place, task = pop(heap)
            if kind >= 0:
                self._task_ended(now, kind, place, task)
            else:
                handlers[kind](now, place)
        return self._outcome()

    # Executors

    def _lease(self, lease: Lease) -> int:
        """Take an executor in; answers its place."""
        place = len(self.leases)
        first = len(self._slot_executor)
        self.leases.append(lease)
        self.removed.append(None)
        self._open.append(False)
        self._dead.append(False)
        self._free.append(deque(range(first, first + lease.slots)))
        self._slot_executor += [place] * lease.slots
        self._slot_stage += [-1] * lease.slots
        self._slot_task += [-1] * lease.slots
        self.push(lease.ready_ms, READY_EXECUTOR, place)
        if lease.closed_ms is not None:
            self.push(lease.closed_ms, CLOSED, place)
        if lease.removed_ms is not None:
            self.push(lease.removed_ms, REMOVED, place)
        return place

    def _executor_ready(self, now: float, place: int) -> None:
        lease = self.leases[place]
        if lease.closed_ms is not None and now >= lease.closed_ms:
            return
        self._open[place] = True
        self._offers.setdefault(lease.profile, {})[place] = None
        self._dispatch(now, lease.profile)

    def _executor_closed(self, _now: float, place: int) -> None:
        lease = self.leases[place]
        self._open[place] = False
        self._offers.get(lease.profile, {}).pop(place, None)
        # One that was lost had died by now: what runs on it goes on in vain until that is noticed.
        self._dead[place] = lease.lost

    def _executor_removed(self, now: float, place: int) -> None:
        self._executor_closed(now, place)
        self.removed[place] = now
        self.idle_since.pop(place, None)
        if self.leases[place].lost:
            self._lose_tasks(now, place)

    def _lose_tasks(self, now: float, place: int) -> None:
        free = set(self._free[place])
        profile = self.leases[place].profile
        for slot, executor in enumerate(self._slot_executor):
            if executor == place and slot not in free and self._slot_task[slot] >= 0:
                self.running[profile] -= 1
                self._requeue(now, self._slot_stage[slot], self._slot_task[slot])
        self._free[place].clear()
        self._dispatch(now, profile)

    # Tasks

    def _dispatch(self, now: float, profile: int) -> None:
        """Hand out tasks while there are free slots: one an executor a round."""
        queue, offers = self._queues.get(profile), self._offers.get(profile)
        while queue and offers:
            for executor in list(offers):
                if not queue:
                    return
                self.running[profile] += 1
                self.idle_since.pop(executor, None)
                free = self._free[executor]
                self._launch(now, queue, free.popleft(), profile)
                if not free:
                    del offers[executor]

    def _launch(self, now: float, queue: list[int], slot: int, profile: int) -> None:
        """Start the next task of the first stage in the queue."""
        place = self._fairest(queue) if self._fair else 0
        stage = self._by_rank[queue[place]]
        part = self.model.stages[stage]
        again = self._again[stage]
        if again:
            task = again.popleft()
        else:
            task = self._next[stage]
            self._next[stage] = task + 1
        if not again and self._next[stage] >= len(part.durations):
            del queue[place]
        before = self._slot_stage[slot]
        found = FRESH if before < 0 else REST if before == stage else FIRST_OF_STAGE
        duration = self.duration(stage, task, found)
        self._slot_stage[slot] = stage
        self._slot_task[slot] = task
        self._busy_ms += duration
        self._launches += 1
        self.pending[profile] -= 1
        if not self.pending[profile]:
            self.drained()
        self._events += 1
        heapq.heappush(self._heap, (now + duration, self._events, stage, slot, task))
        if self.watched[stage]:
            self.launched(stage, self._slot_executor[slot])

    def duration(self, stage: int, task: int, found: int) -> float:
        """What the next attempt of a task takes in a slot of this class."""
        part = self.model.stages[stage]
        duration = part.durations[task]
        if self._tries and (tried := self._tries.get((stage, task), 0)):
            duration = part.retries[task][tried - 1]
        if self._factors is not None:
            duration *= self._factors[stage][3 * part.classes[task] + found]
        return duration

    def _fairest(self, queue: Sequence[int]) -> int:
        """The place in the queue of the stage that runs the fewest tasks (``FairSchedulingAlgorithm``)."""
        stages = [self._by_rank[rank] for rank in queue]
        chosen = min(range(len(queue)), key=lambda place: self._stage_running[stages[place]])
        self._stage_running[stages[chosen]] += 1
        return chosen

    def launched(self, stage: int, executor: int) -> None:
        """A task of a watched stage was launched."""

    def drained(self) -> None:
        """No task of a resource profile waits any more."""

    def _task_ended(self, now: float, stage: int, slot: int, task: int) -> None:
        executor = self._slot_executor[slot]
        if self._dead[executor]:
            return
        part = self.model.stages[stage]
        self._slot_task[slot] = -1
        self._stage_running[stage] -= 1
        tried = self._tries.get((stage, task), 0) if part.retries else 0
        if part.retries and tried < len(part.retries.get(task, ())):
            self._tries[stage, task] = tried + 1
            self._requeue(now, stage, task)
        else:
            left = self._left[stage] = self._left[stage] - 1
            if left == self._done_at[stage]:
                self.push(now + part.end_ms, COMPLETE, stage)
        profile = self.leases[executor].profile
        queue = self._queues[profile]
        if queue and self._open[executor]:
            self._launch(now + self.model.slot_gap_ms, queue, slot, profile)
        else:
            self._release(now, executor, slot, profile)

    def _release(self, now: float, executor: int, slot: int, profile: int) -> None:
        self.running[profile] -= 1
        free = self._free[executor]
        free.append(slot)
        if self._open[executor]:
            self._offers[profile][executor] = None
        if len(free) == self.leases[executor].slots:
            self.idle_since[executor] = now

    def _requeue(self, _now: float, stage: int, task: int) -> None:
        """Let a task run again, before those that never ran."""
        profile = self.model.stages[stage].profile
        self.pending[profile] += 1
        self._again[stage].append(task)
        rank = self._rank[stage]
        if rank not in self._queues[profile]:
            insort(self._queues[profile], rank)

    # Stages and jobs

    def _job_started(self, now: float, place: int) -> None:
        self._job_starts[place] = now
        for stage in self.model.jobs[place].stages:
            self._unblock(now, stage)
        self._job_progress(now, place)

    def _unblock(self, now: float, stage: int) -> None:
        self._blockers[stage] -= 1
        if not self._blockers[stage]:
            self.push(now + self.model.stages[stage].submit_ms, SUBMITTED, stage)

    def _stage_submitted(self, now: float, place: int) -> None:
        stage = self.model.stages[place]
        self.pending[stage.profile] += len(stage.durations)
        self.push(now + stage.launch_ms, READY, place)

    def _stage_ready(self, now: float, place: int) -> None:
        stage = self.model.stages[place]
        if not stage.completes_at:
            self.push(now + stage.end_ms, COMPLETE, place)
        if len(stage.durations):
            insort(self._queues[stage.profile], self._rank[place])
            self._dispatch(now, stage.profile)

    def _stage_complete(self, now: float, place: int) -> None:
        self._stage_ends[place] = now
        for child in self._children[place]:
            self._unblock(now, child)
        for job in self._needed_by[place]:
            self._job_progress(now, job)

    def _job_progress(self, now: float, place: int) -> None:
        self._stages_left[place] -= 1
        if not self._stages_left[place]:
            self.push(now + self.model.jobs[place].end_ms, JOB_END, place)

    def _job_ended(self, now: float, place: int) -> None:
        self.job_ends[place] = now
        self._jobs_left -= 1
        self._last_job_end = now
        for follower in self._followers[place]:
            self._before[follower] -= 1
            if not self._before[follower]:
                self.push(now + self.model.jobs[follower].gap_ms, JOB, follower)

    def _outcome(self) -> Outcome:
        end = self._last_job_end + self.model.tail_ms
        lives = [
            Life(lease.profile, lease.slots, lease.added_ms, max(lease.added_ms, min(end, removed or end)))
            for lease, removed in zip(self.leases, self.removed, strict=True)
            if lease.added_ms < end and (removed is None or removed > lease.added_ms)
        ]
        return Outcome(
            start_ms=self.model.start_ms,
            end_ms=end,
            job_starts=self._job_starts,
            job_ends=self.job_ends,
            stage_ends=self._stage_ends,
            lives=lives,
            busy_ms=self._busy_ms,
            launches=self._launches,
            finished=all(job is not None for job in self.job_ends),
        )
