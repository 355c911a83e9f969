"""How far a run is, in one line and from the answers of a driver."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from launcher.records.figures import Figures, line
from launcher.runs.progress.rest import figures

API = "/api/v1/applications/app-1"
STAGES = [
    {
        "status": "ACTIVE",
        "stageId": 7,
        "attemptId": 0,
        "numTasks": 200,
        "numCompleteTasks": 31,
        "name": "count",
    },
    {
        "status": "ACTIVE",
        "stageId": 5,
        "attemptId": 1,
        "numTasks": 10,
        "numCompleteTasks": 4,
        "name": "count",
    },
]
DRIVER = {"id": "driver", "isActive": True, "totalCores": 0, "hostPort": "h:1"}
EXECUTORS = [
    DRIVER,
    {"id": "1", "isActive": True, "totalCores": 4},
    {"id": "2", "isActive": False, "totalCores": 4},
]
METRICS = {
    "gauges": {
        "app-1.driver.ExecutorAllocationManager.executors.numberTargetExecutors": {"value": 6},
        "app-1.driver.BlockManager.memory.maxMem_MB": {"value": 900},
    }
}


@contextmanager
def serving(answers: dict[str, Any]) -> Iterator[str]:
    """A driver that answers so; everything else is not found."""

    class Answer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            known = self.path in answers
            self.send_response(200 if known else 404)
            self.end_headers()
            self.wfile.write(json.dumps(answers.get(self.path)).encode())

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Answer) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


def test_a_driver_tells_stages_tasks_executors_and_what_it_wants() -> None:
    answers = {
        f"{API}/stages?status=active": STAGES,
        f"{API}/executors": EXECUTORS,
        "/metrics/json/": METRICS,
    }
    with serving(answers) as ui:
        assert figures(ui, "app-1") == Figures((5, 7), 35, 210, 1, 6)


def test_in_local_mode_the_driver_is_the_one_executor() -> None:
    answers = {f"{API}/stages?status=active": [], f"{API}/executors": [{**DRIVER, "totalCores": 2}]}
    with serving(answers) as ui:
        assert figures(ui, "app-1") == Figures((), 0, 0, 1, None)


def test_a_driver_that_does_not_answer_has_no_figures() -> None:
    with serving({}) as ui:
        assert figures(ui, "app-1") is None
    assert figures(ui, "app-1", timeout_s=0.5) is None


def test_an_answer_of_somebody_else_is_none() -> None:
    with serving({f"{API}/stages?status=active": {"hello": 1}, f"{API}/executors": "no"}) as ui:
        assert figures(ui, "app-1") is None


@pytest.mark.parametrize(
    ("shown", "elapsed_s", "text"),
    [
        (Figures(), 3.9, "0:03  no stage running"),
        (Figures((4,), 31, 200, 3, 6), 75, "1:15  stage 4  31/200 tasks  3/6 executors"),
        (Figures((4, 5), 31, 200, 3), 3675, "1:01:15  stages 4, 5  31/200 tasks  3 executors"),
        (Figures((1, 2, 3, 4, 5), 1, 9), 60, "1:00  stages 1, 2, 3, 4, ...  1/9 tasks"),
    ],
)
def test_figures_are_one_line(shown: Figures, elapsed_s: float, text: str) -> None:
    assert line(shown, elapsed_s, "running") == text


def test_without_figures_the_state_is_told() -> None:
    assert line(None, 30, "submitted") == "0:30  submitted"
