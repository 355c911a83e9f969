"""One driver on a checkpoint, told by name, free when its process is gone."""

from __future__ import annotations

import contextlib
import fcntl
import os
import subprocess
import sys

import pytest

from sparkjobs.errors import LockedError, WriteError
from sparkjobs.exits import EXIT_LOCKED
from sparkjobs.streaming import driver_lock
from sparkjobs.streaming.driver_lock import NAME, driver_of, driving

HOLDS = """
import sys
from sparkjobs.streaming.driver_lock import driving
with driving(sys.argv[1], "r1"):
    print("held", flush=True)
    sys.stdin.read()
"""


def test_a_second_driver_is_kept_out_by_name_and_the_checkpoint_is_free_afterwards(tmp_path):
    checkpoint = str(tmp_path / "c")
    with driving(checkpoint, "r1") as warnings:
        assert warnings == ()
        assert driver_of(checkpoint).startswith(f"run r1 (process {os.getpid()} on ")
        with (
            pytest.raises(LockedError, match=f"{checkpoint} is in use by run r1 ") as refused,
            driving(checkpoint, "r2"),
        ):
            pass
        assert refused.value.exit_code == EXIT_LOCKED == 5
        assert driver_of(checkpoint).startswith("run r1 ")  # who was refused changed nothing
    assert driver_of(checkpoint) is None
    with driving(checkpoint, "r2"):
        assert driver_of(checkpoint).startswith("run r2 ")


def test_who_only_looks_keeps_no_driver_out(tmp_path, monkeypatch):
    (tmp_path / NAME).touch()
    looker = os.open(tmp_path / NAME, os.O_RDONLY)
    fcntl.flock(looker, fcntl.LOCK_SH)
    # It has seen enough while the driver waits.
    monkeypatch.setattr(driver_lock.time, "sleep", lambda _: fcntl.flock(looker, fcntl.LOCK_UN))
    with driving(str(tmp_path), "r1"):
        assert driver_of(str(tmp_path)).startswith("run r1 ")
    os.close(looker)


def test_a_driver_that_was_killed_holds_nothing(tmp_path):
    checkpoint = str(tmp_path / "c")
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLDS, checkpoint], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    try:
        assert holder.stdout.readline() == b"held\n"
        with pytest.raises(LockedError, match="run r1"), driving(checkpoint, "r2"):
            pass
    finally:
        holder.kill()
        holder.wait()
        holder.stdin.close()
        holder.stdout.close()
    assert "r1" in (tmp_path / "c" / NAME).read_text()
    assert driver_of(checkpoint) is None
    with driving(checkpoint, "r2"):
        pass


def test_the_lock_is_free_after_an_error_and_no_child_inherits_it(tmp_path):
    checkpoint = str(tmp_path / "c")
    with contextlib.suppress(OSError), driving(checkpoint, "r1"):
        child = subprocess.Popen(["sleep", "60"])
        raise OSError("full")
    try:
        with driving(checkpoint, "r2"):
            pass
    finally:
        child.kill()
        child.wait()


def test_where_nothing_locks_it_is_said(tmp_path):
    with driving("s3a://b/c", "r1") as (warning,):
        assert "nothing locks the checkpoint s3a://b/c" in warning
    assert driver_of("s3a://b/c") is None
    (tmp_path / "file").write_text("")
    with pytest.raises(WriteError, match="cannot be opened"), driving(str(tmp_path / "file/c"), "r1"):
        pass
