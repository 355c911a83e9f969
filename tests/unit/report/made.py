"""Traces made by hand: times are seconds from the start of the application."""

from __future__ import annotations

from array import array
from collections.abc import Mapping, Sequence
from dataclasses import fields
from typing import Any

from launcher.records.history.trace import (
    Ended,
    Executor,
    Job,
    Profile,
    Stage,
    Tasks,
    Trace,
)
from launcher.report.findings.all_findings import findings
from launcher.report.findings.loss import Loss
from launcher.report.sql.queries import Queries
from launcher.report.view.run_view import RunView

START_MS = 1_700_000_000_000
_COLUMNS = [field.name for field in fields(Tasks)]


def ms(seconds: float) -> int:
    """A moment of the application."""
    return START_MS + round(seconds * 1000)


def task(index: int, executor: int, launch: float, finish: float, **more: int) -> dict[str, int]:
    """One attempt that ran all its time on the CPU; ``more`` are columns of ``Tasks``."""
    span = round((finish - launch) * 1000)
    return {
        "index": index,
        "executor": executor,
        "launch_ms": ms(launch),
        "finish_ms": ms(finish),
        "ended": int(Ended.SUCCESS),
        "run_ms": span,
        "cpu_ms": span,
        **more,
    }


def tasks(rows: Sequence[Mapping[str, int]]) -> Tasks:
    """The columns of some attempts."""
    return Tasks(**{name: array("q", [row.get(name, 0) for row in rows]) for name in _COLUMNS})


def stage(number: int, *rows: Mapping[str, int], name: str = "count at job.py:7", **more: Any) -> Stage:
    """A stage that was submitted with its first launch and completed with its last end."""
    columns = tasks(rows)
    return Stage(
        **{
            "id": number,
            "attempt": 0,
            "name": name,
            "parents": (),
            "size": len({row["index"] for row in rows}),
            "profile": 0,
            "submitted_ms": min(columns.launch_ms, default=None),
            "completed_ms": max(columns.finish_ms, default=None),
            "failure": None,
            "tasks": columns,
            **more,
        }
    )


def executor(
    number: int, came: float = 0.0, went: float | None = None, cores: int = 1, **more: Any
) -> Executor:
    """An executor of some cores."""
    gone = None if went is None else ms(went)
    return Executor(
        **{
            "id": str(number),
            "host": f"node{number}",
            "cores": cores,
            "profile": 0,
            "gpus": 0,
            "added_ms": ms(came),
            "removed_ms": gone,
            "reason": "",
            **more,
        }
    )


def job(number: int, begin: float, end: float, *stages: int) -> Job:
    """A job that succeeded."""
    return Job(number, ms(begin), ms(end), stages or (number,), 0, 0, True)


def trace(
    stages: Sequence[Stage],
    executors: Sequence[Executor],
    end: float,
    jobs: Sequence[Job] | None = None,
    **more: Any,
) -> Trace:
    """An application; without jobs one of them spans all its time."""
    whole = (job(0, 0, end, *[one.id for one in stages]),)
    return Trace(
        **{
            "application_id": "app-1",
            "attempt_id": None,
            "name": "daily",
            "spark": "4.0.4",
            "conf": {},
            "start_ms": START_MS,
            "end_ms": ms(end),
            "last_ms": ms(end),
            "executors": tuple(executors),
            "profiles": {0: Profile(0, 1.0, 0.0, None, 0)},
            "jobs": whole if jobs is None else tuple(jobs),
            "stages": tuple(stages),
            **more,
        }
    )


def even(end: float = 10.0, executors: int = 4, **columns: int) -> Trace:
    """An application of which every slot works from the start to the end: nothing is lost."""
    rows = [task(n, n, 0, end, **columns) for n in range(executors)]
    return trace([stage(0, *rows)], [executor(n) for n in range(executors)], end)


def found(made: Trace, queries: Queries | None = None) -> dict[str, Loss]:
    """Its findings by id."""
    losses = findings(RunView(made, queries or Queries()))
    return {one.id: one for one in reversed(losses)}
