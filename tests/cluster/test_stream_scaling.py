"""A stream on a real cluster whose executors follow its load, and no task of which dies."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from bench.streams.__main__ import main
from bench.streams.scaling_run import MOST

pytestmark = [pytest.mark.process, pytest.mark.alone, pytest.mark.timeout(600)]


def test_executors_come_and_go_and_no_task_dies(tmp_path: Path) -> None:
    runs, results = tmp_path / "runs", tmp_path / "results"
    assert main(["--cut", "--runs", str(runs), "--results", str(results)]) == 0
    found = json.loads((runs / "streams-scaling.json").read_text())["spike ours"]
    assert found["committed"] == found["sent"]
    assert found["failed_tasks"] == 0
    assert found["ended_executors"] > 0, "a standalone cluster starts all it may, and some were given back"
    assert all(1 <= target <= MOST for target in found["targets"])
    assert (results / "streams-scaling.md").is_file()
    # What is there is not run again.
    before = (runs / "streams-scaling.json").stat().st_mtime_ns
    assert main(["--cut", "--runs", str(runs), "--results", str(results)]) == 0
    assert (runs / "streams-scaling.json").stat().st_mtime_ns == before
