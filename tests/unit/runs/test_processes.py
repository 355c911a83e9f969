"""A process is known again by pid and start, whatever the clock says."""

from __future__ import annotations

import os
import subprocess
import sys

import psutil

from launcher.records.record import Process
from launcher.runs.processes import find, identify, this_process


def test_a_process_is_found_again_and_another_of_its_pid_is_not():
    me = this_process()
    assert me.pid == os.getpid()
    assert find(me) is not None
    assert find(Process(me.pid, me.started_s + 1)) is None
    assert find(None) is None


def test_a_clock_that_is_moved_changes_nothing(monkeypatch):
    me = this_process()
    monkeypatch.setattr(psutil.Process, "create_time", lambda self: 0.0)
    assert find(me) is not None or not sys.platform.startswith("linux")


def test_a_process_that_has_ended_is_not_found():
    child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    known = identify(child.pid)
    assert find(known) is not None
    child.communicate(b"\n")
    assert find(known) is None
