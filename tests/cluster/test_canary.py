"""A secret is seen nowhere: not in any command line, log, record or event log of a run."""

from __future__ import annotations

from pathlib import Path

import psutil
import pytest

from tests.cluster.running import World, until

CANARY = "canary-7f3a91"
SETTINGS = f"""
spark.example.password {CANARY}
spark.hadoop.fs.s3a.secret.key {CANARY}
spark.hadoop.fs.azure.account.key.lake.dfs.core.windows.net {CANARY}
spark.example.url https://me:{CANARY}@example.com/x
"""
SCRIPT = """
import pathlib, sys, time
from pyspark.sql import SparkSession
spark = SparkSession.builder.getOrCreate()
assert "canary" in spark.conf.get("spark.example.password"), "the secret did not arrive"
spark.range(10).count()
pathlib.Path(sys.argv[1]).touch()
while not pathlib.Path(sys.argv[2]).exists():
    time.sleep(0.1)
"""


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


def test_a_secret_is_seen_nowhere(world):
    properties = world.folder / "own.conf"
    properties.write_text(SETTINGS)
    properties.chmod(0o600)
    begun, go = world.folder / "begun", world.folder / "go"
    script = world.script("uses.py", SCRIPT)
    flags = ("--properties-file", properties, "--driver-memory", "1g")
    process = world.begin("run", script, *flags, "--", begun, go)
    until(lambda: True if begun.exists() or process.poll() is not None else None, "the script")
    seen = [line for line in command_lines() if CANARY in line]
    go.touch()
    done = world.end(process)
    assert done.code == 0, done.stderr
    assert not seen
    assert CANARY not in done.stdout + done.stderr
    told = world.sparkjob("status", "last", "-o", "json").stdout + world.sparkjob("runs", "-o", "json").stdout
    assert CANARY not in told
    assert not [path for path in (world.folder / "state").rglob("*") if path.is_file() and holds(path)]


def test_a_dry_run_shows_no_secret(world):
    properties = world.folder / "own.conf"
    properties.write_text(SETTINGS)
    shown = world.sparkjob("run", world.script("x.py", ""), "--dry-run", "--properties-file", properties)
    assert shown.code == 0, shown.stderr
    assert "spark.example.password=***" in shown.stdout
    assert CANARY not in shown.stdout


def command_lines() -> list[str]:
    found = []
    for process in psutil.process_iter():
        try:
            found.append(" ".join(process.cmdline()))
        except psutil.Error:
            continue
    return found


def holds(path: Path) -> bool:
    return CANARY.encode() in path.read_bytes()
