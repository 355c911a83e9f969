"""Executors of a stream where nobody can be asked for any."""

from __future__ import annotations

import pytest

from sparkjobs.errors import UsageError
from sparkjobs.streaming.scaling.fleet import can_scale
from sparkjobs.streaming.scaling.making import make_autoscaler


def test_local_mode_takes_no_requests_and_refuses_an_objective_by_name(spark):
    assert not can_scale(spark)
    with pytest.raises(UsageError, match=r"--max-latency 20 seconds: local\[\d+\] takes no requests"):
        make_autoscaler(spark, "10 seconds", "20 seconds", None, 0)


def test_without_an_objective_a_local_stream_has_no_autoscaler(spark):
    assert make_autoscaler(spark, "10 seconds", None, None, 0) is None
    assert make_autoscaler(spark, "available-now", None, None, 0) is None
