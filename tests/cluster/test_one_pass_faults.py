"""Rows are counted by what was written, whatever task ran again: lost executors, second attempts, twins."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from launcher.environment import running_interpreter, spark_environment
from tests.conftest import ROOT
from tests.spark.conftest import delta_jars, rows_of

FILES, ROWS = 4, 20_000
PROGRAM = Path(__file__).with_name("one_pass_program.py")
SPECULATION = [
    "spark.speculation=true",
    "spark.speculation.interval=200ms",
    "spark.speculation.quantile=0.5",
    "spark.speculation.multiplier=1.1",
]


@dataclass(frozen=True)
class Ran:
    """The result of the program, and its highest stage attempt."""

    result: dict[str, Any]
    attempts: int


@pytest.fixture
def source(tmp_path: Path) -> Path:
    folder = tmp_path / "in"
    folder.mkdir()
    for number in range(FILES):
        write(folder / f"{number}.parquet", number, bad=False)
    return folder


def write(path: Path, number: int, *, bad: bool) -> None:
    first = number * ROWS
    values = [None if bad and n == ROWS - 1 else first + n for n in range(ROWS)]
    ids = [f"k{n % 5}" for n in range(ROWS)]
    pq.write_table(pa.table({"id": ids, "value": pa.array(values, pa.int64())}), path)


def run(what: str, source: Path, *confs: str) -> Ran:
    settings = [
        "spark.ui.enabled=false", "spark.sql.shuffle.partitions=4", "spark.log.level=ERROR",
        "spark.sql.adaptive.coalescePartitions.enabled=false", "spark.sql.files.maxPartitionBytes=100000",
        "spark.task.maxFailures=4", *confs,
    ]  # fmt: skip
    submit = ["--master local-cluster[2,1,1024]", "--driver-memory 1g", f"--jars {','.join(delta_jars())}"]
    environ = {
        **spark_environment(os.environ, running_interpreter()),
        "PYTHONPATH": str(ROOT),
        "PYSPARK_SUBMIT_ARGS": " ".join([*submit, *[f"--conf {text}" for text in settings], "pyspark-shell"]),
    }
    folder = source.parent
    command = [sys.executable, str(PROGRAM), what, str(source), str(folder / "out"), str(folder)]
    ended = subprocess.run(
        command, env=environ, cwd=folder, text=True, capture_output=True, timeout=300, check=False
    )
    assert ended.returncode == 0, ended.stderr[-3000:]
    *_, attempts, result = ended.stdout.splitlines()
    return Ran(json.loads(result), int(attempts.removeprefix("stage attempts: ")))


def test_a_map_stage_that_runs_again_counts_its_rows_once(source):
    ran = run("after the shuffle", source)
    assert (source.parent / "happened").exists()
    assert ran.attempts > 0, "no stage ran again"
    assert ran.result["outcome"] == "COMMITTED", ran.result["error"]
    assert (ran.result["rows_read"], ran.result["rows_accepted"]) == (FILES * ROWS, FILES * ROWS)
    rows = rows_of(source.parent / "out")
    assert sum(row["count"] for row in rows) == FILES * ROWS
    assert sum(row["sum"] for row in rows) == sum(range(FILES * ROWS))


def test_a_task_that_writes_again_counts_its_rows_once(source):
    ran = run("while writing", source)
    assert (source.parent / "happened").exists()
    assert (ran.result["outcome"], ran.result["rows_accepted"]) == ("COMMITTED", FILES * ROWS)
    assert sorted(row["value"] for row in rows_of(source.parent / "out")) == list(range(FILES * ROWS))


def test_a_bad_row_that_a_second_attempt_meets_leaves_no_commit(source):
    write(source / "3.parquet", 3, bad=True)
    ran = run("while writing", source)
    assert (source.parent / "happened").exists()
    assert ran.result["error"]["class"] == "BadRowsError"
    assert not list(source.parent.glob("out/_delta_log/*.json"))


@pytest.mark.parametrize("bad", [False, True])
def test_a_twin_of_a_slow_task_counts_no_row_twice(source, bad):
    write(source / "0.parquet", 0, bad=bad)
    ran = run("slow", source, *SPECULATION)
    if bad:
        assert ran.result["error"]["class"] == "BadRowsError"
        assert not list(source.parent.glob("out/_delta_log/*.json"))
    else:
        assert (ran.result["outcome"], ran.result["rows_accepted"]) == ("COMMITTED", FILES * ROWS)
        assert sorted(row["value"] for row in rows_of(source.parent / "out")) == list(range(FILES * ROWS))
