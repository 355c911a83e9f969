"""End a run from outside, and know that it has ended."""

from __future__ import annotations

import signal
import time
from collections.abc import Mapping
from dataclasses import dataclass

import psutil

from launcher.managers.manager import End
from launcher.records.record import Record, State
from launcher.records.store import RunFolder
from launcher.runs import scratch
from launcher.runs.journal import Journal
from launcher.runs.on_failure import notify_failure
from launcher.runs.processes import find, send
from launcher.runs.run_status import look, manager_for, processes
from sparkjobs.exits import EXIT_LOST, EXIT_TERMINATED

PATIENCE_S = 120.0
START_S = 10.0
MANAGER_S = 15.0
TERM_S, KILL_S = 10.0, 5.0
POLL_S = 0.2


@dataclass(frozen=True)
class Cancelled:
    """How a cancel went.

    Attributes:
        record: the run now.
        confirmed: it has ended.
        how: how we know.
    """

    record: Record
    confirmed: bool
    how: str


def cancel(folder: RunFolder, environ: Mapping[str, str]) -> Cancelled:
    """End the run; a run that has ended stays as it is."""
    record, _ = look(folder, environ)
    if record.state is State.LOST:
        return _ended_again(record, environ)
    if record.state.final:
        return Cancelled(record, True, f"it had ended before: {record.state.value}")
    record = _once_supervised(folder, record)
    if find(record.supervisor) is not None:
        return _through_supervisor(folder)
    return _without_supervisor(folder, record, environ)


def _once_supervised(folder: RunFolder, record: Record) -> Record:
    """The record once its supervisor has said its name: it may be starting."""
    deadline = time.monotonic() + START_S
    while record.supervisor is None and find(record.launcher) is not None and time.monotonic() < deadline:
        time.sleep(POLL_S)
        record = folder.read()
    return record


def _ended_again(record: Record, environ: Mapping[str, str]) -> Cancelled:
    """A run that is lost may run on: it is ended and looked for, and stays lost."""
    confirmed, how = _ended(record, environ)
    return Cancelled(record, confirmed, f"it was lost before; {how}")


def end_abandoned(folder: RunFolder, environ: Mapping[str, str]) -> Record:
    """End what a supervisor that was killed left behind, here and on the cluster; answers the truth then."""
    record = folder.read()
    if not record.state.final:
        _ended(record, environ)
        record, _ = look(folder, environ, abandoned=True)
    return record


def _through_supervisor(folder: RunFolder) -> Cancelled:
    if (supervisor := find(folder.read().supervisor)) is not None:
        send([supervisor], signal.SIGUSR1)
    deadline = time.monotonic() + PATIENCE_S
    while find(folder.read().supervisor) is not None and time.monotonic() < deadline:
        time.sleep(POLL_S)
    record = folder.read()
    ended = record.state.final and record.state is not State.LOST
    how = f"its supervisor says {record.state.value}"
    if left := len(processes(record)):
        return Cancelled(record, False, f"{how}, yet {left} of its processes run on")
    how += f", and no process of it is left here: {record.because}" if ended else ""
    return Cancelled(record, ended, how)


def _without_supervisor(folder: RunFolder, record: Record, environ: Mapping[str, str]) -> Cancelled:
    confirmed, how = _ended(record, environ)
    journal = Journal(folder, record)
    state, code = (State.CANCELLED, EXIT_TERMINATED) if confirmed else (State.LOST, EXIT_LOST)
    journal.enter(state, how, exit_code=code, outcome="FAILED")
    if confirmed:
        scratch.remove(folder.path)
    notify_failure(journal)
    return Cancelled(journal.record, confirmed, how)


def _ended(record: Record, environ: Mapping[str, str]) -> tuple[bool, str]:
    """End what is left of a run; whether it is known to be gone, and how we know."""
    left, killed = _end_processes(record)
    manager = manager_for(record, environ)
    if manager is None:
        end = End(False, f"nobody asks its cluster: no profile is called {record.target!r} here")
    else:
        end = manager.end(record.run_id, record.application_id, MANAGER_S)
    here = "no process of it is left here" if not left else f"{left} processes do not end"
    had_to = f"; {killed} had to be killed after {TERM_S:g} s" if killed else ""
    return not left and end.confirmed, f"{here}{had_to}; {end.how}"


def _end_processes(record: Record) -> tuple[int, int]:
    """End them in peace, then by force: how many are left, and how many needed force."""
    needed_force = 0
    for number, seconds in ((signal.SIGTERM, TERM_S), (signal.SIGKILL, KILL_S)):
        alive = processes(record)
        needed_force = len(alive) if number is signal.SIGKILL else 0
        send(alive, number)
        psutil.wait_procs(alive, timeout=seconds)
    return len(processes(record)), needed_force
