"""Holders that die, sleep or live by another clock."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time

import pytest

from launcher.tables.locks.lock import Locked
from tests.cluster.locks.backend import Backend, holding_apart, race
from tests.conftest import ROOT

# Long enough for a busy machine to renew in time, short enough to wait for.
LEASE_S = 3.0
WAIT_S = 60.0
TRY_ONCE = """
import os, sys
from tests.cluster.locks.backend import Backend
print("locked" if Backend(*sys.argv[1:3], sys.argv[3] or None, os.environ).refused("hour") else "taken")
"""


def test_the_lock_of_a_killed_holder_is_free_when_nobody_can_be_writing(backend: Backend) -> None:
    with holding_apart(backend, "killed", LEASE_S) as (killed, token):
        killed.signal(signal.SIGKILL)
        killed.process.join()
        if backend.kind == "file":
            assert backend.hold("next").token == token + 1
            return
        assert backend.refused() is not None
        held = backend.hold("next", wait_s=WAIT_S)
        assert held.token == token + 1
        held.release()


def test_of_24_that_wait_for_a_dead_holder_one_takes_over(leased: Backend) -> None:
    with holding_apart(leased, "killed", LEASE_S) as (killed, token):
        killed.signal(signal.SIGKILL)
        killed.process.join()
    answers = race(leased, 24, wait_s=3 * LEASE_S)
    assert [message for what, message in answers if what == "failed"] == []
    ((winner, taken),) = [message for what, message in answers if what == "won"]
    assert taken == token + 1
    assert {message for what, message in answers if what == "locked"} == {winner}


def test_a_dead_holder_s_application_is_asked_for_first(backend: Backend) -> None:
    with holding_apart(backend, "killed", LEASE_S) as (killed, token):
        killed.signal(signal.SIGKILL)
        killed.process.join()
    requested = []

    def runs_at_first(died: object) -> bool:
        requested.append(died.run_id)
        return len(requested) < 3

    held = backend.hold("next", wait_s=WAIT_S, still_runs=runs_at_first)
    assert (held.token, requested) == (token + 1, ["killed"] * 3)
    held.release()


def test_a_holder_that_slept_past_its_lease_is_fenced(leased: Backend) -> None:
    with holding_apart(leased, "sleeper", LEASE_S) as (sleeper, token):
        sleeper.signal(signal.SIGSTOP)
        rival = leased.hold("rival", wait_s=WAIT_S)
        sleeper.signal(signal.SIGCONT)
        assert sleeper.hears() == "Lost"
        sleeper.release()  # gives back nothing: the lock is the rival's
        locked = leased.refused()
        assert locked is not None
        assert locked.holder is not None
        assert locked.holder.run_id == "rival"
        assert rival.token == token + 1
        assert rival.release() == []
    assert leased.refused() is None


def test_a_sleeping_holder_of_a_file_lock_keeps_it(on_disk: Backend) -> None:
    with holding_apart(on_disk, "sleeper") as (sleeper, _):
        sleeper.signal(signal.SIGSTOP)
        assert on_disk.refused() is not None
        sleeper.signal(signal.SIGCONT)
        sleeper.release()
    assert on_disk.refused() is None


def test_a_renewed_lease_outlasts_its_length(leased: Backend) -> None:
    with holding_apart(leased, "steady", LEASE_S) as (steady, _):
        with pytest.raises(Locked):
            leased.hold("rival", wait_s=1.5 * LEASE_S)
        steady.release()


def test_launchers_that_do_not_wait_watch_a_dead_holder_together(leased: Backend) -> None:
    with holding_apart(leased, "killed", LEASE_S) as (killed, token):
        killed.signal(signal.SIGKILL)
        killed.process.join()
    until_s = time.monotonic() + WAIT_S
    refusals = 0
    # Each try opens the lock anew, as a new launcher does.
    while leased.refused() is not None:
        refusals += 1
        assert time.monotonic() < until_s
        time.sleep(0.2)
    assert refusals > 0
    assert leased.hold("next").token == token + 2


@pytest.mark.parametrize("shift", ["+1h", "-1h"])
def test_another_clock_takes_no_lock_early(backend: Backend, shift: str) -> None:
    faketime = shutil.which("faketime")
    if faketime is None:
        pytest.skip("faketime is not on PATH (Debian: apt-get install faketime)")
    with holding_apart(backend, "holder") as (holder, _):
        for clock in ([], [faketime, "-f", shift], [faketime, "-f", shift]):
            command = [*clock, sys.executable, "-c", TRY_ONCE, backend.kind, backend.table, backend.url or ""]
            tried = subprocess.run(
                command,
                cwd=ROOT,
                env={**os.environ, **backend.environ},
                capture_output=True,
                text=True,
                check=False,
            )
            assert tried.stdout.strip() == "locked", tried.stderr
        holder.release()
