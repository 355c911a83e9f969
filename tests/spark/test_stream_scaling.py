"""Executors of a stream where nobody can be asked for any."""

from __future__ import annotations

import pytest

from sparkjobs.errors import UsageError
from sparkjobs.streaming.scaling.fleet import can_scale
from sparkjobs.streaming.scaling.making import wanted


def test_local_mode_takes_no_requests_and_refuses_an_objective_by_name(spark):
    assert not can_scale(spark)
    with pytest.raises(UsageError, match=r"--max-latency 20 seconds: local\[\d+\] takes no requests"):
        wanted(spark, "10 seconds", "20 seconds")


def test_without_an_objective_a_local_stream_has_no_autoscaler(spark):
    assert wanted(spark, "10 seconds", None) is None
    assert wanted(spark, "available-now", None) is None


def test_a_refused_stream_has_written_nothing(run_job, tmp_path):
    (tmp_path / "in").mkdir()
    (tmp_path / "in/a.txt").write_text("a b\n")
    flags = ["--input", str(tmp_path / "in"), "--output", str(tmp_path / "out")]
    ran = run_job("wordcount_stream", *flags, "--trigger", "10 seconds", "--max-latency", "20 seconds")
    assert ran.code == 2
    assert [path.name for path in tmp_path.iterdir()] == ["in"]
