"""From a plan to a request for the supervisor, and from a record to the last line. Pure."""

from __future__ import annotations

import platform
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from launcher.intake.subject import Subject
from launcher.planning.plan_request import History
from launcher.planning.render.plan_json import plan_document
from launcher.planning.result import Plan
from launcher.planning.submit.command import main_arguments, main_file, script_path
from launcher.records.forecast import Forecast
from launcher.records.record import OUTCOMES, Explanation, Record, State, retried
from launcher.records.store import RunFolder
from launcher.runs.explain.cause import UNKNOWN
from launcher.runs.run_request import RunRequest
from launcher.spec.layer import Origin
from sparkjobs import __version__
from sparkjobs.exits import EXIT_NOT_STARTED

STREAM_GRACE_S, GRACE_S = 10.0, 20.0
_AGAIN = {
    State.LOST: "Run it again with the same --interval: what was committed is not written a second time.",
}
# What is thrown where a run ends in such a state and no exception of its own tells why.
_ENDS = {State.REFUSED: "Locked", State.LOST: "LostRun", State.CANCELLED: "Interrupted"}
_RAISED = re.compile(r"(?:\w+\.)*([A-Z]\w*): ")
_REQUESTED = (Origin.FLAG, Origin.JOB_FILE, Origin.PROPERTIES, Origin.DEFAULTS)


@dataclass(frozen=True)
class LaunchOptions:
    """How somebody wants a plan run.

    Attributes:
        binary: the spark-submit to call.
        cwd: the child's working folder.
        interval: the logical interval; ``None`` = the start.
        lock_wait_s: how long to wait for a table that somebody else writes.
        follow: wait for the end.
        options: flags of spark-submit that no setting stands for, with their values.
        command: what was typed, for a shell; ``None``: it was not typed.
    """

    binary: str
    cwd: str
    interval: str | None = None
    lock_wait_s: float = 0.0
    follow: bool = True
    options: tuple[str, ...] = ()
    command: str | None = None


def request_of(
    run_id: str,
    plan: Plan,
    subject: Subject,
    settings: dict[str, str],
    tables: tuple[str, ...],
    launch: LaunchOptions,
) -> RunRequest:
    """The request for a run.

    Args:
        run_id: its name.
        plan: what was planned.
        subject: what is to run.
        settings: the plan's settings and those that running adds.
        tables: tables that it writes.
        launch: how it is to be run.
    """
    file = subject.job_file
    return RunRequest(
        run_id=run_id,
        job=plan.application.name,
        is_job=plan.application.kind == "job",
        cluster=plan.cluster,
        deploy_mode="cluster" if settings.get("spark.submit.deployMode") == "cluster" else "client",
        binary=launch.binary,
        settings=settings,
        main=main_file(plan.application),
        arguments=tuple(main_arguments(plan.application)),
        cwd=launch.cwd,
        tables=tables,
        lock_wait_s=launch.lock_wait_s,
        grace_s=_grace_s(plan),
        timeout_s=file.timeout_s if file else None,
        retries=file.retries if file else 0,
        pinned=pinned(plan),
        follow=launch.follow,
        options=launch.options,
        on_failure=file.on_failure if file else None,
    )


def pinned(plan: Plan) -> tuple[str, ...]:
    """The keys that no other attempt may change: what somebody asked for, and what the profile enforces.

    The profile's own values stand below what history shows, so they are no pins.
    """
    requested = [setting.key for setting in plan.settings if setting.origin in _REQUESTED]
    return (*requested, *(key for key in plan.cluster.enforced if key not in requested))


def first_record(
    request: RunRequest, plan: Plan, folder: RunFolder, launch: LaunchOptions, host: str
) -> Record:
    """The record of a run that is planned and no more."""
    return Record(
        run_id=request.run_id,
        job=request.job,
        target=plan.cluster.name,
        manager=plan.cluster.manager,
        state=State.PLANNED,
        host=host,
        log=str(folder.log),
        script=script_path(plan.application, Path(launch.cwd)),
        interval=launch.interval,
        plan=plan_document(plan),
        versions=_versions(plan),
        event_log=request.settings.get("spark.eventLog.dir"),
        content=plan.application.content or None,
        input_bytes=plan.application.input.size_bytes,
        command=launch.command,
        forecast=None if plan.history is None else _forecast(plan.history),
    )


def _forecast(history: History) -> Forecast | None:
    """What was predicted; ``None`` where nothing was."""
    if history.seconds is None or history.low is None or history.high is None:
        return None
    return Forecast(
        seconds=history.seconds,
        low=history.low,
        high=history.high,
        executor_seconds=history.executor_seconds or 0.0,
        cost=history.cost or 0.0,
        size=history.size,
        decision=history.decision,
        why=history.why,
        evidence=history.evidence,
    )


def _versions(plan: Plan) -> dict[str, str]:
    return {
        "sparkjobs": __version__,
        "python": platform.python_version(),
        "spark": plan.cluster.spark_version,
    }


def _grace_s(plan: Plan) -> float:
    if not plan.application.streaming:
        return GRACE_S
    return _stop_timeout_s(plan.application.arguments) + STREAM_GRACE_S


def _stop_timeout_s(arguments: tuple[str, ...]) -> float:
    """How long a stream of ours waits for its running batch: its flag ``--stop-timeout``, else 60 s."""
    flag = "--stop-timeout"
    for at, argument in enumerate(arguments):
        if argument.startswith(flag + "="):
            return _number(argument.partition("=")[2])
        if argument == flag and at + 1 < len(arguments):
            return _number(arguments[at + 1])
    return 60.0


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return 60.0  # the job itself will refuse it


def final_document(record: Record, folder: RunFolder) -> dict[str, Any]:
    """The last line of ``sparkjob run``: the job's own result and what the launcher knows."""
    own = record.result or _no_result(record)
    return {
        **own,
        "error": own["error"] or _error(record),
        "warnings": [
            *(own.get("warnings") or ()),
            *(f"tried again: {retried(a)}" for a in record.attempts[:-1]),
            *record.warnings,
        ],
        "outcome": record.outcome or OUTCOMES.get(record.state) or own["outcome"],
        "state": record.state.value,
        "application_id": record.application_id,
        "driver_exit_code": record.driver_exit_code,
        "exit_code": record.exit_code,
        "record": str(folder.path / "record.json"),
        "log": record.log,
    }


def _error(record: Record) -> dict[str, Any] | None:
    """What went wrong, as the launcher saw it; ``None`` when nothing did."""
    explanation = record.explanation
    if explanation is not None:
        return {"class": _class(explanation), "message": explanation.message, "hint": explanation.hint}
    if not record.exit_code:
        return None
    name = _ENDS.get(record.state) or _failed(record)
    return {"class": name, "message": record.because, "hint": _AGAIN.get(record.state)}


def _failed(record: Record) -> str:
    if record.exit_code == EXIT_NOT_STARTED:
        return "OSError" if State.LOCKED.value in record.times else "LockProblem"
    # An attempt that nobody explained was stopped: by its timeout, or because a lease ran out.
    return "Interrupted" if record.attempts else UNKNOWN


def _class(explanation: Explanation) -> str:
    """The cause; where nobody knows it, the exception's own name, which its explanation begins with."""
    named = _RAISED.match(explanation.message) if explanation.cause == UNKNOWN else None
    return named[1] if named else explanation.cause


def _no_result(record: Record) -> dict[str, Any]:
    return {
        "v": 1, "job": record.job, "run_id": record.run_id, "interval": record.interval, "config_hash": None,
        "outcome": None, "rows_read": None, "rows_accepted": None, "rows_quarantined": None,
        "rows_written": None, "rows_late": None, "batches": None, "files_skipped": None, "tables": [],
        "quarantine": None, "seconds": None, "phases": None, "error": None, "warnings": [],
    }  # fmt: skip
