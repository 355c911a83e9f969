"""Daemons are known by pid and start time, and end with all that they started."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import psutil
import pytest

from launcher.cli.local_cluster import state as store
from launcher.cli.local_cluster.daemons import daemon_environment, end, free_ports, last_lines, runs, start
from launcher.cli.local_cluster.layout import Daemon, Files, Wanted
from launcher.cli.local_cluster.profile import HEAD
from launcher.cli.local_cluster.start_stop import Spark, start_cluster, stop_cluster
from launcher.cli.local_cluster.state import Started, State
from launcher.records.record import Process
from launcher.runs.processes import identify
from sparkjobs.errors import EnvironmentProblem, UsageError

# Waits for ever, and so does its child.
PARENT = (
    "import subprocess, sys, time; subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)']); "
)
PARENT += "print('up', flush=True); time.sleep(600)"


@pytest.fixture
def parent() -> Iterator[Started]:
    child = subprocess.Popen([sys.executable, "-c", PARENT], stdout=subprocess.PIPE)
    assert child.stdout is not None
    child.stdout.readline()
    process = identify(child.pid)
    assert process is not None
    daemon = Started("master", process)
    yield daemon
    end([daemon])


def test_a_daemon_ends_with_all_that_it_started(parent: Started) -> None:
    below = psutil.Process(parent.process.pid).children()
    assert runs(parent)
    assert end([parent]) == ["master: ended"]
    assert not runs(parent)
    assert not [process for process in below if process.is_running()]
    assert end([parent]) == ["master: had ended already"]


def test_a_later_process_of_the_same_pid_is_none_of_ours() -> None:
    stale = Started("worker-1", Process(os.getpid(), time.time() - 86_400))
    assert not runs(stale)
    assert end([stale]) == ["worker-1: had ended already"]


def test_ports_differ() -> None:
    ports = free_ports()
    assert len({ports.master, ports.web, ports.history}) == 3


def test_a_port_that_is_taken_is_passed_over(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
        monkeypatch.setattr("launcher.cli.local_cluster.daemons.PORTS", range(port, port + 100))
        ports = free_ports()
    assert port not in (ports.master, ports.web, ports.history)


def test_the_configuration_of_another_cluster_does_not_reach_the_daemons(tmp_path: Path) -> None:
    mine = {"SPARK_MASTER_OPTS": "-Dspark.x=y", "SPARK_CONF_DIR": "/etc/spark", "SPARK_DAEMON_MEMORY": "2g"}
    environ = daemon_environment(mine, Files(tmp_path))
    assert "SPARK_MASTER_OPTS" not in environ
    assert environ["SPARK_CONF_DIR"] == str(tmp_path / "conf")
    assert (environ["SPARK_LOCAL_IP"], environ["SPARK_DAEMON_MEMORY"]) == ("127.0.0.1", "2g")


def files(tmp_path: Path) -> Files:
    made = Files(tmp_path)
    for folder in ("logs", "properties"):
        (tmp_path / folder).mkdir()
    return made


def test_settings_go_into_a_file_that_only_the_owner_reads(tmp_path: Path) -> None:
    there = files(tmp_path)
    daemon = Daemon("master", ("Master",), {"spark.authenticate.secret": "a\\b"})
    with pytest.raises(EnvironmentProblem, match="cannot be started"):
        start(daemon, there, tmp_path / "no-spark", {})
    written = there.properties("master")
    assert written.read_text() == "spark.authenticate.secret a\\\\b\n"
    assert written.stat().st_mode & 0o777 == 0o600


def test_the_end_of_a_log_is_told(tmp_path: Path) -> None:
    log = tmp_path / "log"
    assert last_lines(log) == ""
    log.write_text("\n".join(f"line {n}" for n in range(100)))
    assert last_lines(log).splitlines()[-1] == "  line 99"
    assert len(last_lines(log).splitlines()) == 16


def environ(tmp_path: Path) -> dict[str, str]:
    return {"XDG_STATE_HOME": str(tmp_path / "state"), "XDG_CONFIG_HOME": str(tmp_path / "config")}


def broken_spark(tmp_path: Path) -> Spark:
    binary = tmp_path / "spark" / "bin" / "spark-class"
    binary.parent.mkdir(parents=True, exist_ok=True)
    binary.write_text("#!/bin/sh\necho no such class\nexit 1\n")
    binary.chmod(0o700)
    return Spark(tmp_path / "spark", "4.0.4", dict(os.environ))


def test_a_daemon_that_ends_at_once_shows_its_log_and_nothing_is_left(tmp_path: Path) -> None:
    with pytest.raises(EnvironmentProblem, match=r"(?s)master ended at once.*no such class"):
        start_cluster(Wanted(1, 1, 1024), broken_spark(tmp_path), environ(tmp_path))
    assert stop_cluster(environ(tmp_path)) == []
    assert not list(tmp_path.glob("config/**/here.yaml"))


def test_a_second_cluster_is_refused_while_the_first_one_lives(tmp_path: Path, parent: Started) -> None:
    there = Files(tmp_path / "state" / "sparkjobs" / "cluster")
    there.folder.mkdir(parents=True)
    store.write(there, State("spark://127.0.0.1:1", "http://w", "http://h", 1, False, "/p", (parent,)))
    with pytest.raises(UsageError, match=r"a cluster runs already, at spark://127\.0\.0\.1:1"):
        start_cluster(Wanted(1, 1, 1024), broken_spark(tmp_path), environ(tmp_path))
    assert stop_cluster(environ(tmp_path)) == ["master: ended"]


def test_the_profile_of_a_cluster_of_another_state_folder_is_not_taken(tmp_path: Path) -> None:
    profile = tmp_path / "config" / "sparkjobs" / "clusters" / "here.yaml"
    profile.parent.mkdir(parents=True)
    server = ThreadingHTTPServer(("127.0.0.1", 0), SimpleHTTPRequestHandler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    address = f"http://127.0.0.1:{server.server_port}"
    text = f"{HEAD}manager: standalone\nweb: {address}\n"
    profile.write_text(text)
    try:
        with pytest.raises(UsageError, match="started with another state folder"):
            start_cluster(Wanted(1, 1, 1024), broken_spark(tmp_path), environ(tmp_path))
    finally:
        server.shutdown()
        server.server_close()
    assert profile.read_text() == text
    # Nobody answers there any more: the profile is a left-over.
    with pytest.raises(EnvironmentProblem, match="master ended at once"):
        start_cluster(Wanted(1, 1, 1024), broken_spark(tmp_path), environ(tmp_path))
