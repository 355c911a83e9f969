"""The closed loop, cut to minutes: a real cluster, a prediction before, runs that learn from each other."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from bench.closed_loop.__main__ import main
from bench.closed_loop.steps import MOST
from launcher.advice.allocation.allocation_settings import INSTANCES
from launcher.advice.allocation.allocation_settings import MOST as UPPER

pytestmark = [pytest.mark.process, pytest.mark.alone, pytest.mark.timeout(900)]


def test_a_run_is_predicted_and_the_next_one_learns_from_it(tmp_path: Path) -> None:
    runs, results = tmp_path / "runs", tmp_path / "results"
    assert main(["--cut", "--runs", str(runs), "--results", str(results)]) == 0
    found = json.loads((runs / "runs.json").read_text())
    predicted = {case["executors"]: case for case in found["small_jobs seen 2"]["predicted"]}
    assert predicted[2]["low"] < predicted[2]["seconds"] < predicted[2]["high"]
    assert found[f"small_jobs fixed {MOST}"]["size"][INSTANCES] == str(MOST)
    first, second = found["small_jobs loop 1"], found["small_jobs loop 2"]
    assert first["forecast"] is None
    assert second["forecast"]["evidence"] == [first["run_id"]]
    # Two tasks at a time are all there ever is: a machine that is busy may hold, and never grows.
    assert int(second["size"].get(UPPER, second["size"].get(INSTANCES, "0"))) <= MOST
    # What is there is not run again.
    before = (runs / "runs.json").stat().st_mtime_ns
    assert main(["--cut", "--runs", str(runs), "--results", str(results)]) == 0
    assert (runs / "runs.json").stat().st_mtime_ns == before
    assert json.loads((results / "closed-loop.json").read_text())["runs"].keys() == found.keys()
