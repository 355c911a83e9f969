"""The last line of a run."""

from __future__ import annotations

from pathlib import Path

import pytest

from launcher.records.record import Attempt, Explanation, Record, State
from launcher.records.store import RunFolder
from launcher.runs.from_plan import final_document


def text(**facts) -> dict:
    record = Record("r1", "daily", "laptop", "local", State.FAILED, "h", "l", exit_code=1, **facts)
    return final_document(record, RunFolder(Path("/runs/r1")))


@pytest.mark.parametrize(
    ("cause", "message", "name"),
    [
        ("unknown", "ZeroDivisionError: division by zero", "ZeroDivisionError"),
        ("unknown", "org.example.OwnException: no", "OwnException"),
        ("unknown", "exit code 9, and nothing in the log tells why", "unknown"),
        ("path-missing", "AnalysisException: no path", "path-missing"),
    ],
)
def test_an_unknown_cause_is_called_by_its_exception(cause, message, name):
    assert text(explanation=Explanation(cause, message))["error"]["class"] == name


def test_attempts_before_the_last_are_warnings():
    attempts = (Attempt(1, 52, cause="executor-heap", changed=("k", "4g", "6g")), Attempt(2, 1))
    expected = ["tried again: attempt 1 ended with 52, executor-heap; k 4g -> 6g"]
    assert text(attempts=attempts)["warnings"] == expected


def test_a_lost_run_says_what_to_do():
    record = Record("r1", "daily", "laptop", "local", State.LOST, "h", "l", exit_code=4, because="gone")
    error = final_document(record, RunFolder(Path("/runs/r1")))["error"]
    assert error["message"] == "gone"
    assert "Run it again" in error["hint"]
