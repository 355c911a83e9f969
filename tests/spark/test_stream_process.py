"""Streams as processes of their own: killed in the middle, told to stop, told to stop with no time left."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.spark.conftest import delta_jars, rows_of

pytestmark = pytest.mark.slow
PATIENCE_S = 240


@pytest.fixture
def start(tmp_path):
    """Start a stream of ``tmp_path/in`` as a process group of its own; what is left is killed at the end."""
    (tmp_path / "in").mkdir()
    running = []

    def run(job, *flags, dies=None):
        from launcher.environment import running_interpreter, spark_environment

        options = [
            "--master local[2] --driver-memory 1g",
            f"--jars {','.join(delta_jars())}",
            "--conf spark.ui.enabled=false --conf spark.sql.shuffle.partitions=2",
            "--conf spark.log.level=ERROR --driver-java-options -XX:+UseSerialGC pyspark-shell",
        ]
        environ = spark_environment(os.environ, running_interpreter())
        command = [
            sys.executable,
            *(("-m", "sparkjobs") if dies is None else ("-c", DIES, dies)),
            job,
            "--input",
            tmp_path / "in",
            "--output",
            tmp_path / "out",
        ]
        process = subprocess.Popen(
            [str(part) for part in (*command, *flags)],
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


def until(condition, process):
    """Wait for an event, as long as the process that shall bring it about is there."""
    deadline = time.monotonic() + PATIENCE_S
    while not condition():
        assert process.poll() is None, "the stream ended too soon"
        assert time.monotonic() < deadline, "the event did not come"
        time.sleep(0.05)


def put(tmp_path: Path, number: int) -> None:
    part = tmp_path / f"{number}.part"
    part.write_text("timestamp,value\n" + "".join(f"2026-01-31T00:00:{i:02},{number}\n" for i in range(10)))
    part.rename(tmp_path / "in" / f"{number}.csv")


def result_of(process):
    out, _ = process.communicate(timeout=PATIENCE_S)
    return json.loads(out.splitlines()[-1])


def read_values(tmp_path):
    return sorted(row["value"] for row in rows_of(tmp_path / "out" / "rows"))


def committed(tmp_path, table, version):
    log = tmp_path / "out" / table / "_delta_log" / f"{version:020}.json"
    return lambda: log.exists()


# Kills the driver at a point of its work; it is started with the point and the arguments of a job.
DIES = """
import os, signal, sys

point, *arguments = sys.argv[1:]

from sparkjobs.cli import main
from sparkjobs.streaming import batch
from sparkjobs.streaming.records import Records
from sparkjobs.streaming.sources.lists import Lists


def jvm():
    from pyspark import SparkContext

    return SparkContext._active_spark_context._gateway.proc.pid


def after(owner, name, due, pid=os.getpid):
    does = getattr(owner, name)

    def dies(*given, **more):
        found = does(*given, **more)
        if due(*given):
            os.kill(pid(), signal.SIGKILL)
        return found

    setattr(owner, name, dies)


{
    "list": lambda: after(Lists, "append", lambda lists, lines: lists.count == 2),
    "record": lambda: after(Records, "write", lambda records, number, record: number == 1),
    "rows": lambda: after(batch, "write", lambda done, table, path: (done.number, table.name) == (2, "rows")),
    "jvm": lambda: after(batch, "write", lambda done, table, path: done.number == 3, jvm),
    "end": lambda: after(batch.BatchRunner, "_do", lambda runner, done, lines: done.number == 4),
}[point]()
sys.exit(main(arguments))
"""


def test_killed_at_any_point_of_a_batch_and_started_again_the_tables_are_exact(start, tmp_path):
    for number in range(5):
        put(tmp_path, number)
    for point in ("list", "record", "rows", "jvm", "end"):
        process = start("analytics_stream", "--max-files-per-batch", "1", dies=point)
        process.communicate(timeout=PATIENCE_S)
        assert process.returncode in ((-9,) if point != "jvm" else (1, 143)), point
    put(tmp_path, 5)
    again = start("analytics_stream", "--max-files-per-batch", "1")
    assert result_of(again)["outcome"] == "COMMITTED"
    assert again.returncode == 0
    assert read_values(tmp_path) == sorted(float(n) for n in range(6) for _ in range(10))
    (group,) = rows_of(tmp_path / "out" / "groups")
    assert (group["count"], group["sum"], group["median"]) == (60, 150.0, 2.5)
    lines = (tmp_path / "out_checkpoint/progress.jsonl").read_text().splitlines()
    assert [json.loads(line)["batch"] for line in lines] == [0, 1, 2, 3, 4, 5]


def test_two_streams_on_one_checkpoint_the_second_is_refused_by_name(start, tmp_path):
    put(tmp_path, 0)
    first = start("analytics_stream", "--trigger", "1 second")
    until(committed(tmp_path, "groups", 0), first)
    second = start("analytics_stream", "--trigger", "1 second")
    result = result_of(second)
    assert (second.returncode, result["error"]["class"]) == (5, "LockedError")
    assert f"process {first.pid} on" in result["error"]["message"]
    put(tmp_path, 1)
    until(committed(tmp_path, "groups", 1), first)
    first.terminate()
    assert (result_of(first)["rows_read"], first.returncode) == (20, 0)
    assert read_values(tmp_path) == [0.0] * 10 + [1.0] * 10


@pytest.mark.parametrize("to_group", [False, True])
def test_told_to_stop_it_ends_its_batch_and_well(start, tmp_path, to_group):
    put(tmp_path, 0)
    process = start("analytics_stream", "--trigger", "1 second")
    until(committed(tmp_path, "groups", 0), process)
    put(tmp_path, 1)
    until(committed(tmp_path, "rows", 1), process)  # the second batch is under way
    if to_group:
        os.killpg(process.pid, signal.SIGTERM)
    else:
        process.terminate()
    result = result_of(process)
    assert (process.returncode, result["outcome"], result["rows_read"]) == (0, "COMMITTED", 20)
    assert [(t["name"], t["version"], t["rows"]) for t in result["tables"]] == [
        ("rows", 1, 20),
        ("groups", 1, 2),
    ]
    assert (tmp_path / "out_checkpoint" / "commits" / "1").exists()
    assert read_values(tmp_path) == [0.0] * 10 + [1.0] * 10


def test_past_the_time_to_stop_it_ends_by_the_signal(start, tmp_path):
    put(tmp_path, 0)
    process = start("analytics_stream", "--trigger", "1 second", "--stop-timeout", "0")
    until(committed(tmp_path, "groups", 0), process)
    put(tmp_path, 1)
    until(committed(tmp_path, "rows", 1), process)
    process.terminate()
    result = result_of(process)
    assert (process.returncode, result["outcome"]) == (143, "FAILED")
    again = start("analytics_stream")
    assert result_of(again)["outcome"] in ("COMMITTED", "EMPTY")
    assert read_values(tmp_path) == [0.0] * 10 + [1.0] * 10
    assert rows_of(tmp_path / "out" / "groups")[0]["count"] == 20


def test_killed_after_a_file_went_to_quarantine_the_batch_is_repeated_without_it(start, tmp_path):
    put(tmp_path, 0)
    bad = tmp_path / "in" / "1.csv"
    bad.write_text("timestamp,other\n2026-01-31T00:00:00,1\n")
    put(tmp_path, 2)
    process = start("analytics_stream", "--bad-files", "quarantine")
    until((tmp_path / "out_quarantine" / "_delta_log" / f"{0:020}.json").exists, process)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    put(tmp_path, 1)  # mended meanwhile
    again = start("analytics_stream")
    assert result_of(again)["outcome"] in ("COMMITTED", "EMPTY")
    assert read_values(tmp_path) == [0.0] * 10 + [2.0] * 10
    assert rows_of(tmp_path / "out" / "groups")[0]["count"] == 20
    assert [row["file"] for row in rows_of(tmp_path / "out_quarantine")] == [str(bad)]
