"""Look for a run: its supervisor, its processes, its application."""

from __future__ import annotations

import json
import socket
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from launcher.managers.manager import ApplicationReport, Manager
from launcher.managers.manager_choice import manager_of
from launcher.records.history.access import access_of, target_of
from launcher.records.record import Explanation, Record, State
from launcher.records.store import RunFolder
from launcher.runs import scratch
from launcher.runs.journal import Journal
from launcher.runs.on_failure import notify_failure
from launcher.runs.processes import find, marked, tree
from launcher.runs.unsupervised import RunStatus, Traces, status_of
from launcher.spec.cluster import DeployMode
from sparkjobs.exits import EXIT_FAILED, EXIT_LOST, EXIT_NOT_STARTED, EXIT_OK

TAIL_BYTES = 1 << 16


def look(folder: RunFolder, environ: Mapping[str, str], abandoned: bool = False) -> tuple[Record, RunStatus]:
    """The record, brought to the truth: a run that ended without its supervisor is closed here.

    Args:
        folder: the run's.
        environ: the environment of this process.
        abandoned: the caller has seen the supervisor's end; a launcher that lives does not stand for it.
    """
    record = folder.read()
    seen = traces(folder, record, environ, abandoned)
    found = status_of(record.state, seen)
    if found.state.final and not record.state.final:
        record = _close(folder, record, seen, found, environ)
    return record, found


def _close(
    folder: RunFolder, record: Record, seen: Traces, found: RunStatus, environ: Mapping[str, str]
) -> Record:
    from launcher.runs.kept_history import keep_history

    journal = Journal(folder, record)
    why = None if seen.begun else Explanation("supervisor-killed", found.because, "Run it again.")
    access = access_of(target_of(record, environ), environ)
    history = keep_history(folder, record, record.application_id, access)
    warnings = (*record.warnings, *history.warnings)
    journal.change(result=seen.result, totals=history.totals, explanation=why, warnings=warnings)
    codes = {"SUCCEEDED": EXIT_OK, "FAILED": EXIT_FAILED if seen.begun else EXIT_NOT_STARTED}
    code = codes.get(found.state.value, EXIT_LOST)
    journal.enter(found.state, found.because, outcome=found.outcome, exit_code=code)
    notify_failure(journal)
    if seen.here:
        scratch.remove(folder.path)
    return journal.record


def traces(folder: RunFolder, record: Record, environ: Mapping[str, str], abandoned: bool = False) -> Traces:
    """Everything that can be found of the run; arguments as ``look``."""
    here = record.host == socket.gethostname()
    supervised = here and not abandoned and find(record.supervisor or record.launcher) is not None
    if record.state.final or supervised:
        return Traces(supervised, 0, here)
    manager = manager_for(record, environ)
    mode: DeployMode = "cluster" if deploys_on_cluster(record) else "client"
    return Traces(
        supervised=False,
        processes=len(processes(record)) if here else 0,
        here=here,
        report=manager.find(record.run_id, record.application_id) if manager else _unreported(record),
        decides=manager.decides(mode) if manager else mode == "cluster",
        result=_result_in_log(folder.log, record.run_id),
        begun=record.child is not None or record.state not in (State.PLANNED, State.LOCKED),
    )


def processes(record: Record) -> list[Any]:
    """The living processes of a run on this machine: of its spark-submit, of its driver's Python, and those
    that left both and still carry its id."""
    trees = [process for root in (record.child, record.driver) for process in tree(root)]
    return list({process.pid: process for process in (*trees, *marked(record.run_id))}.values())


def manager_for(record: Record, environ: Mapping[str, str]) -> Manager | None:
    """The manager of the run's profile; ``None`` when the profile is not there any more."""
    cluster = target_of(record, environ)
    return None if cluster is None else manager_of(cluster, environ)


def _unreported(record: Record) -> ApplicationReport:
    why = f"nobody asks its cluster: no profile is called {record.target!r} here"
    return ApplicationReport(record.application_id or "", "UNKNOWN", why, answered=False)


def deploys_on_cluster(record: Record) -> bool:
    """Whether the plan put the driver on the cluster."""
    settings = (record.plan or {}).get("settings", [])
    return any(s["key"] == "spark.submit.deployMode" and s["value"] == "cluster" for s in settings)


def _result_in_log(log: Path, run_id: str) -> dict[str, Any] | None:
    try:
        with log.open("rb") as stream:
            stream.seek(max(0, log.stat().st_size - TAIL_BYTES))
            lines = stream.read().decode("utf-8", "replace").split("\n")
    except OSError:
        return None
    for line in reversed(lines):
        if line.startswith('{"v": 1,') and run_id in line:
            try:
                found = json.loads(line)
            except json.JSONDecodeError:
                continue
            return found if isinstance(found, dict) and found.get("run_id") == run_id else None
    return None
