"""The replay of real logs at their own executors, and under their own dynamic allocation."""

from __future__ import annotations

from pathlib import Path
from statistics import mean

import pytest

from bench.replaying.recorded import at_recorded_executors, under_own_allocation
from launcher.records.history.read_trace import read_trace

ELASTIC = ("dynamic_allocation", "yarn_dynamic_small", "same_job_attempt_1", "cpu_analytics_16cores")


@pytest.fixture(scope="module")
def logs(shared: Path) -> dict[str, Path]:
    return {path.name.split(".")[0]: path for path in sorted((shared / "eventlogs").iterdir())}


def test_at_the_recorded_executors_an_application_errs_by_1_percent_at_most(logs: dict[str, Path]) -> None:
    found = {name: at_recorded_executors(read_trace(path)) for name, path in logs.items()}
    assert {name: one.error for name, one in found.items() if abs(one.error) > 0.01} == {}
    assert mean(one.job_error for one in found.values()) <= 0.02
    assert {name: one.job_error for name, one in found.items() if one.job_error > 0.038} == {}


@pytest.mark.parametrize("name", ELASTIC)
def test_dynamic_allocation_errs_by_10_percent_of_executor_seconds_at_most(
    logs: dict[str, Path], name: str
) -> None:
    found = under_own_allocation(read_trace(logs[name]))
    assert found is not None
    assert abs(found.error) <= 0.1


def test_the_rich_log_has_the_same_executors(logs: dict[str, Path]) -> None:
    found = under_own_allocation(read_trace(logs["dynamic_allocation"]))
    assert found is not None
    assert (found.replayed_added, found.replayed_peak) == (found.added, found.peak) == (15, 7)
