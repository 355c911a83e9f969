"""The benchmark's small run works and finds equal results (few suites; they start processes)."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from bench import __main__ as bench
from bench import contest, model, suites

pytestmark = pytest.mark.process


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "peer"), [("analytics-kernel", "duckdb"), ("sum_by_key-csv-quoted", "spark-strict")]
)
def test_quick_run_writes_checked_results(
    name: str, peer: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    suite = suites.SUITES[name]
    few = {which: suite.contestants[which] for which in (model.OURS, peer)}
    monkeypatch.setattr(bench, "SUITES", {name: replace(suite, contestants=few)})
    assert bench.main(["--quick", "--only", name, "--results", str(tmp_path)]) == 0
    found = json.loads((tmp_path / f"{name}.json").read_text())
    assert [one["same_result"] for one in found["compared"]] == [True]
    assert found["environment"]["date"]
    assert f"| {peer} |" in (tmp_path / f"{name}.md").read_text()


@pytest.mark.slow
def test_an_engine_that_fails_ends_the_bench_with_its_words(tmp_path: Path) -> None:
    missing = model.Inputs(tmp_path / "none", tmp_path / "none")
    suite = suites.SUITES["analytics-kernel"]
    alone = replace(suite, contestants={"duckdb": suite.contestants["duckdb"]})
    engines = contest.Engines()
    with engines, pytest.raises(SystemExit, match="none"):
        contest.run_rounds("analytics-kernel", alone, missing, 1, engines)


def test_the_command_line_is_measured_beside_its_aims(tmp_path: Path) -> None:
    assert bench.main(["--quick", "--only", "cli", "--results", str(tmp_path)]) == 0
    found = json.loads((tmp_path / "cli.json").read_text())
    assert found["cpu_seconds"].keys() == found["aims"].keys()
    assert all(seconds > 0 for runs in found["cpu_seconds"].values() for seconds in runs)
    assert "| `sparkjob --help` | " in (tmp_path / "cli.md").read_text()
