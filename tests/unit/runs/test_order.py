"""The last line of a run."""

from __future__ import annotations

from pathlib import Path

import pytest
from msgspec.structs import replace

from launcher.records.record import Attempt, Explanation, Record, State, Transition, apply
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


@pytest.mark.parametrize(
    ("state", "times", "code", "tried", "outcome", "name"),
    [
        (State.REFUSED, (), 5, 0, "REFUSED", "Locked"),
        (State.CANCELLED, (), 143, 0, "FAILED", "Interrupted"),
        (State.LOST, ("LOCKED",), 4, 1, "FAILED", "LostRun"),
        (State.FAILED, (), 3, 0, "FAILED", "LockProblem"),
        (State.FAILED, ("LOCKED",), 3, 0, "FAILED", "OSError"),
        (State.FAILED, ("LOCKED",), 1, 1, "FAILED", "Interrupted"),
        (State.FAILED, ("LOCKED",), 1, 0, "FAILED", "unknown"),
    ],
)
def test_every_end_has_an_outcome_and_an_error_with_a_name(state, times, code, tried, outcome, name):
    record = Record("r1", "daily", "laptop", "local", State.PLANNED, "h", "l")
    tries = tuple(Attempt(number, 1) for number in range(tried))
    record = replace(record, attempts=tries, times=dict.fromkeys(times, "t"))
    record = apply(record, Transition("t", state, "it ended", {"exit_code": code}))
    assert record.outcome == outcome
    document = final_document(record, RunFolder(Path("/runs/r1")))
    assert (document["outcome"], document["error"]["class"]) == (outcome, name)
    assert document["error"]["message"] == "it ended"


def test_an_outcome_that_is_known_stays():
    record = Record("r1", "daily", "laptop", "local", State.RUNNING, "h", "l", outcome="STALE")
    assert apply(record, Transition("t", State.FAILED, "", {"exit_code": 1})).outcome == "STALE"
    assert apply(record, Transition("t", State.FAILED, "", {"outcome": "FAILED"})).outcome == "FAILED"


def test_a_good_result_of_a_run_that_did_not_end_well_is_not_without_an_error():
    result = {"outcome": "COMMITTED", "error": None, "warnings": []}
    record = Record("r1", "d", "t", "yarn", State.LOST, "h", "l", exit_code=4, because="x", result=result)
    assert final_document(record, RunFolder(Path("/runs/r1")))["error"]["class"] == "LostRun"


def test_attempts_before_the_last_are_warnings():
    attempts = (Attempt(1, 52, cause="executor-heap", changed=("k", "4g", "6g")), Attempt(2, 1))
    expected = ["tried again: attempt 1 ended with 52, executor-heap; k 4g -> 6g"]
    assert text(attempts=attempts)["warnings"] == expected


def test_a_lost_run_says_what_to_do():
    record = Record("r1", "daily", "laptop", "local", State.LOST, "h", "l", exit_code=4, because="gone")
    error = final_document(record, RunFolder(Path("/runs/r1")))["error"]
    assert error["message"] == "gone"
    assert "Run it again" in error["hint"]
