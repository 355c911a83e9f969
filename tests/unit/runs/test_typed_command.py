"""What was typed is remembered for a shell, and no secret of it."""

from __future__ import annotations

import shlex

import pytest

from launcher.cli.run_report import report
from launcher.records.record import Attempt, Record, State
from launcher.runs.typed_command import typed_command


def test_it_can_be_typed_again():
    typed = ("-C", "my lake", "run", "words", "--", "--trigger", "10 seconds", "--filter", "a='b'")
    words = shlex.split(typed_command("/srv/a b", typed))
    assert words == ["cd", "/srv/a b", "&&", "sparkjob", *typed]


@pytest.mark.parametrize("given", [("--env", "KEY=hunter2"), ("--env=KEY=hunter2",)])
def test_the_value_of_a_variable_is_taken_from_the_environment_then(given):
    text = typed_command("/srv", ("run", "words", *given, "--", "--env", "a=b"))
    assert "hunter2" not in text
    assert shlex.split(text)[-3:] == ["--", "--env", "a=b"]  # the job's own
    assert "KEY" in text


def test_secrets_are_masked():
    text = typed_command("/srv", ("run", "words", "--conf", "spark.hadoop.fs.s3a.secret.key=hunter2"))
    assert "hunter2" not in text


@pytest.mark.parametrize(("state", "shown"), [(State.RUNNING, 2), (State.FAILED, 1)])
def test_status_tells_the_attempts_that_were_followed_by_another(state, shown):
    attempts = (Attempt(1, 137, cause="driver-killed"), Attempt(2, 137, cause="driver-killed"))
    record = Record("r1", "words", "laptop", "local", state, "h", "/log", attempts=attempts)
    assert sum("tried again" in line for line in report(record, "")) == shown


@pytest.mark.parametrize(("state", "shown"), [(State.LOST, True), (State.FAILED, False)])
def test_status_tells_it_of_a_run_that_is_lost(state, shown):
    record = Record(
        "r1", "words", "laptop", "local", state, "h", "/log", command="cd /srv && sparkjob run words"
    )
    told = list(report(record, "its machine was started again"))
    assert ("  again        cd /srv && sparkjob run words" in told) is shown
