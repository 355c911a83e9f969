"""Runs in a session tell where their time went."""

from __future__ import annotations

import itertools
import json

import pytest

from sparkjobs.phases import REST, Profile, profiling
from sparkjobs.result import LAUNCHED_VARIABLE


@pytest.fixture
def day(tmp_path):
    path = tmp_path / "day.csv"
    path.write_text("id,value\na,1\na,2\nb,x\n")
    return path


def test_every_part_of_a_run_is_a_phase_and_they_add_up(run_job, day, tmp_path):
    flags = ("--input", day, "--output", tmp_path / "out", "--interval", "2026-01-31", "--max-bad-rows", "1")
    ticks = itertools.count()  # a clock that goes on by one at each look
    with profiling(Profile(lambda: float(next(ticks)))) as profile:
        assert run_job("sum_by_key", *flags).result.outcome == "COMMITTED"
    looks = next(ticks)
    phases = {phase.name: phase.seconds for phase in profile.phases()}
    assert list(phases) == [
        "finished work", "looking at tables", "describing the work", "listing and headers",
        "reading and counting", "inspecting the rows", "looking at the input again", "quarantine",
        "write quarantine", "verify quarantine", "write out", "verify out", REST,
    ]  # fmt: skip
    assert sum(phases.values()) == looks + 1
    assert all(seconds > 0 for seconds in phases.values())


def test_the_result_has_phases_with_profile_and_null_without(run_job, day, tmp_path, capsys, monkeypatch):
    from sparkjobs.cli import main

    flags = ["--input", str(day), "--output", str(tmp_path / "out"), "--interval", "2026-01-31"]
    flags += ["--max-bad-rows", "1"]
    run_job("sum_by_key", *flags)
    monkeypatch.delenv(LAUNCHED_VARIABLE, raising=False)
    assert main(["sum_by_key", *flags]) == 0
    shown = capsys.readouterr()
    assert json.loads(shown.out.splitlines()[-1])["phases"] is None
    assert "finished work" not in shown.err
    assert main(["sum_by_key", *flags, "--profile"]) == 0
    shown = capsys.readouterr()
    result = json.loads(shown.out.splitlines()[-1])
    assert result["outcome"] == "SKIPPED"  # the flag is no part of the identity
    assert [phase["name"] for phase in result["phases"]] == ["prepare", "finished work", REST]
    assert "finished work" in shown.err
    monkeypatch.setenv(LAUNCHED_VARIABLE, "run")  # the launcher shows them at the end
    assert main(["sum_by_key", *flags, "--profile"]) == 0
    assert "finished work" not in capsys.readouterr().err
