"""Folds the events of a log into a trace. Pure.

What the fold has to bear: executors that are told of after their first task or never, stages that are skipped
or run again, tasks that are told twice, settings that are lost.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from launcher.records.history import spark_events as e
from launcher.records.history.fold.inferred import all_jobs, completed
from launcher.records.history.fold.known_executors import Executors
from launcher.records.history.fold.known_profiles import default_profile, profile_of
from launcher.records.history.fold.task_columns import Columns
from launcher.records.history.fold.task_failures import thrown, worse
from launcher.records.history.lines import Events, UnusableError
from launcher.records.history.trace import Execution, Job, Lost, Profile, Stage, Trace
from launcher.spec.units import counted
from sparkjobs.errors import EventLogError

SETTINGS_LOST = "its settings are lost: whether it allocated executors dynamically is unknown"
SLOTS_LOST = f"{SETTINGS_LOST}, and so are GPUs and the CPUs of a task"
NO_END = "it has no end: the application runs still, was killed, or the log is cut"
_SQL = b"org.apache.spark.sql.execution.ui.SparkListenerSQLExecution"


@dataclass
class _Stage:
    columns: Columns = field(default_factory=Columns)
    info: e.StageInfo | None = None
    failure: str | None = None  # of its first task that threw, or that ran out of memory


class TraceBuilder:
    """Takes lines, gives the trace of what they told so far."""

    def __init__(self) -> None:
        self._start = e.ApplicationStart(0)
        self._started = False
        self._end: int | None = None
        self._code: int | None = None
        self._streams = False
        self._last = 0
        self._first: int | None = None
        self._spark = ""
        self._conf: dict[str, str] | None = None
        self._profiles: dict[int, Profile] = {}
        self._jobs: dict[int, Job] = {}
        self._only_ends: dict[int, tuple[int, bool]] = {}  # of jobs whose start is lost
        self._expected: dict[int, e.StageInfo] = {}  # as jobs announce them, by number
        self._stages: dict[tuple[int, int], _Stage] = {}
        self._executions: dict[int, Execution] = {}
        self._cached_by: dict[int, tuple[int, int]] = {}  # the first stage with an RDD that is kept
        self._unpersisted_ms: dict[int, int] = {}
        self._executors = Executors()
        self._events = Events(
            {
                b"SparkListenerTaskEnd": self._task_ended,
                b"SparkListenerStageSubmitted": self._stage,
                b"SparkListenerStageCompleted": self._stage,
                b"SparkListenerStageExecutorMetrics": self._stage_memory,
                b"SparkListenerUnpersistRDD": self._unpersisted,
                b"SparkListenerJobStart": self._job_started,
                b"SparkListenerJobEnd": self._job_ended,
                b"SparkListenerLogStart": self._log_started,
                b"SparkListenerEnvironmentUpdate": self._environment,
                b"SparkListenerApplicationStart": self._application_started,
                b"SparkListenerApplicationEnd": self._application_ended,
                b"SparkListenerExecutorAdded": self._executor_added,
                b"SparkListenerExecutorRemoved": self._executor_removed,
                b"SparkListenerResourceProfileAdded": self._profile_added,
                _SQL + b"Start": self._execution_started,
                _SQL + b"End": self._execution_ended,
            }
        )

    def take(self, lines: Iterable[bytes]) -> None:
        """Take whole lines."""
        self._events.take(lines)

    def trace(self, place: str, cut: bool = False, why: tuple[str, ...] = ()) -> Trace:
        """The trace of the lines so far; the builder must not be used after it.

        Args:
            place: what errors name.
            cut: a part of the log is known to be missing.
            why: what is known of that, one sentence each.

        Raises:
            EventLogError: no line tells of an application.
        """
        if self._first is None:
            raise EventLogError(
                f"{place}: no event of a Spark application in it" + "".join(f"; {reason}" for reason in why),
                "Name an event log: a file or an eventlog_v2_ folder that spark.eventLog.dir names.",
            )
        default = self._profiles.get(0) or default_profile(self._conf or {})
        executors, order = self._executors.known(default.task_cpus)
        for stage in self._stages.values():
            stage.columns.renumber(order)
        cached: dict[tuple[int, int], list[int]] = {}
        for rdd, first in self._cached_by.items():
            cached.setdefault(first, []).append(rdd)
        stages = tuple(
            replace(completed(self._finished(*key, stage)), cached=tuple(cached.get(key, ())))
            for key, stage in sorted(self._stages.items())
        )
        return Trace(
            application_id=e.printable(self._start.id or ""),
            attempt_id=self._start.attempt,
            name=e.printable(self._start.name),
            spark=self._spark,
            conf=self._conf,
            start_ms=self._start.ms if self._started else self._first,
            end_ms=self._end,
            last_ms=self._last,
            executors=executors,
            profiles={0: default, **self._profiles},
            jobs=all_jobs(map(self._with_root, self._jobs.values()), self._only_ends, stages),
            stages=stages,
            executions=tuple(sorted(self._executions.values(), key=_start)),
            peaks=self._executors.peaks(),
            cached_ms=self._executors.cached_ms,
            unpersisted_ms=self._unpersisted_ms,
            lost=self._lost(cut, why),
            exit_code=self._code,
            streams=self._streams,
        )

    def _lost(self, cut: bool, why: tuple[str, ...]) -> Lost:
        reasons = list(why)
        if self._events.unreadable:
            kinds = f" ({', '.join(sorted(self._events.damaged))})" if self._events.damaged else ""
            reasons.append(f"{counted(self._events.unreadable, 'damaged line')}{kinds}")
        if self._conf is None:
            reasons.append(SETTINGS_LOST if 0 in self._profiles else SLOTS_LOST)
        if not self._started:
            reasons.append("its start is lost: the first time that it tells is taken")
        if self._executors.unknown:
            executors = counted(self._executors.unknown, "executor")
            reasons.append(f"nothing tells of {executors} but tasks")
        if self._end is None:
            reasons.append(NO_END)
            running = sum(job.end_ms is None for job in self._jobs.values())
            reasons += [f"{counted(running, 'job')} without an end"] if running else []
        return Lost(self._events.unreadable, cut or self._end is None, tuple(reasons))

    def _with_root(self, job: Job) -> Job:
        """The property came with Spark 3.4 and is missing in jobs that other threads start."""
        if job.root is not None or job.execution is None:
            return job
        execution = self._executions.get(job.execution)
        root = execution.root if execution is not None else None
        return replace(job, root=job.execution if root is None else root)

    def _finished(self, number: int, attempt: int, stage: _Stage) -> Stage:
        info = stage.info or self._expected.get(number)
        if info is None:
            info = e.StageInfo(number, tasks=stage.columns.partitions())
        own = stage.info is not None  # what a job announced has no times, or those of an earlier attempt
        return Stage(
            id=number,
            attempt=attempt,
            name=e.printable(info.name),
            parents=tuple(info.parents),
            size=info.tasks,
            profile=info.profile,
            submitted_ms=info.submitted_ms if own else None,
            completed_ms=info.completed_ms if own else None,
            failure=worse(info.failure if own else None, stage.failure),
            tasks=stage.columns.tasks,
        )

    def _saw(self, ms: int | None) -> None:
        if ms:
            self._last = max(self._last, ms)
            self._first = ms if self._first is None else min(self._first, ms)

    def _at(self, key: tuple[int, int]) -> _Stage:
        return self._stages.setdefault(key, _Stage())

    def _task_ended(self, event: e.TaskEnd) -> None:
        if event.info.launch_ms <= 0:
            raise UnusableError("a task without a launch")
        # A task whose output went with its executor is told a second time: it holds no slot for that.
        if event.reason.reason == "Resubmitted":
            return
        stage = self._stages.get((event.stage, event.attempt)) or self._at((event.stage, event.attempt))
        info = event.info
        stage.columns.append(event, self._executors.ran(info))
        if event.reason.reason == "ExceptionFailure":
            stage.failure = worse(stage.failure, thrown(event.reason))
        elif event.reason.loss:
            self._executors.lost(info.executor, event.reason.loss)
        if info.finish_ms > self._last:
            self._last = info.finish_ms
        if self._first is None or info.launch_ms < self._first:
            self._saw(info.launch_ms)
        if event.memory is not None:
            self._executors.measured(info.executor, event.memory)
        if stage.columns.caches:
            self._executors.cached_ms.setdefault(info.executor, info.finish_ms)

    def _stage(self, event: e.Stage) -> None:
        info = event.info
        stage = self._at((info.stage, info.attempt))
        kept = [rdd.id for rdd in info.rdds if rdd.level.memory or rdd.level.disk]
        stage.columns.caches |= bool(kept)
        for number in kept:
            self._cached_by.setdefault(number, (info.stage, info.attempt))
        info.rdds = []
        if stage.info is not None and info.submitted_ms is None:
            info.submitted_ms = stage.info.submitted_ms
        stage.info = info
        self._saw(info.submitted_ms)
        self._saw(info.completed_ms)

    def _unpersisted(self, event: e.Unpersist) -> None:
        self._unpersisted_ms[event.rdd] = self._last

    def _stage_memory(self, event: e.StageMemory) -> None:
        self._executors.measured(event.executor, event.memory)

    def _job_started(self, event: e.JobStart) -> None:
        numbers = event.numbers or [info.stage for info in event.stages]
        for info in event.stages:
            info.rdds = []
            self._expected[info.stage] = info
        found = event.properties or e.JobProperties()
        self._streams |= found.query is not None or found.batch is not None
        execution, root = _number(found.execution), _number(found.root)
        pool = e.printable(found.pool or "")
        self._jobs[event.job] = Job(event.job, event.ms, None, tuple(numbers), execution, root, False, pool)
        self._saw(event.ms)

    def _job_ended(self, event: e.JobEnd) -> None:
        job = self._jobs.get(event.job)
        succeeded = event.result.get("Result") == "JobSucceeded"
        if job is None:
            self._only_ends[event.job] = event.ms, succeeded
        else:
            self._jobs[event.job] = replace(job, end_ms=event.ms, succeeded=succeeded)
        self._saw(event.ms)

    def _log_started(self, event: e.LogStart) -> None:
        self._spark = e.printable(event.version)

    def _environment(self, event: e.Environment) -> None:
        if self._conf is None:  # jars that are added later repeat it
            self._conf = texts(event.settings)

    def _application_started(self, event: e.ApplicationStart) -> None:
        if not self._started:
            self._start, self._started = event, True
        self._saw(event.ms)

    def _application_ended(self, event: e.ApplicationEnd) -> None:
        self._end, self._code = event.ms, event.code
        self._saw(event.ms)

    def _executor_added(self, event: e.Executor) -> None:
        self._executors.added(event)
        self._saw(event.ms)

    def _executor_removed(self, event: e.Executor) -> None:
        self._executors.removed(event)
        self._saw(event.ms)

    def _profile_added(self, event: e.ProfileAdded) -> None:
        self._profiles[event.id] = profile_of(event)

    def _execution_started(self, event: e.ExecutionStart) -> None:
        self._executions[event.id] = Execution(event.id, event.root, event.description, event.ms, None)
        self._saw(event.ms)

    def _execution_ended(self, event: e.ExecutionEnd) -> None:
        execution = self._executions.get(event.id)
        if execution is not None:
            self._executions[event.id] = replace(execution, end_ms=event.ms)
        self._saw(event.ms)


def texts(settings: Any) -> dict[str, str]:
    """Settings as a mapping of texts, from a mapping or from the list of pairs that Spark 2.x wrote."""
    pairs = settings.items() if isinstance(settings, Mapping) else settings
    if not isinstance(pairs, Iterable):
        return {}
    return {str(pair[0]): str(pair[1]) for pair in pairs if isinstance(pair, list | tuple) and len(pair) == 2}


def _start(one: Job | Execution) -> tuple[int, int]:
    return one.start_ms, one.id


def _number(text: str | None) -> int | None:
    return int(text) if text is not None and text.isdecimal() else None
