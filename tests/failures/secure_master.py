"""A standalone master that asks for a secret."""

from __future__ import annotations

import re
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def secure_master(environ: dict[str, str]) -> Iterator[str]:
    """Start it on a free port; yields its address."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    options = "-Dspark.authenticate=true -Dspark.authenticate.secret=right -Dspark.master.rest.enabled=false"
    environ = {**environ, "SPARK_DAEMON_MEMORY": "400m", "SPARK_MASTER_OPTS": options}
    command = [f"{environ['SPARK_HOME']}/bin/spark-class", "org.apache.spark.deploy.master.Master"]
    command += ["--host", "127.0.0.1", "--port", str(port), "--webui-port", "0"]
    process = subprocess.Popen(command, env=environ, stderr=subprocess.PIPE, text=True)
    assert process.stderr is not None
    try:
        deadline = time.monotonic() + 60
        for line in process.stderr:
            if re.search("New state: ALIVE", line) or time.monotonic() > deadline:
                break
        yield f"spark://127.0.0.1:{port}"
    finally:
        process.kill()
        process.communicate()
