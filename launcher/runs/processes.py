"""Processes of a run: known by pid and start time, ended as a whole tree."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path

import psutil

from launcher.records.record import Process

RUN_VARIABLE = "SPARKJOBS_RUN_ID"
PR_SET_CHILD_SUBREAPER = 36
# A start is written down as a decimal.
SAME_START_S = 0.05


def adopt_orphans() -> bool:
    """Become the parent of every orphan below this process (Linux); elsewhere ``False``.

    Spark's Python daemons leave their process group, and a driver's Python survives its JVM: only as their
    parent can one be sure to have ended them all.
    """
    if not sys.platform.startswith("linux"):
        return False
    import ctypes

    # prctl(2): an orphan goes to the nearest subreaper above it and not to init.
    return bool(ctypes.CDLL(None, use_errno=True).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) == 0)


def this_process() -> Process:
    """The running process."""
    return identify(psutil.Process().pid) or Process(0, 0.0)


def identify(pid: int) -> Process | None:
    """A process with its start time; ``None`` when there is none of that pid."""
    try:
        return Process(pid, _started_s(psutil.Process(pid)))
    except (psutil.Error, OSError):
        return None


def find(process: Process | None) -> psutil.Process | None:
    """The very process, not a later one that was given its pid; ``None`` when it has ended."""
    if process is None:
        return None
    try:
        found = psutil.Process(process.pid)
        same = abs(_started_s(found) - process.started_s) < SAME_START_S
        return found if same and found.status() != psutil.STATUS_ZOMBIE else None
    except (psutil.Error, OSError):
        return None


def _started_s(process: psutil.Process) -> float:
    """When a process began; on Linux since the boot, field 22 of its stat, which no clock moves."""
    if not sys.platform.startswith("linux"):
        return process.create_time()
    stat = Path(f"/proc/{process.pid}/stat").read_bytes()
    # proc(5): the second field is a name in parentheses that may hold spaces and parentheses itself.
    return int(stat.rpartition(b")")[2].split()[19]) / os.sysconf("SC_CLK_TCK")


def descendants() -> list[psutil.Process]:
    """Every living process below this one."""
    found = psutil.Process().children(recursive=True)
    return [process for process in found if _lives(process)]


def tree(root: Process | None) -> list[psutil.Process]:
    """A process and all below it, the root first; empty when it has ended."""
    found = find(root)
    if found is None:
        return []
    try:
        return [found, *found.children(recursive=True)]
    except psutil.Error:
        return []


def marked(run_id: str) -> list[psutil.Process]:
    """Every living process that carries the run's id in its environment, wherever it was moved to."""
    return [process for process in psutil.process_iter() if _run_of(process) == run_id and _lives(process)]


def _run_of(process: psutil.Process) -> str | None:
    try:
        found: str | None = process.environ().get(RUN_VARIABLE)
    except psutil.Error:  # of somebody else, or gone
        return None
    return found


def send(processes: Sequence[psutil.Process], number: int) -> None:
    """Signal each; those that have ended meanwhile are passed over."""
    for process in processes:
        try:
            process.send_signal(number)
        except psutil.Error:
            continue


def _lives(process: psutil.Process) -> bool:
    try:
        return process.status() != psutil.STATUS_ZOMBIE
    except psutil.Error:
        return False
