"""The packaged jobs under a bare spark-submit, and the local run of the launcher: real processes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from deltalake import DeltaTable

from tests.spark.conftest import rows_of
from tests.spark.submitting import bare_submit, environment, packaged

pytestmark = pytest.mark.process


def test_a_users_job_from_the_zip(tmp_path: Path) -> None:
    (tmp_path / "in.csv").write_text("id,value\na,1\nb,2\n")
    archive = packaged(tmp_path)
    flags = ["--input", "in.csv", "--output", "out", "--factor", "7"]
    done = bare_submit("local[2]", archive, tmp_path, "scale_from_outside", *flags)
    assert done.exit_code == 0, done.stdout + done.stderr
    assert done.result["outcome"] == "COMMITTED"
    assert done.result["rows_written"] == 2
    assert sorted(row["value"] for row in rows_of(tmp_path / "out")) == [7, 14]


@pytest.mark.parametrize("job", ["analytics", "analytics_stream"])
def test_timestamps_are_microseconds_whatever_the_site_says(tmp_path: Path, job: str) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.csv").write_text("timestamp,value\n9999-12-31T00:00:00,1\n")
    archive = packaged(tmp_path)
    site = ["spark.sql.parquet.outputTimestampType=INT96"]
    done = bare_submit("local[2]", archive, tmp_path, job, "--input", "in", "--output", "out", conf=site)
    assert done.exit_code == 0, done.stdout + done.stderr
    files = list((tmp_path / "out").rglob("part-*.parquet"))
    schemas = [pq.read_metadata(file).schema for file in files]
    kinds = {schema.column(i).physical_type for schema in schemas for i in range(len(schema))}
    assert "INT64" in kinds
    assert "INT96" not in kinds


@pytest.mark.slow
def test_the_first_run_of_a_new_user(tmp_path: Path) -> None:
    command = [sys.executable, "-c", "from launcher.cli import main; main()", "run-local", "--max-mib", "2"]
    runs = [_run(command, tmp_path) for _ in range(2)]
    results = [json.loads(run.stdout.splitlines()[-1]) for run in runs]
    assert [result["tables"][0]["version"] for result in results] == [0, 1]
    assert results[0]["rows_written"] == results[1]["rows_written"] > 1000
    text = runs[0].stdout
    assert text.startswith("local[")
    assert "█" in text
    assert f"table    {tmp_path / 'out' / 'wordcount'}, version 0" in text
    # The job's own log is on stderr, although spark-submit merges the two.
    assert "INFO" in runs[0].stderr
    assert "INFO" not in text
    assert DeltaTable(str(tmp_path / "out" / "wordcount")).version() == 1


def _run(command: list[str], work: Path) -> subprocess.CompletedProcess[str]:
    environ = {**environment(), "PYTHONPATH": str(Path(__file__).parents[2])}
    environ["XDG_CACHE_HOME"] = os.environ.get("XDG_CACHE_HOME", "")
    done = subprocess.run(
        command, cwd=work, env=environ, capture_output=True, text=True, timeout=300, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done
