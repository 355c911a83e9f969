"""Runs on a real YARN: what it knows, where it lies, and that an end is an end."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Iterator

import pytest

from launcher.managers.manager_choice import manager_of
from launcher.spec.config.read_profile import read_cluster
from tests.cluster.running import World, until
from tests.cluster.yarn.daemons import Yarn, jars, profile
from tests.spark.submitting import environment

SLEEPS = """
import time
from pyspark.sql import SparkSession
SparkSession.builder.getOrCreate()
time.sleep(600)
"""
SESSION = "from pyspark.sql import SparkSession\nspark = SparkSession.builder.getOrCreate()\n"
FAILS = f"{SESSION}raise ValueError('on purpose')\n"
WORKS = f"{SESSION}assert spark.range(5).count() == 5\n"


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    return World(tmp_path_factory.mktemp("yarn"))


@pytest.fixture(scope="module")
def yarn(world: World) -> Iterator[Yarn]:
    """A ResourceManager without a node; the first test brings one."""
    made = Yarn(world.folder, jars())
    for mode in ("client", "cluster"):
        (world.folder / f"{mode}.yaml").write_text(profile(made, mode))
    try:
        made.start_resource_manager()
        yield made
    finally:
        made.stop()


def manager(world: World):
    return manager_of(read_cluster(f"{world.folder}/cluster.yaml", {}, world.folder), os.environ)


def state(world: World, run_id: str) -> str:
    """YARN's own word for the application of a run; empty before there is one."""
    seen = manager(world).find(run_id, None)
    return seen.detail.partition(":")[0] if seen else ""


def submit(world: World, run_id: str, *flags: str) -> subprocess.Popen[bytes]:
    """A bare spark-submit in cluster mode, with the mark of a run."""
    cluster = manager(world).cluster
    settings = {**cluster.conf, **manager(world).mark(run_id), "spark.yarn.maxAppAttempts": "1"}
    confs = [part for key, value in settings.items() for part in ("--conf", f"{key}={value}")]
    environ = {
        **environment(),
        "HADOOP_CONF_DIR": cluster.yarn.hadoop_conf_dir,
        "SPARK_LOCAL_IP": "127.0.0.1",
    }
    command = [f"{environ['SPARK_HOME']}/bin/spark-submit", "--master", "yarn", "--deploy-mode", "cluster"]
    script = str(world.script("sleeps.py", SLEEPS))
    with (world.folder / f"{run_id}.log").open("wb") as log:
        return subprocess.Popen([*command, *confs, *flags, script], env=environ, stdout=log, stderr=log)


def test_an_application_waits_for_a_node_outlives_its_submitter_and_is_ended(
    world: World, yarn: Yarn
) -> None:
    submitter = submit(world, "outlives")
    seen = until(lambda: manager(world).find("outlives", None), "the application")
    reason = until(lambda: manager(world).waiting(seen.application_id), "the reason why it waits")
    assert reason == "no NodeManager is alive"
    yarn.start_node_manager()
    until(lambda: state(world, "outlives") == "RUNNING" or None, "the driver")
    submitter.terminate()
    assert submitter.wait(timeout=60) == 143
    assert manager(world).find("outlives", seen.application_id).state == "RUNNING"
    end = manager(world).end("outlives", None, 60)
    assert end.confirmed, end.how
    assert manager(world).find("outlives", None).state == "KILLED"


def test_a_queue_that_is_not_there_is_told_in_yarns_words(world: World, yarn: Yarn) -> None:
    submitter = submit(world, "astray", "--queue", "nope")
    assert submitter.wait(timeout=120) == 1
    seen = manager(world).find("astray", None)
    assert seen.state == "FAILED"
    assert "unknown queue: nope" in seen.detail


def test_in_client_mode_yarn_calls_a_failure_a_success_and_the_exit_code_decides(
    world: World, yarn: Yarn
) -> None:
    done = world.sparkjob("run", world.script("fails.py", FAILS), "--target", "./client.yaml")
    assert done.code == 1, done.stderr
    assert (done.result["state"], done.result["driver_exit_code"]) == ("FAILED", 1)
    assert manager(world).find(done.result["run_id"], None).state == "SUCCEEDED"


def test_in_cluster_mode_yarns_word_decides(world: World, yarn: Yarn) -> None:
    failed = world.sparkjob("run", world.script("fails.py", FAILS), "--target", "./cluster.yaml")
    assert (failed.code, failed.result["state"]) == (1, "FAILED"), failed.stderr
    seen = manager(world).find(failed.result["run_id"], None)
    assert seen.state == "FAILED"
    assert "exited with status 1" in seen.detail
    assert failed.result["error"]["class"] == "ValueError"
    assert "yarn says of application_" in failed.stderr
    assert "exited with status 1" in failed.stderr
    assert f"(yarn logs -applicationId {seen.application_id})" in failed.stderr
    assert failed.stderr.count("raise ValueError('on purpose')") == 1
    assert "raise ValueError('on purpose')" in world.sparkjob("logs", failed.result["run_id"]).stdout
    assert "exited with status 1" in world.sparkjob("status", failed.result["run_id"]).stdout
    worked = world.sparkjob("run", world.script("works.py", WORKS), "--target", "./cluster.yaml")
    assert (worked.code, worked.result["state"]) == (0, "SUCCEEDED"), worked.stderr
    assert manager(world).find(worked.result["run_id"], None).state == "SUCCEEDED"


def test_a_run_that_is_stopped_leaves_no_application_behind(world: World, yarn: Yarn) -> None:
    process = world.begin("run", world.script("sleeps.py", SLEEPS), "--target", "./cluster.yaml")
    run_id = until(lambda: world.run().run_id if "sleeps" in world.run().run_id else None, "the run")
    until(lambda: state(world, run_id) == "RUNNING" or None, "the driver")
    process.send_signal(signal.SIGTERM)
    done = world.end(process)
    assert (done.code, done.result["state"]) == (143, "CANCELLED"), done.stderr
    assert manager(world).find(run_id, None).state == "KILLED"
    assert not world.left()
