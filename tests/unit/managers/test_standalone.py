"""A standalone master's page, and what the manager makes of it."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from launcher.managers.answers.standalone import driver_pages_of, master_of, report, setting_of, shortage
from launcher.managers.manager import MARK
from launcher.managers.standalone import Standalone
from launcher.spec.cluster import Cluster
from sparkjobs.errors import UsageError
from tests.unit.managers.pages import served

APP = "app-20261121125109-0000"


def worker(cores: int = 4, memory: int = 4096, free: tuple[int, int] | None = None, gpus: int = 0) -> Any:
    resources = {"gpu": {"name": "gpu", "addresses": [str(n) for n in range(gpus)]}} if gpus else {}
    cores_free, memory_free = free or (cores, memory)
    return {
        "id": "worker-1", "host": "127.0.0.1", "state": "ALIVE", "cores": cores, "coresfree": cores_free,
        "memory": memory, "memoryfree": memory_free, "resources": resources, "resourcesfree": resources,
    }  # fmt: skip


def application(state: str = "WAITING", memory: int = 1024, gpus: int = 0, **other: Any) -> Any:
    resources = [{"name": "gpu", "amount": gpus}] if gpus else []
    return {
        "id": APP, "name": "hello", "state": state, "cores": 0, "duration": 1115, "user": "root",
        "memoryperexecutor": memory, "resourcesperexecutor": resources, **other,
    }  # fmt: skip


def page(
    workers: list[Any] | None = None, active: Any = (), completed: Any = (), status: str = "ALIVE"
) -> bytes:
    text = {
        "url": "spark://127.0.0.1:7077", "workers": workers or [], "status": status,
        "activeapps": list(active), "completedapps": list(completed), "activedrivers": [],
    }  # fmt: skip
    return json.dumps(text).encode()


@pytest.mark.parametrize(
    ("state", "message"),
    [("WAITING", "RUNNING"), ("RUNNING", "RUNNING"), ("FINISHED", "UNKNOWN"), ("FAILED", "FAILED"),
     ("KILLED", "KILLED"), ("UNKNOWN", "UNKNOWN")],
)  # fmt: skip
def test_the_masters_states_in_our_words(state: str, message: str) -> None:
    where = "active" if message == "RUNNING" else "completed"
    application_seen = master_of(page(**{where: [application(state)]})).application(APP)
    assert application_seen is not None
    seen = report(application_seen)
    assert seen.state == message
    assert state in seen.detail


def test_an_application_that_the_master_has_never_seen_is_not_there() -> None:
    assert master_of(page(active=[application()])).application("app-1") is None


# As the master of Spark 4.0.4 writes it.
HTML = """<li><strong>
                      <a href="http://127.0.0.1:4040">Application Detail UI</a>
                  </strong></li>"""


@pytest.mark.parametrize(
    ("html", "pages"),
    [(HTML, "http://127.0.0.1:4040"), (HTML.replace("http://127.0.0.1:4040", ""), None),
     ('<a href="http://h:8080">Back to Master</a>', None)],
)  # fmt: skip
def test_the_master_tells_where_the_drivers_pages_are(html: str, pages: str | None) -> None:
    assert driver_pages_of(html) == pages


@pytest.mark.parametrize(
    ("text", "value"),
    [(b'{"runtime": {}, "sparkProperties": [["spark.a", "x"], ["spark.b", "y"]]}', "y"),
     (b'{"sparkProperties": []}', None), (b"{}", None), (b"<html>", None), (b"\xff", None)],
)  # fmt: skip
def test_a_setting_of_a_driver(text: bytes, value: str | None) -> None:
    assert setting_of(text, "spark.b") == value


BUSY = application("RUNNING", id="app-other", name="busy", cores=4)


@pytest.mark.parametrize(
    ("workers", "active", "message"),
    [
        ([], [application()], "no worker is alive at spark://127.0.0.1:7077"),
        ([{**worker(), "state": "DEAD"}], [application()], "no worker is alive"),
        ([worker()], [application(memory=8192)], "wants 8192 MiB; the largest worker offers 4096 MiB"),
        ([worker()], [application(gpus=1)], "wants 1 gpu; no worker offers more than 0"),
        ([worker(gpus=2), worker()], [application(gpus=4)], "wants 4 gpu; no worker offers more than 2"),
        ([worker(free=(0, 4096))], [application(), BUSY], "enough free .* 1024 MiB; .* by busy \\(4\\)"),
        ([worker(free=(4, 512))], [application(), BUSY], "enough free for an executor of 1024 MiB"),
        ([worker()], [application(duration=60_000)], "may want more than 4 cores"),
    ],
)
def test_a_waiting_application_is_told_what_it_lacks(workers: Any, active: Any, message: str) -> None:
    reason = shortage(master_of(page(workers, active)), APP)
    assert reason is not None
    assert re.search(message, reason)


@pytest.mark.parametrize("seen", [application("RUNNING"), application(duration=2_000)])
def test_an_application_with_executors_or_just_begun_waits_for_nothing(seen: Any) -> None:
    assert shortage(master_of(page([worker()], [seen])), APP) is None


@pytest.mark.parametrize("text", [b"<html>", b"{}", b"[]", b"\xff"])
def test_another_page_is_refused(text: bytes) -> None:
    with pytest.raises(ValueError, match="not the page of a standalone master"):
        master_of(text)


def manager(*pages: str) -> Standalone:
    return Standalone(Cluster(name="c", manager="standalone", address="spark://h:7077", web=",".join(pages)))


def test_the_pages_are_those_of_the_addresss_hosts_unless_the_profile_says_it() -> None:
    cluster = Cluster(name="c", manager="standalone", address="spark://h1:7077,[::1]:7077")
    assert cluster.master_pages == ("http://h1:8080", "http://[::1]:8080")
    assert manager("http://h:1/", "http://i:2").cluster.master_pages == ("http://h:1", "http://i:2")


def test_the_master_that_leads_is_asked_among_several() -> None:
    standby, leader = page(status="STANDBY"), page(active=[application("RUNNING")])
    with served(lambda *_: (200, standby)) as first, served(lambda *_: (200, leader)) as second:
        seen = manager(first, second).find("run", APP)
    assert seen is not None
    assert seen.state == "RUNNING"


def test_an_application_is_found_by_the_mark_that_its_driver_shows() -> None:
    environment = json.dumps({"sparkProperties": [[MARK, "run-1"]]}).encode()

    def answer(method: str, path: str, body: bytes) -> tuple[int, bytes]:
        if path.startswith("/json"):
            return 200, page(active=[BUSY, application("RUNNING")])
        if path.startswith("/api"):
            return 200, environment if APP in path else b"{}"
        return 200, f'<a href="{web}">Application Detail UI</a>'.encode()

    with served(answer) as web:
        seen, other = manager(web).find("run-1", None), manager(web).find("run-2", None)
        assert not manager(web).end("run-2", None, 0).confirmed
    assert seen is not None
    assert (seen.application_id, seen.tracking_url) == (APP, web)
    assert other is None
    assert dict(manager(web).mark("run-1")) == {MARK: "run-1"}


def test_an_end_is_confirmed_by_a_second_look() -> None:
    requested: list[str] = []

    def answer(method: str, path: str, body: bytes) -> tuple[int, bytes]:
        requested.append(f"{method} {path}")
        gone = any(line.startswith("POST") for line in requested)
        return 200, page(completed=[application("KILLED")]) if gone else page(active=[application("RUNNING")])

    with served(answer) as web:
        end = manager(web).end("run", APP, 5)
    assert end.confirmed
    assert "KILLED" in end.how
    assert requested == ["GET /json/", f"POST /app/kill/?id={APP}&terminate=true", "GET /json/"]


def test_an_end_that_the_master_does_not_obey_is_not_confirmed() -> None:
    with served(lambda *_: (200, page(active=[application("RUNNING")]))) as web:
        end = manager(web).end("run", APP, 0)
    assert not end.confirmed
    assert "spark.ui.killEnabled" in end.how


@pytest.mark.parametrize("status", [404, 500])
def test_a_master_that_does_not_answer_is_said_and_never_raised(status: int) -> None:
    with served(lambda *_: (status, b"no")) as web:
        silent = manager(web)
        assert silent.find("run", APP).may_run
        assert silent.waiting(APP) is None
        end = silent.end("run", APP, 5)
    assert not end.confirmed
    assert web in end.how


def test_python_in_cluster_mode_is_refused_before_spark_refuses_it() -> None:
    with pytest.raises(UsageError, match="no Python driver in cluster mode"):
        manager("http://h:1").refuse("cluster")
    assert manager("http://h:1").refuse("client") is None
    assert not manager("http://h:1").decides("client")


@pytest.mark.parametrize(
    ("address", "inside"),
    [
        ("127.0.0.1:7077", True),
        ("localhost:1,127.0.0.1:2", True),
        ("127.0.0.1:1,h2:2", False),
        ("h:7", False),
    ],
)
def test_a_cluster_is_this_machines_own_when_no_other_reaches_its_masters(address: str, inside: bool) -> None:
    cluster = Cluster(name="c", manager="standalone", address=f"spark://{address}")
    assert cluster.on_loopback is inside
