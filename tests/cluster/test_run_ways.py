"""Other ways to a run: a stream, spark-submit's own argument list, Python."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from deltalake import DeltaTable

import launcher
from tests.cluster.running import TIMEOUT_S, World, until

SUBMIT = [sys.executable, "-c", "from launcher.cli.submit import main; main()"]
SAYS = """
import sys
from pyspark.sql import SparkSession
print(SparkSession.builder.getOrCreate().range(7).count(), sys.argv[1:])
"""


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


def submit(world: World, *arguments: object) -> subprocess.CompletedProcess[str]:
    """Call sparkjob-submit as Airflow's operator would call spark-submit."""
    return subprocess.run(
        [*SUBMIT, *map(str, arguments)], env=world.environ, cwd=world.folder, capture_output=True, text=True,
        timeout=TIMEOUT_S, check=False,
    )  # fmt: skip


def test_a_stream_is_a_run_that_starts_again_when_killed_and_ends_its_batch_when_told_to_stop(world):
    (world.folder / "in").mkdir()
    (world.folder / "in/a.txt").write_text("hello world\nhello\n")
    flags = ("--input", "in", "--output", "out", "--trigger", "1 second")
    process = world.begin(
        "run", "wordcount_stream", "--driver-memory", "1g", "--restart", "on-failure:1", "--", *flags
    )
    progress = world.run().progress
    until(lambda: True if progress.exists() else None, "the first batch")
    (jvm,) = [found for found in world.left() if "SparkSubmit" in " ".join(found.cmdline())]
    jvm.kill()
    world.record(lambda record: len(record.attempts) == 1, "the end of the first attempt")
    (world.folder / "in/b.txt").write_text("hello again\n")
    until(lambda: True if progress.read_text().count("\n") == 2 else None, "the second batch")
    told = world.sparkjob("status", "last").stdout
    assert "batches      2, the newest is 1, done at " in told
    assert "tried again  attempt 1 ended with 137, driver-killed" in told
    assert "2 batches" in world.sparkjob("runs").stdout
    process.send_signal(signal.SIGTERM)
    done = world.end(process)
    assert done.code == 0, done.stderr
    assert (done.result["state"], done.result["batches"]) == ("SUCCEEDED", 1)
    assert "starting again in 5 s" in done.stderr
    assert DeltaTable(str(world.folder / "out")).to_pyarrow_table().num_rows == 3
    assert [json.loads(line)["batch"] for line in progress.read_text().splitlines()] == [0, 1]
    assert not world.left()


def test_spark_submits_own_arguments_make_a_run(world):
    script = world.script("says.py", SAYS)
    done = submit(
        world, "--master", "local[1]", "--conf", "spark.sql.shuffle.partitions=1", "--name", "arrow-spark",
        "--driver-memory=1g", "--verbose", script, "--conf", "x y",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "7 ['--conf', 'x y']" in done.stdout
    record = world.run().read()
    assert record.state.value == "SUCCEEDED"
    message = {setting["key"]: setting for setting in (record.plan or {})["settings"]}
    assert message["spark.master"]["value"] == "local[1]"
    assert message["spark.app.name"]["origin"] == "flag"
    assert "--verbose" in record.argv


def test_what_is_no_python_application_is_spark_submits_own_affair(world):
    done = submit(world, "--version")
    assert done.returncode == 0
    assert "version 4.0.4" in done.stdout + done.stderr
    assert not list(world.store.all())


def test_a_wrong_flag_of_spark_submit_starts_nothing(world):
    done = submit(world, "--executor-memroy", "1g", world.script("x.py", ""))
    assert done.returncode == 2
    assert "did you mean --executor-memory" in done.stderr


def test_a_run_from_python(world, monkeypatch):
    monkeypatch.setenv("XDG_STATE_HOME", world.environ["XDG_STATE_HOME"])
    monkeypatch.chdir(world.folder)
    world.script("says.py", SAYS)
    handle = launcher.run("says.py", "a", driver_memory="1g", conf={"spark.sql.shuffle.partitions": "1"})
    with pytest.raises(TimeoutError):
        handle.result(timeout=0.01)
    result = handle.result(timeout=TIMEOUT_S)
    assert (result["state"], result["outcome"]) == ("SUCCEEDED", "SUCCEEDED")
    assert "7 ['a']" in Path(result["log"]).read_text()
    assert json.loads(Path(result["record"]).read_text())["run_id"] == handle.run_id


def test_a_run_from_python_is_cancelled(world, monkeypatch):
    monkeypatch.setenv("XDG_STATE_HOME", world.environ["XDG_STATE_HOME"])
    monkeypatch.chdir(world.folder)
    world.script("sleeps.py", "import time\nprint('begun', flush=True)\ntime.sleep(600)\n")
    handle = launcher.run("sleeps.py", driver_memory="1g")
    until(lambda: True if "begun" in handle.folder.log.read_text() else None, "the script")
    cancelled = handle.cancel()
    assert cancelled.confirmed
    assert "no process of it is left here" in cancelled.how
    result = handle.result(timeout=TIMEOUT_S)
    assert (result["state"], result["exit_code"]) == ("CANCELLED", 143)
    assert not world.left()
    assert os.getpid() != handle.status().supervisor.pid
