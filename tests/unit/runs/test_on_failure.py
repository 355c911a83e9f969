"""Who is told of a failed run: once, whoever closes the record, and whatever becomes of the telling."""

from __future__ import annotations

import contextlib
import json
import os
import socket
import stat
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, HTTPServer

import psutil
import pytest
from msgspec.structs import replace

from launcher.records.record import Record, State
from launcher.records.store import RunFolder
from launcher.runs.cancelling import cancel
from launcher.runs.handle import LostRun, launch
from launcher.runs.journal import Journal
from launcher.runs.on_failure import NotDelivered, call, leave_notice, notify_failure, post
from launcher.runs.processes import this_process
from launcher.runs.run_request import RunRequest
from launcher.runs.run_status import look
from launcher.spec.cluster import Cluster
from launcher.spec.job_file import OnFailure

APPENDS = "import sys; open(sys.argv[1], 'a').write(sys.stdin.read())"


@pytest.fixture
def told(tmp_path):
    """The file to which the command appends what it is told."""
    return tmp_path / "told"


@pytest.fixture
def request_(tmp_path, told):
    return RunRequest(
        run_id="20260101T000000Z-etl-1", job="etl", is_job=False,
        cluster=Cluster(name="laptop", manager="local"), deploy_mode="client", binary="/bin/false",
        settings={}, main="etl.py", arguments=(), cwd=str(tmp_path),
        on_failure=OnFailure(command=(sys.executable, "-c", APPENDS, str(told))),
    )  # fmt: skip


def record_of(request, folder, **facts) -> Record:
    known = {"state": State.PLANNED, "host": socket.gethostname(), "log": str(folder.log), **facts}
    return Record(run_id=request.run_id, job=request.job, target="laptop", manager="local", **known)


def journal(tmp_path, request, **facts) -> Journal:
    folder = RunFolder(tmp_path / request.run_id)
    folder.create(record_of(request, folder, **facts))
    leave_notice(folder, request)
    return Journal(folder, folder.read())


def lines(told) -> list[dict]:
    return [json.loads(line) for line in told.read_text().splitlines()] if told.exists() else []


@pytest.mark.parametrize(
    ("state", "outcome", "abandoned", "times"),
    [
        (State.FAILED, "FAILED", False, 1),
        (State.FAILED, "STALE", False, 1),
        (State.LOST, "FAILED", False, 1),
        (State.REFUSED, "REFUSED", False, 1),
        (State.CANCELLED, "FAILED", False, 0),
        (State.CANCELLED, "FAILED", True, 1),
        (State.SUCCEEDED, "COMMITTED", False, 0),
    ],
)
def test_a_failure_is_told_once_with_the_result(tmp_path, request_, told, state, outcome, abandoned, times):
    found = journal(tmp_path, request_, state=state, outcome=outcome, exit_code=1, because="so it was")
    for _ in range(2):
        notify_failure(found, abandoned)
    assert [line["outcome"] for line in lines(told)] == [outcome] * times
    assert all(line["state"] == state.value and line["run_id"] == request_.run_id for line in lines(told))
    assert not list(found.folder.path.glob("on_failure*"))
    assert found.record.warnings == ()


def test_without_a_hook_nothing_is_left_behind(tmp_path, request_):
    found = journal(tmp_path, replace(request_, on_failure=None), state=State.FAILED)
    notify_failure(found)
    assert not list(found.folder.path.glob("on_failure*"))


def test_what_is_to_be_told_is_read_by_its_owner_alone(tmp_path, request_):
    (path,) = journal(tmp_path, request_).folder.path.glob("on_failure*")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


@pytest.mark.parametrize(
    ("command", "warning"),
    [
        (("/no/such/program",), "on_failure: /no/such/program cannot be started: No such file or directory"),
        (("sh", "-c", "echo no route >&2; exit 3"), "on_failure: sh ended with 3: no route"),
        (("sh", "-c", "echo password=canary >&2; exit 3"), "on_failure: sh ended with 3: password=***"),
        (("sh", "-c", "exec <&-; exit 0"), None),
    ],
)
def test_a_command_that_fails_is_a_warning(tmp_path, request_, command, warning):
    request = replace(request_, on_failure=OnFailure(command=command))
    found = journal(tmp_path, request, state=State.FAILED, exit_code=1)
    notify_failure(found)
    assert found.folder.read().warnings == ((warning,) if warning else ())


def test_a_command_that_does_not_end_is_ended_with_all_that_it_started(tmp_path):
    pid = tmp_path / "pid"
    with pytest.raises(NotDelivered, match="sh was ended after"):
        call(("sh", "-c", f"sleep 600 & echo $! > {pid}; wait"), str(tmp_path), b"x" * 200_000, 1.0)
    with contextlib.suppress(psutil.NoSuchProcess):
        child = psutil.Process(int(pid.read_text()))
        # A zombie at most, of whoever takes orphans here; the kernel may take a moment to carry out the kill.
        deadline = time.monotonic() + 30
        while child.is_running() and child.status() != psutil.STATUS_ZOMBIE:
            assert time.monotonic() < deadline
            threading.Event().wait(0.01)


class Hook(BaseHTTPRequestHandler):
    """Takes what is posted; ``/moved`` sends elsewhere, ``/slow`` never ends its answer."""

    taken: list[tuple[str, dict]]
    hold: threading.Event

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.taken.append((self.path, json.loads(body)))
        if self.path == "/slow":
            self.wfile.write(b"HTTP/1.1 200 OK\r\n")
            while not self.hold.wait(0.05):
                self.wfile.write(b"X-More: 1\r\n")
            return
        self.send_response(302 if self.path == "/moved" else 500 if self.path == "/broken" else 204)
        self.send_header("Location", "/elsewhere")
        self.end_headers()

    def log_message(self, *_):
        pass


@pytest.fixture
def server():
    handler = type("Handler", (Hook,), {"taken": [], "hold": threading.Event()})
    here = HTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=here.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{here.server_port}", handler
    handler.hold.set()
    here.shutdown()
    thread.join()
    here.server_close()


def test_a_webhook_gets_the_result_as_its_body(tmp_path, request_, server):
    url, handler = server
    request = replace(request_, on_failure=OnFailure(webhook=f"{url}/T0/canary"))
    found = journal(tmp_path, request, state=State.LOST, exit_code=4)
    notify_failure(found)
    assert [(path, body["state"]) for path, body in handler.taken] == [("/T0/canary", "LOST")]
    assert found.record.warnings == ()


@pytest.mark.parametrize(
    ("path", "problem"), [("/moved", "status 302"), ("/broken", "status 500"), ("/slow", "no answer within")]
)
def test_a_webhook_that_does_not_take_it(server, path, problem):
    url, handler = server
    with pytest.raises(NotDelivered, match=f"^127.0.0.1: {problem}"):
        post(url + path, b"{}", 1.0)
    assert [path for path, _ in handler.taken] == [path]


def test_the_path_of_an_address_is_not_shown():
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        with pytest.raises(NotDelivered) as caught:
            post(f"http://127.0.0.1:{nobody.getsockname()[1]}/canary", b"{}")
    assert str(caught.value) == "127.0.0.1: ConnectionError"


def started(tmp_path, request):
    folder = RunFolder(tmp_path / request.run_id)
    environ = {**os.environ, "XDG_STATE_HOME": str(tmp_path)}
    return launch(request, record_of(request, folder), folder, environ, "none")


def test_the_supervisor_tells(tmp_path, request_, told):
    result = started(tmp_path, request_).result(60)
    assert (result["state"], result["exit_code"]) == ("FAILED", 3)
    assert [line["exit_code"] for line in lines(told)] == [3]


def test_the_supervisor_tells_when_nobody_waits(tmp_path, request_, told):
    handle = started(tmp_path, replace(request_, follow=False))
    assert handle.supervisor is not None
    handle.supervisor.wait(60)
    assert [line["state"] for line in lines(told)] == ["FAILED"]


def sleeping(tmp_path, request_):
    """A run whose spark-submit sleeps."""
    program = tmp_path / "submit"
    program.write_text("#!/bin/sh\nexec sleep 600\n")
    program.chmod(0o700)
    handle = started(tmp_path, replace(request_, binary=str(program), grace_s=0.5))
    while handle.status().child is None:
        assert handle.supervisor is not None
        assert handle.supervisor.poll() is None
    return handle


def test_the_supervisor_tells_when_the_launcher_was_killed(tmp_path, request_, told):
    handle = sleeping(tmp_path, request_)
    handle.supervisor.stdin.close()  # as the system does for a process that is gone
    handle.supervisor.wait(60)
    assert [(line["state"], line["outcome"]) for line in lines(told)] == [("CANCELLED", "FAILED")]


def test_a_run_that_somebody_ended_is_not_told_of(tmp_path, request_, told):
    handle = sleeping(tmp_path, request_)
    handle.send(b"T")
    assert handle.result(60)["state"] == "CANCELLED"
    assert lines(told) == []


def test_the_launcher_tells_when_the_supervisor_was_killed(tmp_path, request_, told):
    handle = sleeping(tmp_path, request_)
    handle.supervisor.kill()
    assert handle.result(60)["state"] == "LOST"
    look(handle.folder, os.environ)
    assert [line["state"] for line in lines(told)] == ["LOST"]


def test_who_looks_tells_when_launcher_and_supervisor_were_killed(tmp_path, request_, told):
    gone = replace(this_process(), pid=2**22 + 1)
    found = journal(tmp_path, request_, launcher=gone, supervisor=gone)
    for _ in range(2):
        assert look(found.folder, os.environ)[0].state is State.FAILED
    assert [line["state"] for line in lines(told)] == ["FAILED"]


def test_the_launcher_tells_of_an_end_that_cannot_be_written_down(tmp_path, request_, told, monkeypatch):
    handle = sleeping(tmp_path, request_)
    handle.supervisor.kill()
    monkeypatch.setattr("launcher.runs.handle.end_abandoned", lambda folder, _: folder.read())
    with pytest.raises(LostRun):
        handle.result(60)
    assert [(line["state"], line["exit_code"]) for line in lines(told)] == [("LOST", 4)]
    assert not handle.folder.read().state.final
    cancel(handle.folder, os.environ)
    assert len(lines(told)) == 1
