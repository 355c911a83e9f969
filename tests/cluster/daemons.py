"""A standalone master and worker of this machine, for as long as a test needs them."""

from __future__ import annotations

import re
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from tests.spark.submitting import environment

START_TIMEOUT_S = 60
NOTHING: Mapping[str, str] = {}


@contextmanager
def standalone(
    folder: Path, size: Sequence[str], worker_environ: Mapping[str, str] = NOTHING
) -> Iterator[str]:
    """The address of a master that has one worker.

    Args:
        folder: for logs and the work of executors.
        size: flags of the worker: ``--cores``, ``--memory``.
        worker_environ: what the worker is told beside the usual.
    """
    port = _free_port()
    address = f"spark://127.0.0.1:{port}"
    flags = ["--host", "127.0.0.1", "--port", str(port), "--webui-port", "0"]
    worker = ["--host", "127.0.0.1", "--webui-port", "0", *size, "--work-dir", str(folder / "work"), address]
    with _daemon("master.Master", flags, folder, r"elected leader|New state: ALIVE", NOTHING):  # noqa: SIM117
        with _daemon("worker.Worker", worker, folder, r"Successfully registered", worker_environ):
            yield address


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def _daemon(kind: str, flags: list[str], folder: Path, ready: str, more: Mapping[str, str]) -> Iterator[None]:
    environ = {**environment(), "SPARK_DAEMON_MEMORY": "512m", **more}
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
