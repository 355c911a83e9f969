"""The driver of a stream from Kafka is killed between plan, write and commit: every record comes once."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys

import pytest

from tests.cluster.running import until
from tests.spark.conftest import delta_jars, rows_of

pytestmark = pytest.mark.slow
PATIENCE_S = 240
ROWS = 30


@pytest.fixture
def start(broker, tmp_path):
    """Start a stream of a topic as a process group of its own; what is left is killed at the end."""
    running = []

    def run(topic, *flags):
        from launcher.environment import running_interpreter, spark_environment

        options = [
            "--master local[2] --driver-memory 1g",
            f"--jars {','.join(delta_jars())}",
            "--conf spark.ui.enabled=false --conf spark.sql.shuffle.partitions=2",
            "--conf spark.log.level=ERROR --driver-java-options -XX:+UseSerialGC pyspark-shell",
        ]
        environ = spark_environment(os.environ, running_interpreter())
        command = [sys.executable, "-m", "sparkjobs", "analytics_stream", "--format", "jsonl"]
        places = ["--input", f"kafka://{broker.address}/{topic}", "--output", str(tmp_path / "out")]
        process = subprocess.Popen(
            [*command, *places, "--max-rows-per-batch", "10", *flags],
            env={**environ, "PYSPARK_SUBMIT_ARGS": " ".join(options), "SPARK_LOCAL_DIRS": str(tmp_path)},
            stdout=subprocess.PIPE,
            stderr=(tmp_path / "err").open("w"),
            text=True,
            start_new_session=True,
        )
        running.append(process)
        return process

    yield run
    for process in running:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)


def test_killed_between_plan_and_write_and_commit_every_record_is_there_once(start, broker, tmp_path):
    topic = broker.topic(2)
    for number in range(ROWS):
        value = json.dumps({"timestamp": f"2026-01-31T00:00:{number:02}", "value": number}).encode()
        broker.put(topic, value, partition=number % 2)
    checkpoint, log = tmp_path / "out_checkpoint", tmp_path / "out" / "rows" / "_delta_log"
    events = {
        "the plan": checkpoint / "arrivals" / "00000000.jsonl",
        "the write of one of two tables": log / f"{0:020}.json",
        "the commit": checkpoint / "commits" / "0",
    }
    for what, file in events.items():
        process = start(topic)
        until(lambda file=file, process=process: file.exists() or process.poll() is not None or None, what)
        assert file.exists(), (tmp_path / "err").read_text()[-2000:]
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
    broker.put(topic, json.dumps({"timestamp": "2026-01-31T00:01:00", "value": ROWS}).encode())
    last = start(topic)
    out, _ = last.communicate(timeout=PATIENCE_S)
    assert json.loads(out.splitlines()[-1])["outcome"] == "COMMITTED", (tmp_path / "err").read_text()[-2000:]
    assert sorted(row["value"] for row in rows_of(tmp_path / "out" / "rows")) == list(range(ROWS + 1))
    assert rows_of(tmp_path / "out" / "groups")[0]["count"] == ROWS + 1
