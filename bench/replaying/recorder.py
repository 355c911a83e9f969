"""Plays a model and writes down what a Spark listener would have seen: a trace whose every cause is known."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from launcher.advice.allocation.allocation_settings import AllocationSettings
from launcher.advice.allocation.elastic_player import ClusterHabits, ElasticPlayer
from launcher.advice.replay.model import Lease, Model
from launcher.advice.replay.player import Player
from launcher.records.history.trace import Ended, Executor, Job, Profile, Stage, Tasks, Trace

# (recorded duration, class of the slot, stage, task) -> duration
Truth = Callable[[float, int, int, int], float]


@dataclass(frozen=True)
class _Row:
    task: int
    executor: int
    launch_ms: int
    finish_ms: int
    ended: Ended


class _Recording(Player):
    """A player that writes down what happens; durations come from a truth of its own."""

    def _begin_recording(self, truth: Truth | None) -> None:
        self._truth = truth
        self._rows: list[list[_Row]] = [[] for _ in self.model.stages]
        self._launched_at: dict[int, float] = {}  # by slot
        self._seen: dict[int, int] = {}  # place of each executor among those that registered
        self._submitted_at: list[float | None] = [None] * len(self.model.stages)

    def duration(self, stage: int, task: int, found: int) -> float:
        """What a task takes."""
        recorded = super().duration(stage, task, found)
        return recorded if self._truth is None else self._truth(recorded, found, stage, task)

    def _launch(self, now: float, queue: list[int], slot: int, profile: int) -> None:
        super()._launch(now, queue, slot, profile)
        self._launched_at[slot] = now

    def _task_ended(self, now: float, stage: int, slot: int, task: int) -> None:
        executor = self._slot_executor[slot]
        if not self._dead[executor]:
            part = self.model.stages[stage]
            goes_on = self._tries.get((stage, task), 0) < len(part.retries.get(task, ()))
            self._note(now, stage, slot, task, Ended.FAILED if goes_on else Ended.SUCCESS)
        super()._task_ended(now, stage, slot, task)

    def _lose_tasks(self, now: float, place: int) -> None:
        free = set(self._free[place])
        for slot, executor in enumerate(self._slot_executor):
            if executor == place and slot not in free and self._slot_task[slot] >= 0:
                self._note(now, self._slot_stage[slot], slot, self._slot_task[slot], Ended.LOST)
        super()._lose_tasks(now, place)

    def _note(self, now: float, stage: int, slot: int, task: int, ended: Ended) -> None:
        launch = round(self._launched_at[slot])
        self._rows[stage].append(_Row(task, self._host(self._slot_executor[slot]), launch, round(now), ended))

    def _host(self, place: int) -> int:
        """The executor on which slots for guests are: they follow it."""
        return place if self.hosts[place] else self._host(place - 1)

    def _stage_submitted(self, now: float, place: int) -> None:
        self._submitted_at[place] = now
        super()._stage_submitted(now, place)

    def record(
        self,
        conf: Mapping[str, str] | None = None,
        profiles: Sequence[Profile] = (),
        name: str = "made",
        application_id: str = "app-made",
    ) -> Trace:
        """Play, and answer what was seen."""
        outcome = self.play()
        self._seen = {place: number for number, place in enumerate(self._registered(outcome.end_ms))}
        known = {0: Profile(0, 1, 0, None, 0), **{profile.id: profile for profile in profiles}}
        return Trace(
            attempt_id=None,
            application_id=application_id,
            name=name,
            spark="4.0.4",
            conf=conf if conf is not None else {"spark.master": "spark://made"},
            start_ms=self.model.start_ms,
            end_ms=round(outcome.end_ms),
            last_ms=round(outcome.end_ms),
            executors=tuple(
                self._executor(place, self.leases[place], known, outcome.end_ms) for place in self._seen
            ),
            profiles=known,
            jobs=self._jobs(),
            stages=tuple(self._stage(place) for place in range(len(self.model.stages))),
        )

    def _registered(self, end_ms: float) -> list[int]:
        """The executors that came before the end: of the others a listener hears nothing."""
        return [
            place
            for place, lease in enumerate(self.leases)
            if self.hosts[place] and lease.added_ms < end_ms and self.removed[place] != lease.added_ms
        ]

    def _executor(self, place: int, lease: Lease, profiles: Mapping[int, Profile], end_ms: float) -> Executor:
        removed = self.removed[place]
        removed = None if removed is None or removed > end_ms else removed
        profile = profiles[lease.profile]
        gpus = round(lease.slots * profile.task_gpus)
        cores = round(lease.slots * profile.task_cpus)
        reason = "" if removed is None else "lost" if lease.lost else "Executor killed by driver."
        added, gone = round(lease.added_ms), None if removed is None else round(removed)
        return Executor(str(place), f"host{place}", cores, lease.profile, gpus, added, gone, reason)

    def _jobs(self) -> tuple[Job, ...]:
        found = []
        for place, job in enumerate(self.model.jobs):
            start, end = self.progress.job_starts[place], self.progress.job_ends[place]
            numbers = tuple(self.model.stages[stage].id for stage in job.stages)
            ended = None if end is None else round(end)
            found.append(
                Job(job.id, round(start or 0), ended, numbers, job.group, job.group, end is not None)
            )
        return tuple(sorted(found, key=lambda job: (job.start_ms, job.id)))

    def _stage(self, place: int) -> Stage:
        part, tasks = self.model.stages[place], Tasks()
        tries: dict[int, int] = {}
        for row in self._rows[place]:
            tasks.index.append(row.task)
            tasks.attempt.append(tries.setdefault(row.task, 0))
            tries[row.task] += 1
            tasks.executor.append(self._seen[row.executor])
            tasks.launch_ms.append(row.launch_ms)
            tasks.finish_ms.append(row.finish_ms)
            tasks.ended.append(row.ended)
            tasks.speculative.append(0)
            for column in _UNKNOWN:
                getattr(tasks, column).append(0)
        submitted, end = self._submitted_at[place], self.progress.stage_ends[place]
        return Stage(
            id=part.id,
            attempt=part.attempt,
            name=part.name,
            parents=tuple(self.model.stages[parent].id for parent in part.parents),
            size=len(part.durations),
            profile=part.profile,
            submitted_ms=None if submitted is None else round(submitted),
            completed_ms=None if end is None else round(end),
            failure=None,
            tasks=tasks,
        )


class Recorder(_Recording):
    """Plays on executors that are given.

    Args:
        model: what is played; its durations are those of a warm slot that is alone.
        leases: the executors.
        truth: what a task takes in a slot of a class.
    """

    def __init__(self, model: Model, leases: Sequence[Lease], truth: Truth | None = None) -> None:
        super().__init__(model, leases)
        self._begin_recording(truth)


class ElasticRecorder(_Recording, ElasticPlayer):
    """Plays under dynamic allocation.

    Args:
        model: as for ``Recorder``.
        settings: of dynamic allocation.
        habits: of the cluster.
        truth: as for ``Recorder``.
    """

    def __init__(
        self,
        model: Model,
        settings: AllocationSettings,
        habits: ClusterHabits,
        truth: Truth | None = None,
    ) -> None:
        ElasticPlayer.__init__(self, model, settings, habits)
        self._begin_recording(truth)


_UNKNOWN = (
    "run_ms", "cpu_ms", "gc_ms", "read_bytes", "read_rows", "written_bytes", "written_rows",
    "shuffle_read_bytes", "shuffle_read_rows", "shuffle_written_bytes", "spilled_bytes", "peak_bytes",
)  # fmt: skip
