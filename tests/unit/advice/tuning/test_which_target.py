"""Two targets side by side: what the job's own runs tell, and what nobody knows."""

from __future__ import annotations

from dataclasses import replace

import pytest

from launcher.advice.tuning.which_target import Ran, Side, which_target


def side(
    target: str, *seconds: float, cost: float | None = 1.0, gpus: bool = False, size: int | None = None,
    qualified: str = "",
) -> Side:  # fmt: skip
    runs = tuple(Ran(f"r{n}", time, cost, size) for n, time in enumerate(seconds))
    return Side(target, gpus, runs, qualified)


def test_runs_on_both_tell_which_is_faster_and_which_is_cheaper() -> None:
    found = which_target(side("cpu", 100, 120, 110, cost=2.0), side("gpu", 40, gpus=True, cost=3.0))
    assert (found.faster, found.cheaper) == ("gpu", "cpu")
    assert found.why == "cpu took 110.0 s and gpu took 40.0 s (the median of 3 and 1 runs), for 2 and 3"


def test_what_differs_by_less_than_two_runs_of_one_thing_is_level() -> None:
    found = which_target(side("a", 100), side("b", 104))
    assert (found.faster, found.cheaper) == (None, None)


@pytest.mark.parametrize(("ours", "theirs"), [(None, 1.0), (1.0, None), (None, None)])
def test_without_both_prices_nobody_knows_the_cost(ours: float | None, theirs: float | None) -> None:
    found = which_target(side("a", 100, cost=ours), side("b", 50, cost=theirs))
    assert (found.faster, found.cheaper) == ("b", None)
    assert "nobody knows the cost" in found.why


def test_only_runs_with_the_input_of_the_newest_count() -> None:
    daily = Ran("r5", 100.0, None, 1000), *(Ran(f"r{n}", 10.0, None, 100) for n in range(4))
    found = which_target(Side("a", False, daily), Side("b", False, (Ran("q1", 50.0, None, 1000),)))
    assert found.faster == "b"
    assert "a took 100.0 s and b took 50.0 s (the median of 1 and 1 runs)" in found.why


def test_other_input_tells_nothing() -> None:
    found = which_target(side("a", 100, size=100), side("b", 50, size=200))
    assert (found.faster, found.why) == (
        None,
        "the newest runs on the two read different input: nobody knows",
    )


def test_a_target_without_runs_is_unknown_and_a_qualification_is_told() -> None:
    found = which_target(
        side("cpu", 100), side("gpu", gpus=True, qualified="93 % of the operators would run")
    )
    assert (found.faster, found.cheaper) == (None, None)
    assert "no run of this job on gpu is known" in found.why
    assert "93 % of the operators would run" in found.why
    assert "sparkjob qualify" in which_target(side("cpu", 100), side("gpu", gpus=True)).why
    assert "sparkjob qualify" not in which_target(side("cpu"), side("b", 1.0)).why


def test_two_currencies_are_not_compared() -> None:
    cpu = replace(side("cpu", 100, cost=2.0), currency="EUR")
    found = which_target(cpu, replace(side("gpu", 40, gpus=True, cost=3.0), currency="USD"))
    assert (found.faster, found.cheaper) == ("gpu", None)
    assert "for 2 EUR and 3 USD: two currencies" in found.why
    same = which_target(cpu, replace(side("gpu", 40, gpus=True, cost=3.0), currency="EUR"))
    assert (same.cheaper, same.why.endswith("for 2 EUR and 3 EUR")) == ("cpu", True)
