"""A Spark event log: totals, executors over time, what failed, how far it is. Pure."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable
from itertools import chain

from launcher.records.figures import Figures
from launcher.records.history import spark_events as e
from launcher.records.history.lines import Events
from launcher.records.record import Totals

MOST_FAILURES = 20


class EventLog:
    """What the lines so far say.

    Attributes:
        application_id: Spark's id.
        name: the application's name.
        start_ms: when it began, ms since the epoch.
        end_ms: when it ended; ``None`` while it runs, or when the log was cut.
        failures: reasons of failed tasks, stages and jobs, the oldest of the last ones first.
    """

    def __init__(self) -> None:
        self.application_id: str | None = None
        self.name = ""
        self.start_ms: int | None = None
        self.end_ms: int | None = None
        self.failures: deque[str] = deque(maxlen=MOST_FAILURES)
        self._sums = dict.fromkeys(_SUMMED, 0)
        self._peak = self._tasks = self._failed = 0
        self._running: dict[
            tuple[int, int], list[int]
        ] = {}  # tasks done and in all, by stage and its attempt
        self._expected: list[e.StageInfo] = []
        self._alive: dict[str, int] = {}
        self._timeline: list[tuple[int, int]] = []
        self._events = Events(
            {
                b"SparkListenerTaskEnd": self._task_ended,
                b"SparkListenerStageSubmitted": self._stage_submitted,
                b"SparkListenerStageCompleted": self._stage_completed,
                b"SparkListenerJobStart": self._job_started,
                b"SparkListenerJobEnd": self._job_ended,
                b"SparkListenerApplicationStart": self._application_started,
                b"SparkListenerApplicationEnd": self._application_ended,
                b"SparkListenerExecutorAdded": self._executor_added,
                b"SparkListenerExecutorRemoved": self._executor_removed,
            }
        )

    def take(self, lines: Iterable[bytes]) -> None:
        """Take whole lines; the last one of a log that was cut may be unreadable."""
        self._events.take(lines)

    @property
    def unreadable(self) -> int:
        """Lines that are no JSON of their kind."""
        return self._events.unreadable

    def totals(self) -> Totals:
        """Sums over all tasks, and the executors over time."""
        sums = {name: total // 1_000_000 if name == "cpu_ms" else total for name, total in self._sums.items()}
        return Totals(
            tasks=self._tasks,
            failed_tasks=self._failed,
            peak_memory_bytes=self._peak,
            executors=self._executors(),
            **sums,
        )

    def figures(self, target: int | None = None) -> Figures:
        """How far it is; ``target`` is passed on.

        Spark flushes its log when a job begins, and its stages and tasks some KiB later: until then the
        first stages of the job are shown.
        """
        if not self._running and self._expected:
            ids = tuple(sorted(info.stage for info in self._expected))
            return Figures(ids, 0, sum(info.tasks for info in self._expected), len(self._alive), target)
        done = sum(stage[0] for stage in self._running.values())
        total = sum(stage[1] for stage in self._running.values())
        stages = tuple(sorted({stage for stage, _ in self._running}))
        return Figures(stages, done, total, len(self._alive), target)

    def _executors(self) -> tuple[tuple[float, int], ...]:
        begin = (
            self.start_ms if self.start_ms is not None else min(chain([0], (t for t, _ in self._timeline)))
        )
        return tuple((max(0.0, (ms - begin) / 1000), alive) for ms, alive in self._timeline)

    def _task_ended(self, event: e.TaskEnd) -> None:
        self._tasks += 1
        if event.reason.reason == "Success":
            stage = self._running.get((event.stage, event.attempt))
            if stage is not None:
                stage[0] += 1
        elif event.reason.reason not in ("TaskKilled", "TaskCommitDenied", "Resubmitted"):
            self._failed += 1
            self.failures.append(_task_failure(event))
        if event.metrics is not None:
            self._peak = max(self._peak, event.metrics.peak)
            for name, take in _SUMMED.items():
                self._sums[name] += take(event.metrics)

    def _job_started(self, event: e.JobStart) -> None:
        self._expected = [info for info in event.stages if not info.parents]

    def _stage_submitted(self, event: e.Stage) -> None:
        self._expected = []
        self._running[event.info.stage, event.info.attempt] = [0, event.info.tasks]

    def _stage_completed(self, event: e.Stage) -> None:
        self._running.pop((event.info.stage, event.info.attempt), None)
        if event.info.failure:
            self.failures.append(event.info.failure)

    def _job_ended(self, event: e.JobEnd) -> None:
        self._expected = []
        exception = event.result.get("Exception") or {}
        if event.result.get("Result") != "JobSucceeded" and exception.get("Message"):
            self.failures.append(str(exception["Message"]))

    def _application_started(self, event: e.ApplicationStart) -> None:
        self.application_id = None if event.id is None else e.printable(event.id)
        self.name, self.start_ms = e.printable(event.name), event.ms

    def _application_ended(self, event: e.ApplicationEnd) -> None:
        self.end_ms = event.ms

    def _executor_added(self, event: e.Executor) -> None:
        self._alive[event.id] = event.ms
        self._timeline.append((event.ms, len(self._alive)))

    def _executor_removed(self, event: e.Executor) -> None:
        if self._alive.pop(event.id, None) is not None:
            self._timeline.append((event.ms, len(self._alive)))


def _task_failure(event: e.TaskEnd) -> str:
    """In the words of the driver's log, so that one parser reads both."""
    reason, info = event.reason, event.info
    message = reason.full_trace or reason.message or f"{reason.class_name}: {reason.description}"
    if reason.reason == "ExecutorLostFailure":
        message = f"ExecutorLostFailure (executor {reason.executor}) Reason: {reason.loss or 'not known'}"
    elif reason.reason == "FetchFailed":
        message = f"FetchFailed: {reason.message}"
    where = f"(TID {info.task_id}) ({info.host} executor {info.executor})"
    return f"Lost task in stage {event.stage}.{event.attempt} {where}: {message}"


_SUMMED: dict[str, Callable[[e.TaskMetrics], int]] = {
    "run_ms": lambda task: task.run_ms,
    "cpu_ms": lambda task: task.cpu_ns,  # divided once, at the end
    "gc_ms": lambda task: task.gc_ms,
    "input_bytes": lambda task: task.read.bytes,
    "output_bytes": lambda task: task.written.bytes,
    "shuffle_read_bytes": lambda task: task.shuffle_read.remote + task.shuffle_read.local,
    "shuffle_write_bytes": lambda task: task.shuffle_written.bytes,
    "memory_spill_bytes": lambda task: task.memory_spill,
    "disk_spill_bytes": lambda task: task.disk_spill,
}
