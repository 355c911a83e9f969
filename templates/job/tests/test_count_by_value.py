"""The job as a user runs it: from a CSV file to a Delta table."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import Any

from deltalake import DeltaTable


def run_job(*arguments: object) -> dict[str, Any]:
    """Run a job on one core and answer its result JSON."""
    sparkjob = [sys.executable, "-c", "from launcher.cli import main; main()"]
    jars = subprocess.run(
        [*sparkjob, "jars", "path"], capture_output=True, text=True, check=True
    ).stdout.strip()
    environ = {
        **os.environ,
        "PYSPARK_SUBMIT_ARGS": f"--master local[1] --jars {jars} pyspark-shell",
    }
    command = [sys.executable, "-m", "sparkjobs", *map(str, arguments)]
    done = subprocess.run(command, env=environ, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    result: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return result


def test_values_are_counted(tmp_path):
    (tmp_path / "in.csv").write_text("town,price\nLyon,1\nParis,2\nLyon,3\n")
    flags = ["--input", tmp_path / "in.csv", "--output", tmp_path / "out", "--extra-columns", "ignore"]
    result = run_job("count_by_value", *flags, "--column", "town", "--min-count", 2)
    assert result["outcome"] == "COMMITTED"
    assert result["rows_read"] == 3
    assert DeltaTable(str(tmp_path / "out")).to_pyarrow_table().to_pylist() == [{"value": "Lyon", "count": 2}]
