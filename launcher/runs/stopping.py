"""Ending a run: in peace, by force, and looking that nothing is left."""

from __future__ import annotations

import contextlib
import os
import signal
import time
import traceback

import psutil

from launcher.managers.manager_choice import manager_of
from launcher.records.record import Record
from launcher.runs.output import say
from launcher.runs.processes import descendants, find, send
from launcher.runs.run_request import RunRequest

# After spark-submit has ended the driver's Python notices by itself and may still have its result to write.
NOTICE_S = 3.0
TERM_S = 5.0
KILL_S = 5.0
MANAGER_S = 15.0


def end_in_peace(request: RunRequest, record: Record) -> None:
    """Ask the driver to end; its JVM follows it. Where the driver is on the cluster, the manager ends it."""
    driver = find(record.driver)
    if request.deploy_mode == "cluster":
        manager = manager_of(request.cluster, os.environ)
        manager.end(request.run_id, record.application_id, MANAGER_S)
    if driver is not None:
        send([driver], signal.SIGTERM)
    elif (child := find(record.child)) is not None:
        send([child], signal.SIGTERM)


def kill_all() -> None:
    """Kill every process below this one until there is none."""
    _until_gone(signal.SIGKILL, KILL_S)


def cleared(request: RunRequest, record: Record, stopped: bool) -> bool:
    """As ``clear``; a fault in it confirms nothing, and the run still ends."""
    try:
        return clear(request, record, stopped)
    except Exception:
        traceback.print_exc()
        return False


def clear(request: RunRequest, record: Record, stopped: bool) -> bool:
    """End what spark-submit left behind, here and on the cluster; whether all of it is known to be gone."""
    _, left = psutil.wait_procs(descendants(), timeout=NOTICE_S)
    if left and not stopped:
        say(f"ending what the run left behind: {', '.join(map(_called, left))}")
    _until_gone(signal.SIGTERM, TERM_S)
    _until_gone(signal.SIGKILL, KILL_S)
    return not descendants() and _ended_on_cluster(request, record, stopped)


def _called(process: psutil.Process) -> str:
    # No more than the name: arguments may hold what nobody is to see.
    with contextlib.suppress(psutil.Error):
        return f"{process.pid} {process.name()}"
    return str(process.pid)


def _until_gone(number: int, seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while (left := descendants()) and time.monotonic() < deadline:
        send(left, number)
        psutil.wait_procs(left, timeout=min(1.0, max(0.0, deadline - time.monotonic())))


def _ended_on_cluster(request: RunRequest, record: Record, stopped: bool) -> bool:
    manager = manager_of(request.cluster, os.environ)
    seen = manager.find(request.run_id, record.application_id)
    if seen is None or not seen.answered:
        # Nobody answers. That matters where the application lives without us.
        return not (stopped and manager.decides(request.deploy_mode) and record.application_id)
    if seen.state != "RUNNING":
        return True
    return manager.end(request.run_id, seen.application_id, MANAGER_S).confirmed
