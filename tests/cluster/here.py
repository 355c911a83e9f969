"""A cluster of this machine as ``sparkjob cluster start`` makes it, and applications submitted to it."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil

from launcher.runs.processes import send
from launcher.spec.cluster import Cluster
from launcher.spec.config.read_profile import read_cluster
from tests.cluster.running import World
from tests.spark.submitting import environment

SLEEPS = """
import sys, time
from pyspark.sql import SparkSession
spark = SparkSession.builder.appName(sys.argv[1]).getOrCreate()
print("BEGUN", spark.sparkContext.applicationId, flush=True)
time.sleep(600)
"""


@contextmanager
def cluster(world: World, *flags: object) -> Iterator[dict[str, Any]]:
    """The answer of ``sparkjob cluster start FLAGS``; the cluster ends with the block."""
    world.environ["XDG_CONFIG_HOME"] = str(world.folder / "config")
    started = world.sparkjob("cluster", "start", *flags, "-o", "json")
    assert started.code == 0, started.stderr
    try:
        yield json.loads(started.stdout)
    finally:
        stopped = world.sparkjob("cluster", "stop")
        assert stopped.code == 0, stopped.stderr


def profile(world: World) -> Cluster:
    """The profile ``here``."""
    return read_cluster("here", world.environ, world.folder)


class Application:
    """A driver that sleeps, submitted by a bare spark-submit."""

    def __init__(self, world: World, master: str, name: str, *flags: str) -> None:
        self.log = world.folder / f"{name}.log"
        script = world.script("sleeps.py", SLEEPS)
        environ = {**environment(), "SPARK_LOCAL_IP": "127.0.0.1"}
        command = [f"{environ['SPARK_HOME']}/bin/spark-submit", "--master", master, *flags, str(script), name]
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(command, env=environ, cwd=world.folder, stdout=log, stderr=log)

    @property
    def text(self) -> str:
        """What it has written so far."""
        return self.log.read_text(errors="replace")

    @property
    def id(self) -> str | None:
        """Spark's id, once the driver has printed it."""
        begun = [line for line in self.text.splitlines() if line.startswith("BEGUN ")]
        return begun[0].split()[1] if begun else None

    def kill(self) -> None:
        """End JVM and Python at once."""
        if self.process.poll() is None:
            below = psutil.Process(self.process.pid).children(recursive=True)
            send([psutil.Process(self.process.pid), *below], 9)
        self.process.wait()


def files_below(folder: Path) -> list[Path]:
    """Every file in a folder."""
    return [path for path in folder.rglob("*") if path.is_file()]
