"""``run --env``: a variable reaches whom it may reach, and its value is seen nowhere else."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cluster.here import cluster
from tests.cluster.running import World, until
from tests.cluster.test_canary import command_lines

CANARY = "canary-b81c22"
SCRIPT = """
import os, pathlib, sys, time
from pyspark.sql import SparkSession
spark = SparkSession.builder.getOrCreate()
values = [os.environ.get("NOTE"), *spark.sparkContext.parallelize([0], 1).map(
    lambda _: os.environ.get("NOTE")).collect()]
print("REACHED", *(value is not None and value.startswith("canary") for value in values), flush=True)
pathlib.Path(sys.argv[1]).touch()
while not pathlib.Path(sys.argv[2]).exists():
    time.sleep(0.1)
raise ValueError(f"no route to {values[0]}")
"""


def reached(world: World, *flags: object) -> str:
    """Who saw the variable: driver, task."""
    begun, go = world.folder / "begun", world.folder / "go"
    begun.unlink(missing_ok=True)
    go.unlink(missing_ok=True)
    world.environ["NOTE"] = CANARY
    script = world.script("uses.py", SCRIPT)
    process = world.begin("run", script, *flags, "--env", "NOTE", "--driver-memory", "1g", "--", begun, go)
    until(lambda: True if begun.exists() or process.poll() is not None else None, "the script")
    seen = [line for line in command_lines() if CANARY in line]
    open_to_others = [path for path in holding(world) if path.stat().st_mode & 0o077]
    go.touch()
    done = world.end(process)
    assert not seen
    assert not open_to_others
    # The script itself has printed its exception: that is in its log, and all else is ours.
    assert {path.name for path in holding(world)} == {"log.txt", "stderr.txt"}
    assert CANARY not in done.stdout
    assert done.result["error"]["message"] == "ValueError: no route to ***"
    return next(line for line in done.stdout.splitlines() if line.startswith("REACHED"))


def holding(world: World) -> list[Path]:
    """The files of the user's state that hold the value."""
    found = [path for path in (world.folder / "state").rglob("*") if path.is_file()]
    return [path for path in found if CANARY.encode() in path.read_bytes()]


def test_on_this_machine(tmp_path):
    assert reached(World(tmp_path)) == "REACHED True True"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("line", "answer"), [("", "REACHED True False"), ("executor_env: true\n", "REACHED True True")]
)
def test_executors_see_it_only_where_the_profile_says_so(tmp_path, line, answer):
    world = World(tmp_path)
    with cluster(world, "--workers", 1, "--cores", 1, "--memory", "1500m"):
        profile = world.folder / "config/sparkjobs/clusters/here.yaml"
        profile.write_text(profile.read_text() + line)
        assert reached(world, "--target", "here", "--conf", "spark.executor.memory=700m") == answer
