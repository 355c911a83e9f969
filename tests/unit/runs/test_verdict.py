"""The table of truth: one test a row."""

from __future__ import annotations

import pytest

from launcher.records.record import State
from launcher.runs.verdict import EndFacts, judge

OURS = {"expects_result": True}

ROWS = [
    (
        "the manager still shows the application",
        {"exit_code": 143, "stop": ("SIGTERM", 143), "end_confirmed": False},
        State.LOST,
        "FAILED",
        4,
    ),
    ("stopped by a signal", {"exit_code": 143, "stop": ("SIGTERM", 143)}, State.CANCELLED, "FAILED", 143),
    ("interrupted", {"exit_code": 130, "stop": ("SIGINT", 130)}, State.CANCELLED, "FAILED", 130),
    (
        "a stream stopped in time",
        {"exit_code": 0, "stop": ("SIGTERM", 143), "result_outcome": "COMMITTED"},
        State.SUCCEEDED,
        "COMMITTED",
        0,
    ),
    (
        "stopped after its commit",
        {"exit_code": 143, "stop": ("SIGTERM", 143), "committed": True},
        State.CANCELLED,
        "COMMITTED",
        143,
    ),
    ("ended before a driver", {"exit_code": 1, "driver_started": False}, State.FAILED, "FAILED", 3),
    (
        "the job committed",
        {"exit_code": 0, "result_outcome": "COMMITTED", **OURS},
        State.SUCCEEDED,
        "COMMITTED",
        0,
    ),
    (
        "the work was done before",
        {"exit_code": 0, "result_outcome": "SKIPPED", **OURS},
        State.SUCCEEDED,
        "SKIPPED",
        0,
    ),
    (
        "the job is stale",
        {"exit_code": 1, "result_outcome": "STALE", "result_exit_code": 1, **OURS},
        State.FAILED,
        "STALE",
        1,
    ),
    (
        "the job refused its flags",
        {"exit_code": 2, "result_outcome": "FAILED", "result_exit_code": 2, **OURS},
        State.FAILED,
        "FAILED",
        2,
    ),
    (
        "YARN says SUCCEEDED, the client-mode job failed",
        {"exit_code": 1, "application": "SUCCEEDED", "result_outcome": "FAILED", **OURS},
        State.FAILED,
        "FAILED",
        1,
    ),
    (
        "YARN says SUCCEEDED, the client-mode script ended with 3",
        {"exit_code": 3, "application": "SUCCEEDED"},
        State.FAILED,
        "FAILED",
        1,
    ),
    (
        "killed after its commit, before its result",
        {"exit_code": 137, "committed": True, **OURS},
        State.FAILED,
        "FAILED",
        1,
    ),
    ("killed before its commit", {"exit_code": 137, "committed": False, **OURS}, State.FAILED, "FAILED", 1),
    ("one of ours without a result and exit code 0", {"exit_code": 0, **OURS}, State.FAILED, "FAILED", 1),
    (
        "Kubernetes: the driver pod failed, spark-submit ended with 0",
        {"exit_code": 0, "manager_decides": True, "application": "FAILED"},
        State.FAILED,
        "FAILED",
        1,
    ),
    (
        "Kubernetes: the driver pod was deleted",
        {"exit_code": 0, "manager_decides": True, "application": "KILLED"},
        State.FAILED,
        "FAILED",
        1,
    ),
    (
        "cluster mode succeeded though the submitter was killed",
        {"exit_code": 137, "manager_decides": True, "application": "SUCCEEDED"},
        State.SUCCEEDED,
        "SUCCEEDED",
        0,
    ),
    ("cluster mode, and nobody answers", {"exit_code": 0, "manager_decides": True}, State.LOST, "FAILED", 4),
    ("nobody saw the end", {"exit_code": None}, State.LOST, "FAILED", 4),
    ("a script that ended well", {"exit_code": 0}, State.SUCCEEDED, "SUCCEEDED", 0),
    (
        "a script that never needed Spark",
        {"exit_code": 0, "driver_started": False},
        State.SUCCEEDED,
        "SUCCEEDED",
        0,
    ),
    ("a script that failed", {"exit_code": 7}, State.FAILED, "FAILED", 1),
]


@pytest.mark.parametrize(
    ("facts", "state", "outcome", "code"), [row[1:] for row in ROWS], ids=[r[0] for r in ROWS]
)
def test_the_table_of_truth(facts, state, outcome, code):
    verdict = judge(EndFacts(**{"driver_started": True, **facts}))
    assert (verdict.state, verdict.outcome, verdict.exit_code) == (state, outcome, code)
    assert verdict.because


def test_a_stop_that_needed_force_says_so():
    verdict = judge(EndFacts(137, True, stop=("SIGTERM", 143), forced="had to be killed after 20 s"))
    assert verdict.because == "stopped: SIGTERM; it had to be killed after 20 s"
