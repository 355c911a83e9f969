"""``sparkjob runs`` over records that were left behind."""

from __future__ import annotations

import json
import socket

import pytest
from click.testing import CliRunner

from launcher.cli.runs import command
from launcher.records.record import Process, Record, State
from launcher.records.store import RunFolder
from sparkjobs.errors import UsageError


def test_a_run_whose_supervisor_was_killed_is_not_listed_as_running(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    folder = RunFolder(tmp_path / "sparkjobs/runs/20260101T000000Z-daily-1")
    folder.create(
        Record(
            run_id=folder.run_id, job="daily", target="laptop", manager="local", state=State.RUNNING,
            host=socket.gethostname(), log=str(folder.log), supervisor=Process(2**22 + 1, 1.0),
        )
    )  # fmt: skip
    listed = CliRunner().invoke(command, ["--state", "LOST"], catch_exceptions=False)
    assert folder.run_id in listed.output


def test_an_age_that_no_calendar_holds_is_refused():
    with pytest.raises(UsageError, match="--since '99999999999d' is no time"):
        CliRunner().invoke(command, ["--since", "99999999999d"], catch_exceptions=False)


@pytest.fixture
def runs(tmp_path, monkeypatch):
    """Five runs that have ended, one of them broken."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    folders = []
    for day, (job, state) in enumerate(
        [("a", "FAILED"), ("b", "FAILED"), ("a", "SUCCEEDED"), ("a", "FAILED"), ("b", "LOST")], start=1
    ):
        folder = RunFolder(tmp_path / f"sparkjobs/runs/2026010{day}T000000Z-{job}-{day}")
        record = Record(folder.run_id, job, "laptop", "local", State(state), socket.gethostname(), "l")
        folder.create(record)
        folders.append(folder)
    (folders[4].path / "record.json").write_text("{")
    return folders


def listed(*flags):
    return CliRunner().invoke(command, flags, catch_exceptions=False)


def test_a_broken_run_is_listed_as_such(runs):
    rows = [line.split()[:2] for line in listed("-n", "2").stdout.splitlines()]
    assert rows == [["RUN", "STATE"], [runs[4].run_id, "BROKEN"], [runs[3].run_id, "FAILED"]]
    first = json.loads(listed("-o", "json").stdout)[0]
    assert (first["run_id"], first["state"]) == (runs[4].run_id, None)
    assert "cannot be read" in first["because"]


@pytest.mark.parametrize(
    ("flags", "days", "more"),
    [
        (["-n", "2"], [5, 4], 3),
        (["--job", "a", "-n", "1"], [4], 2),
        (["--state", "failed"], [4, 2, 1], 0),
        (["--state", "FAILED", "--job", "a", "-n", "1"], [4], 1),
        (["--since", "2026-01-03"], [5, 4, 3], 0),
        (["--job", "c"], [], 0),
    ],
)
def test_the_newest_that_fit_are_listed_and_the_others_counted(runs, flags, days, more):
    done = listed(*flags)
    rows = done.stdout.splitlines()[1:]
    assert [int(row.split()[0][-1]) for row in rows] == days
    assert (f"{more} more; -n shows them" in done.stderr) == bool(more)
