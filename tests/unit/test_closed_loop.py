"""The tables of the closed loop: what counts, what is void, what is published of it."""

from __future__ import annotations

from typing import Any

import pytest

from bench.closed_loop.steps import APPLICATIONS, MOST, ROUNDS, SEEN, SIZES, Step, flags, steps
from bench.closed_loop.tables import document, loops, pairs, section


def run(seconds: float, held: float, busy: float = 0.3, **more: Any) -> dict[str, Any]:
    return {
        "seconds": seconds, "executor_seconds": held, "cpu_share": busy, "size": {"a": "1"},
        "forecast": None, **more,
    }  # fmt: skip


def case(size: int, seconds: float | None) -> dict[str, Any]:
    band = (None, None) if seconds is None else (seconds * 0.9, seconds * 1.1)
    why = None if seconds is not None else "nobody knows"
    return {"executors": size, "seconds": seconds, "low": band[0], "high": band[1], "why": why}


def runs() -> dict[str, Any]:
    name = APPLICATIONS[0]
    predicted = [case(1, 100.0), case(2, 50.0), case(3, 40.0), case(4, None)]
    found = {f"{name} seen {SEEN}": run(40, 120, predicted=predicted)}
    found |= {f"{name} fixed {size}": run(100 / size, 100) for size in SIZES}
    found[f"{name} fixed 3"] = run(30, 100, busy=0.9)
    found[f"{name} fixed {MOST}"] = run(20, 120)
    found[f"{name} spark 0"] = run(30, 100)
    found |= {f"{name} loop {n + 1}": run(21, 60) for n in range(ROUNDS)}
    return found


def test_a_prediction_is_held_against_what_came_but_for_void_runs() -> None:
    found = pairs(runs())
    assert [(pair.size, pair.inside) for pair in found] == [(1, True), (2, True), (4, False)]
    assert [pair.error for pair in found] == [0, 0, None]
    whole = document(runs())
    assert (whole["pairs"], whole["predicted"], whole["inside"]) == (3, 2, 2)
    assert whole["void"] == [f"{APPLICATIONS[0]} fixed 3"]


def test_the_last_two_rounds_count_beside_the_largest_size_and_sparks_own() -> None:
    (found,) = loops(runs())
    assert (found.seconds, found.executor_seconds, found.settled) == (21, 60, True)
    assert document(runs())["executor_seconds_over_static"] == 0.5
    assert document(runs())["executor_seconds_over_spark"] == pytest.approx(0.6)
    other = {**runs(), f"{APPLICATIONS[0]} loop {ROUNDS}": run(21, 60, size={"a": "2"})}
    assert not loops(other)[0].settled


def test_an_unfinished_loop_is_left_out() -> None:
    unfinished = {key: value for key, value in runs().items() if key != f"{APPLICATIONS[0]} loop {ROUNDS}"}
    assert loops(unfinished) == []
    assert "Five runs" not in section(unfinished)
    assert "2 of 2 inside the 80 % band" in section(unfinished)


def test_what_was_not_run_is_said() -> None:
    assert f"Not run yet: {', '.join(APPLICATIONS[1:])}." in section(runs())
    all_of_them = {f"{name} fixed 1": run(100, 100) for name in APPLICATIONS}
    assert "Not run yet" not in section(all_of_them)


def test_misses_are_shown() -> None:
    missed = {**runs(), f"{APPLICATIONS[0]} fixed 1": run(200, 100)}
    assert "100.0 / 200.0 *" in section(missed)


def test_every_step_has_a_key_of_its_own_and_flags_that_say_what_it_is() -> None:
    keys = [step.key for step in steps()]
    assert len(set(keys)) == len(keys) == len(APPLICATIONS) * (1 + len(SIZES) + 1 + ROUNDS)
    assert flags(Step("bursty", "fixed", 4)) == ("--no-history", "--num-executors", "4")
    assert flags(Step("bursty", "loop", 2)) == ("--max-slowdown", "10%")
    assert {step.application for step in steps(cut=True)} < set(APPLICATIONS)
