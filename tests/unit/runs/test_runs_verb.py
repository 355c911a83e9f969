"""``sparkjob runs`` over records that were left behind."""

from __future__ import annotations

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
