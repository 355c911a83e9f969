"""A job killed or stopped in the middle: no partial table, a rerun commits once, no process stays."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import psutil
import pytest
from deltalake import DeltaTable

from tests.conftest import ROOT
from tests.spark.conftest import delta_jars, rows_of
from tests.spark.submitting import environment

START = "read 3 rows"


@pytest.fixture
def flags(tmp_path):
    (tmp_path / "in.csv").write_text("id,value\na,1\na,2\nb,3\n")
    return [
        "--input",
        str(tmp_path / "in.csv"),
        "--output",
        str(tmp_path / "out"),
        "--interval",
        "2026-01-31",
    ]


@contextmanager
def running(*arguments: str) -> Iterator[subprocess.Popen[str]]:
    """A job in a process of its own; whatever is left of it is ended."""
    submit = f"--master local[1] --driver-memory 1g --jars {','.join(delta_jars())} pyspark-shell"
    environ = {**environment(), "PYSPARK_SUBMIT_ARGS": submit}
    command = [sys.executable, "-m", "sparkjobs", *arguments]
    pipe = subprocess.PIPE
    process = subprocess.Popen(command, stdout=pipe, stderr=pipe, text=True, env=environ, cwd=ROOT)
    try:
        yield process
    finally:
        for left in [process.pid, *descendants(process.pid)]:
            if psutil.pid_exists(left):
                os.kill(left, signal.SIGKILL)
        process.wait()


def descendants(pid: int) -> list[int]:
    try:
        return [child.pid for child in psutil.Process(pid).children(recursive=True)]
    except psutil.NoSuchProcess:
        return []


def wait_for(process, text):
    for line in process.stderr:
        if text in line:
            return
    pytest.fail(f"the job ended before it said {text!r}")


def test_a_killed_job_leaves_nothing_and_a_rerun_commits_once(run_job, flags, tmp_path):
    with running("sum_by_key", *flags) as process:
        wait_for(process, START)
        children = descendants(process.pid)
        assert children
        process.kill()
        process.wait()
        gone, alive = psutil.wait_procs([psutil.Process(c) for c in children if psutil.pid_exists(c)], 30)
        assert not alive, gone
    assert not DeltaTable.is_deltatable(str(tmp_path / "out"))
    assert run_job("sum_by_key", *flags).result.outcome == "COMMITTED"
    assert run_job("sum_by_key", *flags).result.outcome == "SKIPPED"
    assert [commit["version"] for commit in DeltaTable(str(tmp_path / "out")).history()] == [0]
    assert {row["id"]: int(row["sum"]) for row in rows_of(tmp_path / "out")} == {"a": 3, "b": 3}


def test_a_stopped_job_says_so_and_ends_with_143(flags, tmp_path):
    with running("sum_by_key", *flags) as process:
        wait_for(process, START)
        process.send_signal(signal.SIGTERM)
        out, _ = process.communicate(timeout=60)
    assert process.returncode == 143
    document = json.loads(out.splitlines()[-1])
    assert document["outcome"] == "FAILED"
    assert document["error"]["message"] == "stopped by SIGTERM"
    assert not DeltaTable.is_deltatable(str(tmp_path / "out"))


def test_an_overflow_is_an_error_and_never_a_wrap(run_job, tmp_path):
    (tmp_path / "in.csv").write_text("id,value\n" + f"a,{'9' * 29}\n" * 2)
    ran = run_job("sum_by_key", "--input", tmp_path / "in.csv", "--output", tmp_path / "out")
    assert (ran.code, ran.result.outcome) == (1, "FAILED")
    assert "OVERFLOW" in ran.result.error.message.upper() or "out of range" in ran.result.error.message
    assert not DeltaTable.is_deltatable(str(tmp_path / "out"))
