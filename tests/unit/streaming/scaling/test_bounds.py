"""Bounds read off Spark's settings, and objectives that cannot be."""

from __future__ import annotations

import pytest

from sparkjobs.errors import UsageError
from sparkjobs.streaming.scaling.bounds import Bounds, bounded, bounds_of
from sparkjobs.streaming.scaling.params import check_scaling

D = "spark.dynamicAllocation"
OFF = {f"{D}.enabled": "false"}
RANGE = {f"{D}.minExecutors": "2", f"{D}.initialExecutors": "3", f"{D}.maxExecutors": "8"}
SIX = {"spark.cores.max": "12", "spark.executor.cores": "2"}


@pytest.mark.parametrize(
    ("settings", "bounds"),
    [
        (RANGE, Bounds(2, 3, 8)),
        (SIX, Bounds(1, 2, 6)),
        # Spark's master gives no more than its cores, whatever is asked for.
        ({**RANGE, **SIX}, Bounds(2, 3, 6)),
        ({"spark.executor.instances": "5"}, Bounds(1, 5, 5)),
        ({f"{D}.maxExecutors": "infinity", **SIX}, Bounds(1, 2, 6)),
        ({f"{D}.maxExecutors": "2147483647", **SIX}, Bounds(1, 2, 6)),
        ({f"{D}.minExecutors": "0", f"{D}.initialExecutors": "0", f"{D}.maxExecutors": "1"}, Bounds(1, 1, 1)),
        ({f"{D}.maxExecutors": "4", "spark.executor.instances": "3"}, Bounds(1, 3, 4)),
        ({f"{D}.maxExecutors": "4", "spark.executor.instances": "9"}, Bounds(1, 4, 4)),
    ],
)
def test_bounds(settings: dict[str, str], bounds: Bounds) -> None:
    assert bounds_of(settings) == bounds


@pytest.mark.parametrize(
    ("settings", "named"),
    [
        ({}, "nothing says how many"),
        ({f"{D}.minExecutors": "3"}, "nothing says how many"),
        ({"spark.cores.max": "8"}, "spark.executor.cores is not set"),
        (
            {**SIX, f"{D}.minExecutors": "7"},
            f"{D}.minExecutors=7 is above spark.cores.max=12, which allows 6",
        ),
        ({f"{D}.maxExecutors": "many"}, f"{D}.maxExecutors=many"),
    ],
)
def test_bounds_that_are_none(settings: dict[str, str], named: str) -> None:
    with pytest.raises(UsageError, match=named):
        bounds_of(settings)


@pytest.mark.parametrize(
    ("settings", "answer"),
    [
        ({**OFF, **RANGE}, True),
        (RANGE, False),
        ({**RANGE, f"{D}.enabled": "True"}, False),
        (SIX, False),
        ({**OFF, f"{D}.minExecutors": "4", f"{D}.maxExecutors": "4"}, False),
    ],
)
def test_bounds_alone_ask_for_executors_that_follow(settings: dict[str, str], answer: bool) -> None:
    assert bounded(settings) is answer


@pytest.mark.parametrize(
    ("latency", "trigger", "named"),
    [
        ("20 seconds", "available-now", "--max-latency 20 seconds means nothing to --trigger available-now"),
        ("10 seconds", "10 seconds", "--max-latency 10 seconds cannot be kept with --trigger 10 seconds"),
    ],
)
def test_an_objective_that_no_executors_reach(latency: str, trigger: str, named: str) -> None:
    with pytest.raises(UsageError, match=named):
        check_scaling(latency, trigger)


def test_an_objective_beyond_the_trigger() -> None:
    check_scaling("11 seconds", "10 seconds")
    check_scaling(None, "available-now")
