"""A secure cluster runs a job, refuses an application without its secret, and shows the secret nowhere."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest
import requests
import zstandard

from tests.cluster.here import Application, cluster, files_below, profile
from tests.cluster.running import World, until

SHUFFLES = """
import pathlib, sys, time
from pyspark.sql import SparkSession
spark = SparkSession.builder.getOrCreate()
assert spark.range(100).repartition(3).groupBy("id").count().count() == 100
conf = dict(spark.sparkContext.getConf().getAll())
assert conf["spark.authenticate"] == conf["spark.io.encryption.enabled"] == "true"
assert conf["spark.network.crypto.cipher"] == "AES/GCM/NoPadding"
pathlib.Path("ran").touch()
while not pathlib.Path("seen").exists():
    time.sleep(0.1)
"""


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    return World(tmp_path_factory.mktemp("secure"))


@pytest.fixture(scope="module")
def here(world: World) -> Iterator[dict[str, Any]]:
    with cluster(world, "--workers", 1, "--cores", 1, "--memory", "1g", "--secure") as answer:
        yield answer


def command_lines() -> str:
    """Every argument list that a user of this machine can read."""
    lines = []
    for process in psutil.process_iter():
        try:
            lines.append(" ".join(process.cmdline()))
        except psutil.Error:
            continue
    return "\n".join(lines)


def content(path: Path) -> bytes:
    """A file's bytes; an event log's as it was before it was compressed."""
    raw = path.read_bytes()
    if path.suffix == ".zstd":
        return zstandard.ZstdDecompressor().stream_reader(raw, read_across_frames=True).read()
    return raw


def test_a_run_proves_that_it_knows_the_secret_and_nobody_sees_it(world: World, here: dict[str, Any]) -> None:
    secret_file = Path(str(profile(world).secret_file))
    secret = secret_file.read_text()
    assert (len(secret), secret_file.stat().st_mode & 0o777) == (64, 0o600)
    process = world.begin("run", world.script("shuffles.py", SHUFFLES), "--target", "here")
    until(lambda: (world.folder / "ran").exists() or process.poll() is not None or None, "the script")
    assert process.poll() is None, world.end(process).stderr
    assert secret not in command_lines()
    (world.folder / "seen").touch()
    done = world.end(process)
    assert (done.code, done.result["state"]) == (0, "SUCCEEDED"), done.stderr
    assert secret not in done.stdout + done.stderr
    kept = files_below(world.folder)
    telling = [path for path in kept if secret.encode() in content(path)]
    assert {path.name for path in telling} == {"secret", "master.properties", "worker-1.properties"}
    assert all(path.stat().st_mode & 0o077 == 0 for path in telling)
    logs = [content(path) for path in kept if path.suffix == ".zstd"]
    assert any(b"spark.authenticate.secret" in log and b"redacted" in log for log in logs)


def test_an_application_without_the_secret_is_refused(world: World, here: dict[str, Any]) -> None:
    stranger = Application(world, here["master"], "stranger")
    try:
        until(lambda: "Unknown challenge message" in stranger.text or None, "a refusal")
        applications = requests.get(f"{here['rest']}/json/", timeout=10).json()
        assert "stranger" not in {one["name"] for one in applications["activeapps"]}
        assert "Failed to connect to master" in stranger.text
        assert stranger.id is None
    finally:
        stranger.kill()


def test_a_run_without_the_secret_is_refused_before_spark_waits_for_it(
    world: World, here: dict[str, Any]
) -> None:
    text = Path(world.folder / "config/sparkjobs/clusters/here.yaml").read_text()
    lines = [line for line in text.splitlines() if not line.startswith("secret_file")]
    (world.folder / "forgot.yaml").write_text("\n".join(lines))
    done = world.sparkjob("run", world.script("never.py", ""), "--target", "./forgot.yaml")
    assert done.code == 2
    assert "target forgot is secure and nothing tells its secret" in done.stderr
