"""The event-driven simulator: one heap event a task, a few a stage.

``Player`` plays a model on executors whose times are given. Slots take the tasks of the stage with the
lowest job and stage number; a new stage is spread one task an executor a round, as
``TaskSchedulerImpl.resourceOffers`` does; a slot that gets free takes the next task at once.
"""

from __future__ import annotations

import heapq
from bisect import insort
from collections import deque
from collections.abc import Callable, Sequence

from launcher.advice.replay.conversion import Conversion
from launcher.advice.replay.fleet import CLOSED, READY_EXECUTOR, REMOVED, Fleet
from launcher.advice.replay.model import Lease, Model
from launcher.advice.replay.outcome import Life, Outcome
from launcher.advice.replay.progress import COMPLETE, JOB, JOB_END, SUBMITTED, Progress
from launcher.records.history.facts.slots import SlotClass

# Kinds of events beside those of ``Progress`` and ``Fleet``.
READY, TICK = -8, -9
# Plain numbers: reading a member of an enumeration for each task would take as long as the rest.
FRESH, FIRST, REST = map(int, SlotClass)


class Player(Fleet):
    """One replay.

    Args:
        model: what is played.
        leases: the executors.
        conversions: of each stage; ``None``: durations are as recorded.
    """

    def __init__(
        self, model: Model, leases: Sequence[Lease], conversions: Sequence[Conversion] | None = None
    ) -> None:
        super().__init__(model)
        self._conversions = conversions
        self.progress = Progress(model, self.push)
        self._prepare_stages()
        for lease in leases:
            self._lease(lease)
        self._busy_ms = 0.0
        self._launches = 0
        self._handlers: dict[int, Callable[[float, int], None]] = {
            READY_EXECUTOR: self._executor_ready,
            CLOSED: self._executor_closed,
            REMOVED: self._executor_removed,
            JOB: self.progress.job_started,
            SUBMITTED: self._stage_submitted,
            READY: self._stage_ready,
            COMPLETE: self.progress.stage_complete,
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
        self._width = [self._slots_taken(stage.profile) for stage in stages]
        # Under the fair scheduler: of each stage what shares the slots with others, it or its pool.
        pools = self.model.pools
        self._sharer = [pools[part.job] for part in stages] if pools else list(range(len(stages)))
        self._share_running = [0] * (max(self._sharer, default=0) + 1)
        self._again: list[deque[int]] = [deque() for _ in stages]
        self._tries: dict[tuple[int, int], int] = {}
        self._queues: dict[int, list[int]] = {profile: [] for profile in self.running}  # ranks of stages
        self.pending = dict.fromkeys(self.running, 0)
        self.watched = bytearray(len(stages))  # stages whose launches ``launched`` hears of

    def _slots_taken(self, profile: int) -> float:
        """Slots of an executor that a task of a guest takes; 1 of its own."""
        guests = self.model.guests.items()
        return max(
            (self.model.slots[host] / slots[profile] for host, slots in guests if profile in slots),
            default=1.0,
        )

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

    def _dispatch(self, now: float, profile: int) -> None:
        """Hand out tasks while there are free slots: one an executor a round."""
        queue, offers = self._queues.get(profile), self._offers.get(profile)
        while queue and offers:
            for executor in list(offers):
                if not queue:
                    return
                self._count(now, profile, 1)
                self.idle_since.pop(executor, None)
                free = self._free[executor]
                self._launch(now, queue, free.pop(), profile)
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
        seen = self._slot_seen[slot]
        found = REST if stage in seen else FIRST if seen else FRESH
        seen.add(stage)
        duration = self.duration(stage, task, found)
        self._slot_stage[slot] = stage
        self._slot_task[slot] = task
        self._busy_ms += duration * self._width[stage]
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
        if self._conversions is not None:
            return self._conversions[stage].of(duration, part.classes[task], found)
        return duration

    def _fairest(self, queue: Sequence[int]) -> int:
        """The place in the queue of the stage, or of the first stage of the pool, that runs the fewest tasks
        (``FairSchedulingAlgorithm``)."""
        sharers = [self._sharer[self._by_rank[rank]] for rank in queue]
        chosen = min(range(len(queue)), key=lambda place: self._share_running[sharers[place]])
        self._share_running[sharers[chosen]] += 1
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
        self._stopped(stage)
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

    def _stopped(self, stage: int) -> None:
        self._share_running[self._sharer[stage]] -= 1

    def _requeue(self, _now: float, stage: int, task: int) -> None:
        """Let a task run again, before those that never ran."""
        profile = self.model.stages[stage].profile
        self.pending[profile] += 1
        self._again[stage].append(task)
        rank = self._rank[stage]
        if rank not in self._queues[profile]:
            insort(self._queues[profile], rank)

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

    def _job_ended(self, now: float, place: int) -> None:
        self.progress.job_ended(now, place)

    def _outcome(self) -> Outcome:
        progress = self.progress
        end = progress.last_job_end + self.model.tail_ms
        lives = [
            Life(lease.profile, lease.slots, lease.added_ms, max(lease.added_ms, min(end, removed or end)))
            for lease, removed, host in zip(self.leases, self.removed, self.hosts, strict=True)
            if host and lease.added_ms < end and (removed is None or removed > lease.added_ms)
        ]
        return Outcome(
            start_ms=self.model.start_ms,
            end_ms=end,
            job_starts=progress.job_starts,
            job_ends=progress.job_ends,
            stage_ends=progress.stage_ends,
            lives=lives,
            busy_ms=self._busy_ms,
            together=self._square_area / self._area if self._area else 0.0,
            launches=self._launches,
            finished=all(job is not None for job in progress.job_ends),
        )
