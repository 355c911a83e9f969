"""``sparkjob cluster``, and what the manager says of applications on a real master."""

from __future__ import annotations

import json
from collections.abc import Iterator

import psutil
import pytest

from launcher.managers.standalone import Standalone
from tests.cluster.here import Application, cluster, profile
from tests.cluster.running import World, until


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    return World(tmp_path_factory.mktemp("here"))


@pytest.fixture(scope="module")
def here(world: World) -> Iterator[dict]:
    with cluster(world, "--workers", 1, "--cores", 1, "--memory", "1g", "--gpus", 2) as answer:
        yield answer


def application(world: World, here: dict, name: str, *flags: str) -> Iterator[Application]:
    mark = Standalone(profile(world)).mark(name)
    confs = [part for key, value in mark.items() for part in ("--conf", f"{key}={value}")]
    made = Application(world, here["master"], name, "--executor-memory", "512m", *confs, *flags)
    try:
        until(lambda: made.id or (made.process.poll() is not None) or None, f"the driver of {name}")
        assert made.id, made.text
        yield made
    finally:
        made.kill()


@pytest.fixture
def first(world: World, here: dict) -> Iterator[Application]:
    yield from application(world, here, "first")


@pytest.fixture
def second(world: World, here: dict, first: Application) -> Iterator[Application]:
    seen = Standalone(profile(world))
    until(lambda: seen.find("first", first.id).detail == "RUNNING, 1 cores" or None, "the first one's core")
    yield from application(world, here, "second")


def test_the_daemons_listen_on_the_loopback_address_alone(here: dict) -> None:
    assert set(here) == {"master", "rest", "history", "pids"}
    assert list(here["pids"]) == ["master", "worker-1", "history"]
    heard = [c.laddr.ip for pid in here["pids"].values() for c in psutil.Process(pid).net_connections()
             if c.status == psutil.CONN_LISTEN]  # fmt: skip
    assert len(heard) >= 5
    assert {address.removeprefix("::ffff:") for address in heard} == {"127.0.0.1"}


def test_status_tells_each_daemon_and_a_second_start_is_refused(world: World, here: dict) -> None:
    message = json.loads(world.sparkjob("cluster", "status", "-o", "json").stdout)
    assert {one["state"] for one in message["daemons"]} == {"running"}
    assert message["workers_alive"] == 1
    again = world.sparkjob("cluster", "start")
    assert again.code == 2
    assert here["master"] in again.stderr


def test_an_application_is_found_by_its_mark_told_why_it_waits_and_ended(
    world: World, first: Application, second: Application
) -> None:
    manager = Standalone(profile(world))
    # The pages of a driver that has just begun may answer late.
    seen = until(lambda: manager.find("second", None), "the mark of the second one")
    assert (seen.application_id, seen.state) == (second.id, "RUNNING")
    assert seen.tracking_url is not None
    assert "first (1)" in (manager.waiting(seen.application_id) or "")
    end = manager.end("first", None, 30)
    assert end.confirmed, end.how
    assert "KILLED" in end.how
    # The driver of an application that was killed goes on in Python: its process is ours to end.
    assert first.process.poll() is None
    until(lambda: manager.waiting(seen.application_id) is None or None, "the core that became free")
    second.kill()
    until(lambda: manager.find("second", second.id).state != "RUNNING" or None, "the end that the master saw")
    # Standalone calls it FINISHED, as if it had been a success.
    assert manager.find("second", second.id).detail == "FINISHED"
    assert manager.find("second", second.id).state == "UNKNOWN"


def test_what_no_worker_can_ever_give_is_told(world: World, here: dict) -> None:
    wants = ("--conf", "spark.executor.resource.gpu.amount=4", "--conf", "spark.task.resource.gpu.amount=4")
    for waiting in application(world, here, "greedy", *wants):
        reason = Standalone(profile(world)).waiting(waiting.id or "")
        assert reason == "an executor wants 4 gpu; no worker offers more than 2"


def test_stop_ends_every_daemon_and_takes_the_profile_along(world: World, here: dict) -> None:
    psutil.Process(here["pids"]["history"]).kill()
    ended = world.sparkjob("cluster", "stop").stdout.splitlines()
    assert ended == ["history: had ended already", "worker-1: ended", "master: ended"]
    assert not [pid for pid in here["pids"].values() if psutil.pid_exists(pid)]
    assert not list(world.folder.glob("config/**/*.yaml"))
    assert world.sparkjob("cluster", "status").stdout == "no cluster was started here\n"
