"""The packaged jobs on a standalone cluster: a real master and a real worker on this machine."""

from __future__ import annotations

import re
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.spark.conftest import rows_of
from tests.spark.submitting import bare_submit, environment, packaged

START_TIMEOUT_S = 60
pytestmark = pytest.mark.slow


@pytest.fixture
def master(tmp_path: Path) -> Iterator[str]:
    """The address of a master that has a worker."""
    port = _free_port()
    address = f"spark://127.0.0.1:{port}"
    flags = ["--host", "127.0.0.1", "--port", str(port), "--webui-port", "0"]
    worker = ["--host", "127.0.0.1", "--webui-port", "0", "--cores", "1", "--memory", "1500m"]
    worker += ["--work-dir", str(tmp_path / "work"), address]
    with _daemon("master.Master", flags, tmp_path, r"elected leader|New state: ALIVE"):  # noqa: SIM117
        with _daemon("worker.Worker", worker, tmp_path, r"Successfully registered"):
            yield address


def test_a_users_job_from_the_zip(master: str, tmp_path: Path) -> None:
    (tmp_path / "in.csv").write_text("id,value\na,1\nb,2\n")
    archive = packaged(tmp_path)
    flags = ["--input", "in.csv", "--output", "out"]
    done = bare_submit(master, archive, tmp_path, "scale_from_outside", *flags)
    assert done.exit_code == 0, done.stdout + done.stderr
    assert done.result["outcome"] == "COMMITTED"
    assert sorted(row["value"] for row in rows_of(tmp_path / "out")) == [10, 20]


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def _daemon(kind: str, flags: list[str], folder: Path, ready: str) -> Iterator[None]:
    environ = {**environment(), "SPARK_DAEMON_MEMORY": "512m"}
    command = [f"{environ['SPARK_HOME']}/bin/spark-class", f"org.apache.spark.deploy.{kind}", *flags]
    log = folder / f"{kind}.log"
    with log.open("wb") as stream:
        process = subprocess.Popen(command, env=environ, cwd=folder, stdout=stream, stderr=stream)
    try:
        _wait(process, log, ready)
        yield
    finally:
        process.terminate()
        process.wait(timeout=30)


def _wait(process: subprocess.Popen[bytes], log: Path, ready: str) -> None:
    deadline = time.monotonic() + START_TIMEOUT_S
    while not re.search(ready, log.read_text(errors="replace")):
        assert process.poll() is None, log.read_text()
        assert time.monotonic() < deadline, log.read_text()
        time.sleep(0.1)
