"""Streams that move the number of their executors themselves: bounds, and nobody else who moves it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from launcher.planning.result import Plan, refuse_errors
from launcher.spec.application import Application
from launcher.spec.layer import Pin
from sparkjobs.errors import UsageError
from sparkjobs.streaming.scaling.bounds import Bounds, bounds_of
from tests.unit.planning.clusters import application, cluster, nodes, pin, plan, reason, value
from tests.unit.planning.test_scaling import DYNAMIC, bounds

SIX = nodes(count=6, cores=1, memory_mib=2048, own_reserved_cores=0, own_reserved_mib=0, reserved_share=0.0)


def stream(latency: str | None = "20 seconds", again: bool = True) -> Application:
    return replace(application(streaming=True), kind="job", looks_again=again, max_latency=latency)


def settings(made: Plan) -> dict[str, str]:
    return {setting.key: setting.value for setting in made.settings}


@pytest.mark.parametrize("manager", ["standalone", "yarn", "kubernetes"])
def test_the_plan_writes_bounds_that_the_stream_reads_back(manager: str) -> None:
    made = plan(cluster(manager), stream())
    one = made.executors
    assert value(made, f"{DYNAMIC}.enabled") == "false"
    assert (one.min, one.initial) == (1, 2)
    assert one.max == one.room
    assert bounds_of(settings(made)) == Bounds(1, 2, one.max)
    assert "--max-latency 20 seconds is given, and the stream itself moves" in reason(
        made, f"{DYNAMIC}.enabled"
    )
    refuse_errors(made)


def test_a_standalone_cluster_has_cores_for_the_most_and_elsewhere_the_start_is_asked_for() -> None:
    assert value(plan(cluster(machines=SIX), stream()), "spark.cores.max") == "6"
    assert plan(cluster(machines=SIX), stream()).value("spark.executor.instances") is None
    assert value(plan(cluster("yarn"), stream()), "spark.executor.instances") == "2"


def test_bounds_of_the_user_hold_and_mean_it_without_the_flag_too() -> None:
    for latency in ("20 seconds", None):
        made = plan(cluster("yarn"), stream(latency), pins=bounds(2, 5))
        assert value(made, f"{DYNAMIC}.enabled") == "false"
        assert bounds_of(settings(made)) == Bounds(2, 2, 5)


def test_a_fixed_number_is_where_it_begins() -> None:
    made = plan(cluster("yarn"), stream(), pins=(pin("spark.executor.instances", "3"),))
    assert (made.executors.min, made.executors.initial) == (1, 3)


@pytest.mark.parametrize(("latency", "again"), [(None, True), (None, False)])
def test_a_stream_that_nobody_wants_to_move_has_a_fixed_number(latency: str | None, again: bool) -> None:
    made = plan(cluster("yarn"), stream(latency, again))
    assert made.value(f"{DYNAMIC}.maxExecutors") is None
    assert value(made, "spark.executor.instances") == "2"


def test_a_script_that_streams_and_has_bounds_is_left_to_spark() -> None:
    made = plan(cluster("yarn"), application(streaming=True), pins=bounds(2, 6))
    assert value(made, f"{DYNAMIC}.enabled") == "true"


@pytest.mark.parametrize(
    ("where", "pins", "named"),
    [
        (cluster("yarn"), (pin(f"{DYNAMIC}.enabled", "true"),), "two-masters-of-executors"),
        (cluster("local"), (), "max-latency-in-local-mode"),
    ],
)
def test_what_cannot_be_is_refused_before_anything_is_submitted(
    where, pins: tuple[Pin, ...], named: str
) -> None:
    with pytest.raises(UsageError, match=named):
        refuse_errors(plan(where, stream(), pins=pins))


def test_bounds_that_cannot_be_are_refused() -> None:
    with pytest.raises(UsageError, match="there is room for"):
        plan(cluster("yarn"), stream(), pins=bounds(1, 10**6))
    with pytest.raises(UsageError, match="is above"):
        plan(cluster("yarn"), stream(), pins=bounds(5, 4))


@pytest.mark.parametrize("manager", ["yarn", "kubernetes"])
def test_old_losses_of_executors_do_not_end_a_stream(manager: str) -> None:
    key = "spark.executor.failuresValidityInterval"
    assert value(plan(cluster(manager), stream()), key) == "1h"
    assert value(plan(cluster(manager), application(streaming=True)), key) == "1h"
    assert plan(cluster(manager)).value(key) is None
    assert plan(cluster(), stream()).value(key) is None, "a standalone master counts otherwise"
