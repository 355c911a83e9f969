"""From a plan to an order for the supervisor. Pure."""

from __future__ import annotations

import platform
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from launcher.intake.subject import Subject
from launcher.planning.render.plan_json import plan_document
from launcher.planning.result import Plan
from launcher.planning.submit.application import main_arguments, main_file, script_path
from launcher.records.record import Explanation, Record, retried
from launcher.records.states import State
from launcher.records.store import RunFolder
from launcher.runs.explain.cause import UNKNOWN
from launcher.runs.request import RunRequest
from launcher.spec.layer import Origin
from sparkjobs import __version__

STREAM_GRACE_S, GRACE_S = 10.0, 20.0
_AGAIN = {
    State.LOST: "Run it again with the same --interval: what was committed is not written a second time.",
}
_RAISED = re.compile(r"(?:\w+\.)*([A-Z]\w*): ")
_ASKED = (Origin.FLAG, Origin.JOB_FILE, Origin.PROPERTIES, Origin.DEFAULTS)


@dataclass(frozen=True)
class Wish:
    """How somebody wants a plan run.

    Attributes:
        binary: the spark-submit to call.
        cwd: the child's working folder.
        interval: the logical interval; ``None`` = the start.
        lock_wait_s: how long to wait for a table that somebody else writes.
        follow: wait for the end.
        options: flags of spark-submit that no setting stands for, with their values.
    """

    binary: str
    cwd: str
    interval: str | None = None
    lock_wait_s: float = 0.0
    follow: bool = True
    options: tuple[str, ...] = ()


def order(
    run_id: str, plan: Plan, subject: Subject, settings: dict[str, str], tables: tuple[str, ...], wish: Wish
) -> RunRequest:
    """The order of a run.

    Args:
        run_id: its name.
        plan: what was planned.
        subject: what is to run.
        settings: the plan's settings and those that running adds.
        tables: tables that it writes.
        wish: how it is to be run.
    """
    file = subject.job_file
    return RunRequest(
        run_id=run_id,
        job=plan.application.name,
        is_job=plan.application.kind == "job",
        cluster=plan.cluster,
        deploy_mode="cluster" if settings.get("spark.submit.deployMode") == "cluster" else "client",
        binary=wish.binary,
        settings=settings,
        main=main_file(plan.application),
        arguments=tuple(main_arguments(plan.application)),
        cwd=wish.cwd,
        tables=tables,
        lock_wait_s=wish.lock_wait_s,
        grace_s=_grace_s(plan),
        timeout_s=file.timeout_s if file else None,
        retries=file.retries if file else 0,
        pinned=pinned(plan),
        follow=wish.follow,
        options=wish.options,
    )


def pinned(plan: Plan) -> tuple[str, ...]:
    """The keys that no other attempt may change: what somebody asked for, and what the profile enforces.

    The profile's own values stand below what history shows, so they are no pins.
    """
    asked = [setting.key for setting in plan.settings if setting.origin in _ASKED]
    return (*asked, *(key for key in plan.cluster.enforced if key not in asked))


def first_record(request: RunRequest, plan: Plan, folder: RunFolder, wish: Wish, host: str) -> Record:
    """The record of a run that is planned and no more."""
    return Record(
        run_id=request.run_id,
        job=request.job,
        target=plan.cluster.name,
        manager=plan.cluster.manager,
        state=State.PLANNED,
        host=host,
        log=str(folder.log),
        script=script_path(plan.application, Path(wish.cwd)),
        interval=wish.interval,
        plan=plan_document(plan),
        versions=_versions(plan),
        event_log=request.settings.get("spark.eventLog.dir"),
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
        "warnings": [
            *(own.get("warnings") or ()),
            *(f"tried again: {retried(a)}" for a in record.attempts[:-1]),
        ],
        "outcome": record.outcome or own["outcome"],
        "state": record.state.value,
        "application_id": record.application_id,
        "driver_exit_code": record.driver_exit_code,
        "exit_code": record.exit_code,
        "record": str(folder.path / "record.json"),
        "log": record.log,
    }


def _class(told: Explanation) -> str:
    """The cause; where nobody knows it, the exception's own name, which its message begins with."""
    named = _RAISED.match(told.message) if told.cause == UNKNOWN else None
    return named[1] if named else told.cause


def _no_result(record: Record) -> dict[str, Any]:
    told = record.explanation
    error = {"class": _class(told), "message": told.message, "hint": told.hint} if told else None
    if error is None and record.exit_code:
        error = {"class": record.state.value, "message": record.because, "hint": _AGAIN.get(record.state)}
    return {
        "v": 1, "job": record.job, "run_id": record.run_id, "interval": record.interval, "config_hash": None,
        "outcome": None, "rows_read": None, "rows_accepted": None, "rows_quarantined": None,
        "rows_written": None, "files_skipped": None, "tables": [], "quarantine": None, "seconds": None,
        "error": error, "warnings": [],
    }  # fmt: skip
