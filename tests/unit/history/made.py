"""Lines of event logs made by hand."""

from __future__ import annotations

import json
from typing import Any

from launcher.records.history.fold.trace_builder import TraceBuilder
from launcher.records.history.trace import Stage, Trace

SQL = "org.apache.spark.sql.execution.ui.SparkListenerSQLExecution"


def line(kind: str, **fields: Any) -> str:
    """One line; ``Stage_ID=1`` is its field ``Stage ID``."""
    named = {name.replace("_", " "): value for name, value in fields.items()}
    return json.dumps({"Event": kind, **named}, separators=(",", ":"))


def event(kind: str, **fields: Any) -> str:
    """One line of Spark's own."""
    return line(f"SparkListener{kind}", **fields)


def task(
    stage: int = 0,
    index: int = 0,
    launch: int = 1_000,
    finish: int = 2_000,
    executor: str = "1",
    attempt: int = 0,
    stage_attempt: int = 0,
    reason: str = "Success",
    metrics: dict[str, Any] | None = None,
    memory: dict[str, int] | None = None,
    **info: Any,
) -> str:
    """The end of a task."""
    more: dict[str, Any] = {} if memory is None else {"Task_Executor_Metrics": memory}
    return event(
        "TaskEnd",
        Stage_ID=stage,
        Stage_Attempt_ID=stage_attempt,
        Task_End_Reason={"Reason": reason},
        Task_Info={
            "Task ID": 7,
            "Index": index,
            "Attempt": attempt,
            "Executor ID": executor,
            "Host": "node4",
            "Launch Time": launch,
            "Finish Time": finish,
            **info,
        },
        Task_Metrics=metrics,
        **more,
    )


def stage(kind: str, number: int = 0, tasks: int = 1, attempt: int = 0, **more: Any) -> str:
    """A stage that was ``Submitted`` or ``Completed``."""
    info = {"Stage ID": number, "Stage Attempt ID": attempt, "Number of Tasks": tasks, **more}
    return event(f"Stage{kind}", Stage_Info=info)


def added(name: str, ms: int, cores: int = 2, **info: Any) -> str:
    """An executor that came."""
    more = {"Host": "node4", "Total Cores": cores, **info}
    return event("ExecutorAdded", Timestamp=ms, Executor_ID=name, Executor_Info=more)


def removed(name: str, ms: int, reason: str = "idle") -> str:
    """An executor that went."""
    return event("ExecutorRemoved", Timestamp=ms, Executor_ID=name, Removed_Reason=reason)


def job(number: int, ms: int, stages: list[int], **properties: str) -> str:
    """A job that began; ``sql_execution_id`` is its property ``spark.sql.execution.id``."""
    infos = [
        {"Stage ID": one, "Stage Attempt ID": 0, "Number of Tasks": 3, "Stage Name": f"s{one}"}
        for one in stages
    ]
    named = {"spark." + name.replace("_", "."): value for name, value in properties.items()}
    return event(
        "JobStart", Job_ID=number, Submission_Time=ms, Stage_Infos=infos, Stage_IDs=stages, Properties=named
    )


def job_end(number: int, ms: int, result: str = "JobSucceeded") -> str:
    """A job that ended."""
    return event("JobEnd", Job_ID=number, Completion_Time=ms, Job_Result={"Result": result})


VERSION = event("LogStart", Spark_Version="3.5.3")
START = event("ApplicationStart", App_Name="daily", App_ID="app-1", Timestamp=500)
END = event("ApplicationEnd", Timestamp=9_000)


def environment(**settings: str) -> str:
    """The settings; ``task_cpus`` is ``spark.task.cpus``."""
    named = {"spark." + name.replace("_", "."): value for name, value in settings.items()}
    return event("EnvironmentUpdate", Spark_Properties=named)


def whole(*lines: str) -> bytes:
    """A log with its start, settings and end around some lines."""
    return "".join(f"{text}\n" for text in (VERSION, environment(), START, *lines, END)).encode()


def trace(*lines: str) -> Trace:
    """What some lines tell."""
    builder = TraceBuilder()
    builder.take(text.encode() for text in lines)
    return builder.trace("made")


def only_stage(*lines: str) -> Stage:
    """The one stage that some lines tell of."""
    (found,) = trace(*lines).stages
    return found
