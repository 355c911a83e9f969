"""What is true of a run whose supervisor was killed."""

from __future__ import annotations

import pytest

from launcher.managers.manager import ApplicationReport, silent
from launcher.records.record import State
from launcher.runs.unsupervised import Traces, status_of

RUNS = ApplicationReport("app-1", "RUNNING", "RUNNING")
DONE = ApplicationReport("app-1", "SUCCEEDED", "FINISHED")
DECIDED = Traces(False, 0, True, DONE, decides=True)
SILENT = Traces(False, 0, True, silent("app-1", "nobody answers"), decides=True)
DEAD = Traces(supervised=False, processes=0, here=True)

ROWS = [
    ("its supervisor lives", State.RUNNING, Traces(True, 3, True), State.RUNNING, None),
    ("it has ended", State.FAILED, DEAD, State.FAILED, None),
    ("processes of it run on", State.RUNNING, Traces(False, 2, True), State.RUNNING, None),
    ("the cluster runs it", State.SUBMITTED, Traces(False, 0, True, RUNS), State.RUNNING, None),
    (
        "elsewhere, and its manager knows it",
        State.RUNNING,
        Traces(False, 0, False, RUNS),
        State.RUNNING,
        None,
    ),
    ("elsewhere, and nobody knows it", State.RUNNING, Traces(False, 0, False), State.RUNNING, None),
    (
        "elsewhere, and its application ended before its driver",
        State.RUNNING,
        Traces(False, 0, False, DONE),
        State.RUNNING,
        None,
    ),
    (
        "its result stands in the log",
        State.RUNNING,
        Traces(False, 0, True, result={"outcome": "COMMITTED"}),
        State.SUCCEEDED,
        "COMMITTED",
    ),
    (
        "its result is a failure",
        State.RUNNING,
        Traces(False, 0, True, result={"outcome": "STALE"}),
        State.FAILED,
        "STALE",
    ),
    (
        "the manager decides",
        State.RUNNING,
        Traces(False, 0, True, DONE, decides=True),
        State.SUCCEEDED,
        "SUCCEEDED",
    ),
    ("the manager's word does not count", State.RUNNING, Traces(False, 0, True, DONE), State.LOST, "FAILED"),
    ("its manager is silent", State.RUNNING, SILENT, State.RUNNING, None),
    ("nothing of it is left", State.SUBMITTED, DEAD, State.LOST, "FAILED"),
]


@pytest.mark.parametrize(
    ("recorded", "found", "state", "outcome"), [r[1:] for r in ROWS], ids=[r[0] for r in ROWS]
)
def test_the_truth(recorded, found, state, outcome):
    message = status_of(recorded, found)
    assert (message.state, message.outcome) == (state, outcome)
    assert message.because
