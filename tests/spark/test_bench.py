"""The benchmark's small run works and finds equal results (one suite; it starts processes)."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from bench import __main__ as bench
from bench import contest, suites

pytestmark = pytest.mark.process


@pytest.mark.slow
def test_quick_run_writes_checked_results(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    few = {name: suites.ANALYTICS[name] for name in ("ours", "duckdb")}
    monkeypatch.setattr(bench, "SUITES", {"analytics": few})
    assert bench.main(["--quick", "--only", "analytics", "--results", str(tmp_path)]) == 0
    found = json.loads((tmp_path / "analytics.json").read_text())
    assert [one["same_result"] for one in found["compared"]] == [True]
    assert "| duckdb |" in (tmp_path / "analytics.md").read_text()


def test_the_command_line_is_measured_beside_its_aims(tmp_path: Path) -> None:
    assert bench.main(["--quick", "--only", "cli", "--results", str(tmp_path)]) == 0
    found = json.loads((tmp_path / "cli.json").read_text())
    assert found["cpu_seconds"].keys() == found["aims"].keys()
    assert all(seconds > 0 for runs in found["cpu_seconds"].values() for seconds in runs)
    assert "| `sparkjob --help` | " in (tmp_path / "cli.md").read_text()


def test_ratios_are_paired_and_results_compared() -> None:
    def run(seconds: float, rate: float, digest: str) -> contest.Measured:
        return contest.Measured(seconds, 2 * seconds, seconds, rate, {"data": digest})

    contestants = {"ours": suites.WORDCOUNT["ours"], "duckdb": suites.WORDCOUNT["duckdb"]}
    measured = {
        "ours": [run(1, 100, "x"), run(4, 25, "x"), run(2, 50, "x")],
        "duckdb": [run(3, 33, "x"), run(8, 12.5, "x"), run(2, 50, "y")],
    }
    (found,) = contest.compare(contestants, measured)
    assert (found.query_ratio, found.process_ratio) == (2.0, 2.0)
    assert found.same_result is False
