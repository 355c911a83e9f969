"""Writes a trace as Spark would have written its event log: the lines that are read back."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from launcher.records.history.trace import Ended, Executor, Job, Stage, Trace

_SQL = "org.apache.spark.sql.execution.ui.SparkListenerSQLExecution"
_REASONS: Mapping[int, str] = {
    Ended.SUCCESS: "Success",
    Ended.FAILED: "ExceptionFailure",
    Ended.KILLED: "TaskKilled",
    Ended.LOST: "ExecutorLostFailure",
}


def log_lines(trace: Trace) -> Iterator[str]:
    """The lines in the order of their times."""
    yield _line("LogStart", **{"Spark Version": trace.spark})
    yield _line(
        "ApplicationStart",
        **{
            "App Name": trace.name,
            "App ID": trace.application_id,
            "Timestamp": trace.start_ms,
            "User": "nobody",
        },
    )
    yield _line(
        "EnvironmentUpdate", **{"Spark Properties": [list(pair) for pair in (trace.conf or {}).items()]}
    )
    for _, line in sorted(_timed(trace), key=lambda timed: timed[0]):
        yield line
    if trace.end_ms is not None:
        yield _line("ApplicationEnd", Timestamp=trace.end_ms)


def _line(kind: str, **fields: Any) -> str:
    return json.dumps({"Event": f"SparkListener{kind}", **fields}, separators=(",", ":"))


def _timed(trace: Trace) -> Iterator[tuple[tuple[int, int], str]]:
    for executor in trace.executors:
        yield (executor.added_ms, 0), _added(executor)
        if executor.removed_ms is not None:
            fields = {"Timestamp": executor.removed_ms, "Executor ID": executor.id}
            removed = _line("ExecutorRemoved", **fields, **{"Removed Reason": executor.reason})
            yield (executor.removed_ms, 9), removed
    by_id = {stage.id: stage for stage in trace.stages}
    for job in trace.jobs:
        yield (job.start_ms, 1), _job(job, by_id)
        if job.end_ms is not None:
            result = {"Result": "JobSucceeded" if job.succeeded else "JobFailed"}
            ended = _line("JobEnd", **{"Job ID": job.id, "Completion Time": job.end_ms, "Job Result": result})
            yield (job.end_ms, 5), ended
    for stage in trace.stages:
        yield from _stage_lines(trace, stage)


def _added(executor: Executor) -> str:
    info = {"Host": executor.host, "Total Cores": executor.cores, "Resource Profile Id": executor.profile}
    return _line(
        "ExecutorAdded",
        **{"Timestamp": executor.added_ms, "Executor ID": executor.id, "Executor Info": info},
    )


def _job(job: Job, stages: Mapping[int, Stage]) -> str:
    infos = [_info(stages[number], with_times=False) for number in job.stages if number in stages]
    properties = {} if job.execution is None else {"spark.sql.execution.id": str(job.execution)}
    if job.root is not None:
        properties["spark.sql.execution.root.id"] = str(job.root)
    return _line(
        "JobStart",
        **{
            "Job ID": job.id,
            "Submission Time": job.start_ms,
            "Stage Infos": infos,
            "Stage IDs": list(job.stages),
            "Properties": properties,
        },
    )


def _info(stage: Stage, *, with_times: bool) -> dict[str, Any]:
    info: dict[str, Any] = {
        "Stage ID": stage.id,
        "Stage Attempt ID": stage.attempt,
        "Stage Name": stage.name,
        "Number of Tasks": stage.size,
        "Parent IDs": list(stage.parents),
        "Resource Profile Id": stage.profile,
    }
    if with_times:
        info["Submission Time"] = stage.submitted_ms
        info["Completion Time"] = stage.completed_ms
    return info


def _stage_lines(trace: Trace, stage: Stage) -> Iterator[tuple[tuple[int, int], str]]:
    if stage.submitted_ms is None:
        return
    submitted = {**_info(stage, with_times=False), "Submission Time": stage.submitted_ms}
    yield (stage.submitted_ms, 2), _line("StageSubmitted", **{"Stage Info": submitted})
    for row in range(len(stage.tasks)):
        yield (stage.tasks.finish_ms[row], 3), _task(trace, stage, row)
    if stage.completed_ms is not None:
        completed = _line("StageCompleted", **{"Stage Info": _info(stage, with_times=True)})
        yield (stage.completed_ms, 4), completed


def _task(trace: Trace, stage: Stage, row: int) -> str:
    tasks = stage.tasks
    executor = trace.executors[tasks.executor[row]]
    info = {
        "Task ID": row,
        "Index": tasks.index[row],
        "Attempt": tasks.attempt[row],
        "Launch Time": tasks.launch_ms[row],
        "Finish Time": tasks.finish_ms[row],
        "Executor ID": executor.id,
        "Host": executor.host,
        "Speculative": bool(tasks.speculative[row]),
    }
    metrics = {
        "Executor Run Time": tasks.run_ms[row],
        "Disk Bytes Spilled": tasks.spilled_bytes[row],
        "Input Metrics": {"Bytes Read": tasks.read_bytes[row], "Records Read": tasks.read_rows[row]},
    }
    return _line(
        "TaskEnd",
        **{
            "Stage ID": stage.id,
            "Stage Attempt ID": stage.attempt,
            "Task End Reason": {"Reason": _REASONS[tasks.ended[row]]},
            "Task Info": info,
            "Task Metrics": metrics,
        },
    )
