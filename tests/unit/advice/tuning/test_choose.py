"""Of sizes that are predicted, the one that the objective wants."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from launcher.advice.tuning.choose import KEPT_SHARE, LEAST_SAVING, Choice, Option, choose
from launcher.advice.tuning.sizing import Sizing
from launcher.spec.objective import Objective

TENTH = Objective("max_slowdown", 0.10, "--max-slowdown")
CHEAP = Objective("min_cost", None, "--min-cost")


def option(count: int, seconds: float | None, cost: float | None = None, high: float | None = None) -> Option:
    spent = cost if cost is not None or seconds is None else count * seconds
    return Option(Sizing(count), seconds, seconds, high, spent, spent, "" if seconds else "it cannot be")


def deadline(seconds: float) -> Objective:
    return Objective("deadline", seconds, "--deadline")


NOW, SMALLER, LARGER = option(6, 100.0), option(4, 104.0), option(8, 90.0)


def count(choice: Choice) -> int | None:
    return choice.chosen.sizing.most if choice.chosen else None


def test_without_an_objective_nothing_may_be_slower() -> None:
    assert choose(NOW, [SMALLER, LARGER], None).decision == "hold"
    same = option(4, 100.2)
    assert (choose(NOW, [same], None).decision, count(choose(NOW, [same], None))) == ("change", 4)


def test_without_an_objective_nothing_may_be_dearer() -> None:
    assert choose(NOW, [option(8, 90.0)], None).decision == "hold"
    assert count(choose(NOW, [option(8, 65.0)], None)) == 8


@pytest.mark.parametrize(("seconds", "taken"), [(103.9, True), (104.1, False), (109.9, False)])
def test_a_part_of_an_allowed_slowdown_is_left_to_chance(seconds: float, taken: bool) -> None:
    assert KEPT_SHARE == 0.4  # 6 of 10 % may be used
    fastest, cheap = option(7, 98.1), option(3, seconds, cost=300.0)
    assert (count(choose(NOW, [fastest, cheap], TENTH)) == 3) is taken


@pytest.mark.parametrize(("seconds", "taken"), [(107.8, True), (108.0, False)])
def test_of_two_measured_times_nothing_is_left_to_chance(seconds: float, taken: bool) -> None:
    fastest, measured = (
        replace(option(7, 98.1), measured_runs=1),
        replace(option(3, seconds), measured_runs=1),
    )
    assert (count(choose(NOW, [fastest, measured], TENTH)) == 3) is taken


def test_a_measured_time_over_a_predicted_one_leaves_a_part_to_chance() -> None:
    now = replace(option(6, 100.0), measured_runs=1)
    assert count(choose(now, [option(7, 94.0)], TENTH)) == 7


def test_a_size_that_is_too_slow_goes_up() -> None:
    found = choose(option(2, 300.0), [option(4, 160.0), option(8, 100.0), option(16, 98.0)], TENTH)
    assert (found.decision, count(found)) == ("change", 8)
    assert "100.0 s instead of 300.0 s" in found.why


def test_the_least_cost_counts_alone() -> None:
    assert count(choose(NOW, [option(1, 550.0)], CHEAP)) == 1


def test_a_deadline_is_held_by_the_upper_end_of_the_band() -> None:
    sure, risky = option(4, 104.0, high=118.0), option(3, 110.0, high=125.0)
    assert count(choose(option(6, 100.0, high=110.0), [sure, risky], deadline(120))) == 4


def test_a_deadline_that_no_size_meets_is_impossible() -> None:
    found = choose(NOW, [LARGER], deadline(50))
    assert (found.decision, count(found)) == ("impossible", 8)
    assert "the fastest size that can be predicted, 8 executors, takes 90.0 s" in found.why


def test_small_savings_are_not_worth_a_change() -> None:
    assert choose(NOW, [option(5, 100.0, cost=600 * (1 - LEAST_SAVING * 0.9))], CHEAP).decision == "hold"
    assert choose(NOW, [option(5, 100.0, cost=600 * (1 - LEAST_SAVING * 1.1))], CHEAP).decision == "change"


def test_what_cannot_be_predicted_is_never_chosen_and_is_told() -> None:
    found = choose(NOW, [option(1, None)], CHEAP)
    assert found.decision == "hold"
    assert [refused.why for refused in found.refused] == ["it cannot be"]


def test_without_a_prediction_of_today_nothing_changes() -> None:
    found = choose(option(6, None), [option(1, 10.0)], CHEAP)
    assert (found.decision, found.why) == ("hold", "today's size cannot be predicted: it cannot be")


times = st.floats(1, 1e5)
options = st.lists(st.builds(option, st.integers(1, 50), times | st.none()), max_size=8)
objectives = st.one_of(
    st.none(), st.just(CHEAP), st.builds(deadline, times),
    st.builds(lambda share: Objective("max_slowdown", share, "x"), st.floats(0, 1)),
)  # fmt: skip


@given(st.builds(option, st.integers(1, 50), times), options, objectives)
def test_no_choice_passes_its_limit(now: Option, others: list[Option], objective: Objective | None) -> None:
    found = choose(now, others, objective)
    assert found.chosen is not None
    assert found.chosen.seconds is not None
    if found.decision != "change":
        return
    fastest = min(one.seconds for one in [now, *others] if one.seconds is not None)
    most = {
        None: now.seconds or 0, "min_cost": math.inf,
        "deadline": objective.value if objective else 0,
        "max_slowdown": fastest * (1 + (objective.value or 0)) if objective else 0,
    }[objective and objective.kind]  # fmt: skip
    assert found.chosen.seconds <= (most or 0) * 1.006


def test_no_slowdown_at_all_is_no_reason_to_chase_what_no_prediction_tells_apart() -> None:
    none = Objective("max_slowdown", 0.0, "--max-slowdown")
    assert choose(NOW, [option(8, 99.8)], none).decision == "hold"
    assert count(choose(NOW, [LARGER], none)) == 8


def test_where_nothing_else_can_be_predicted_the_reason_is_told() -> None:
    spilled = replace(option(4, None), why="the run spilled 5 MiB to disk")
    found = choose(NOW, [replace(option(1, None), why="too far"), spilled, replace(spilled)], TENTH)
    assert found.decision == "hold"
    assert found.why == "no other size than 6 executors can be predicted: the run spilled 5 MiB to disk"
    assert choose(NOW, [], TENTH).why == "there is no other size than 6 executors"
