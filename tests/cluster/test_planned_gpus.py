"""A plan with GPUs, without the plugin, on a worker that pretends to have some."""

from __future__ import annotations

import json
import subprocess
from collections import defaultdict
from dataclasses import replace
from pathlib import Path

import pytest

from launcher.planning.result import Plan
from launcher.spec.cluster import Cluster, Gpus, Nodes
from launcher.spec.units import Mib
from tests.cluster.here import cluster
from tests.cluster.running import World
from tests.spark.submitting import environment
from tests.unit.planning.clusters import application, plan

pytestmark = pytest.mark.slow
GPUS, CORES, MEMORY_MIB = 2, 4, 4096
APPLICATION = """
import json, os, time
from pyspark import TaskContext
from pyspark.sql import SparkSession

def held(_):
    time.sleep(0.5)  # so that every executor gets tasks
    yield os.getppid(), TaskContext.get().resources()["gpu"].addresses

context = SparkSession.builder.getOrCreate().sparkContext
while context._jsc.sc().getExecutorIds().size() < EXECUTORS:
    time.sleep(0.1)
print(json.dumps(context.parallelize(range(16), 16).mapPartitions(held).collect()))
"""


def planned(address: str) -> Plan:
    pool = Nodes(
        count=1, cores=CORES, memory_mib=Mib(MEMORY_MIB), own_reserved_mib=Mib(0), own_reserved_cores=0,
        gpu=Gpus(model="T4", count=GPUS),
    )  # fmt: skip
    where = Cluster(name="pretended", manager="standalone", address=address, nodes=pool)
    return plan(where, replace(application(), writes_delta=False), rapids=False)


def test_every_executor_holds_its_own_address(tmp_path: Path) -> None:
    flags = ["--workers", 1, "--cores", CORES, "--memory", f"{MEMORY_MIB}m", "--gpus", GPUS]
    with cluster(World(tmp_path), *flags) as here:
        made = planned(here["master"])
        assert made.executors.max == GPUS
        held = submit(made, tmp_path)
    by_daemon: dict[int, set[str]] = defaultdict(set)
    for daemon, addresses in held:
        by_daemon[daemon] |= set(addresses)
    assert sorted(map(sorted, by_daemon.values())) == [["0"], ["1"]]


def submit(made: Plan, folder: Path) -> list[tuple[int, list[str]]]:
    """What the application prints: the Python daemon of each task's executor, and the task's GPUs."""
    application_file = folder / "gpus.py"
    application_file.write_text(APPLICATION.replace("EXECUTORS", str(made.executors.max)))
    environ = environment()
    confs = [part for setting in made.settings for part in ("--conf", f"{setting.key}={setting.value}")]
    command = [f"{environ['SPARK_HOME']}/bin/spark-submit", *confs, str(application_file)]
    done = subprocess.run(command, env=environ, cwd=folder, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stdout + done.stderr
    line = next(line for line in done.stdout.splitlines() if line.startswith("[["))
    answer: list[tuple[int, list[str]]] = json.loads(line)
    return answer
