"""The same policy on simulated load curves, beside the static maximum and Spark's own loop."""

from __future__ import annotations

from functools import lru_cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bench.streams.curves import CURVES
from bench.streams.scalers import Ours, Sparks, Static
from bench.streams.simulated import Outcome, Scaler, Simulation, Stream
from bench.streams.simulated_tables import FIXED_S, HOUR_S, PEAK, ROW_S, RULES, section
from sparkjobs.streaming.scaling.rules import Rules

# As the plan starts a stream.
START = 2


@lru_cache
def played(curve: str, policy: str, lost: bool = False) -> Outcome:
    stream = Stream(
        CURVES[curve](PEAK, HOUR_S), HOUR_S, RULES, FIXED_S, ROW_S, lost_at=(HOUR_S / 2,) if lost else ()
    )
    return Simulation(stream, scaler(policy, RULES)).run()


def scaler(policy: str, rules: Rules) -> Scaler:
    made: dict[str, Scaler] = {"ours": Ours(rules, START), "static": Static(rules), "spark": Sparks(rules)}
    return made[policy]


@pytest.mark.parametrize("curve", ["diurnal", "spike", "ramp", "sawtooth", "steady"])
def test_the_objective_is_kept_for_less(curve: str) -> None:
    ours, static = played(curve, "ours"), played(curve, "static")
    assert ours.latency(0.99) <= RULES.latency_s
    assert ours.executor_seconds < 0.8 * static.executor_seconds


def test_a_day_costs_at_most_65_hundredths_of_the_static_maximum() -> None:
    ours, static = played("diurnal", "ours"), played("diurnal", "static")
    assert ours.executor_seconds <= 0.65 * static.executor_seconds


@pytest.mark.parametrize(("told", "cost"), [(True, 0.65), (False, 0.75)])
def test_a_day_of_ten_minutes_that_begins_cold_and_whose_starts_are_dear_is_kept(
    told: bool, cost: float
) -> None:
    """As the bench plays it: two seconds of a batch are fixed, the first takes five times as long."""
    rules = Rules(trigger_s=5, latency_s=15, least=1, most=6, start_s=5)
    peak = (0.75 * 5 - 2.0) * rules.most / 0.02 / 5
    stream = Stream(
        CURVES["diurnal"](peak, 600.0), 600.0, rules, 2.0, 0.02,
        told=told, cold=4.0, tasks_s=0.5, start_costs_s=1.8,
    )  # fmt: skip
    ours, static = (Simulation(stream, scaler(policy, rules)).run() for policy in ("ours", "static"))
    assert ours.executor_seconds <= cost * static.executor_seconds
    assert ours.latency(0.99) <= rules.latency_s


def test_sparks_own_loop_grows_and_does_not_shrink() -> None:
    spark, static = played("diurnal", "spark"), played("diurnal", "static")
    assert spark.executor_seconds > 0.9 * static.executor_seconds
    assert spark.turns() == []


def test_a_spike_finds_executors_no_later_than_with_sparks_loop() -> None:
    # A trigger of 2 s: before the spike its tasks wait for less than a second, so it is as small as ours.
    rules = Rules(trigger_s=2, latency_s=4, least=1, most=6, start_s=2)
    peak = (1.5 - 0.2) * rules.most / ROW_S / rules.trigger_s
    stream = Stream(CURVES["spike"](peak, 600.0), 600.0, rules, 0.2, ROW_S)
    ours, spark = (Simulation(stream, scaler(policy, rules)).run() for policy in ("ours", "spark"))
    assert ours.latency(0.99) <= spark.latency(0.99)
    assert ours.latency(1) <= spark.latency(1)
    assert ours.most_rows <= spark.most_rows
    assert ours.executor_seconds <= spark.executor_seconds


def test_silence_gives_executors_back_and_its_end_takes_them_again() -> None:
    ours = played("silence", "ours")
    asked = dict(ours.targets)
    silent = [number for at, number in asked.items() if HOUR_S / 4 < at < 0.75 * HOUR_S]
    after = [number for at, number in asked.items() if 0.75 * HOUR_S < at < 0.75 * HOUR_S + 30]
    assert silent[-1] == RULES.least
    assert max(after) >= RULES.most - 1


def test_an_executor_that_is_lost_is_replaced_and_the_objective_is_kept() -> None:
    ours = played("steady", "ours", lost=True)
    assert ours.latency(0.99) <= RULES.latency_s
    assert len(ours.turns()) <= 2


@settings(max_examples=15, deadline=None)
@given(
    trigger=st.sampled_from([5, 10, 30]), latency=st.sampled_from([1.5, 2, 4]),
    start=st.sampled_from([1, 5, 20]), noise=st.sampled_from([0.02, 0.1, 0.2]),
    most=st.sampled_from([2, 6, 12]), load=st.floats(0.1, 0.95), fixed=st.floats(0, 0.4),
    seed=st.integers(0, 10**6),
)  # fmt: skip
def test_at_steady_load_the_direction_changes_at_most_twice_an_hour(
    trigger: float,
    latency: float,
    start: float,
    noise: float,
    most: int,
    load: float,
    fixed: float,
    seed: int,
) -> None:
    rules = Rules(trigger, trigger * latency, 1, most, start)
    rate = max(0.0, load - fixed) * rules.batch_s * most / ROW_S / trigger
    stream = Stream(lambda _: rate, 2 * HOUR_S, rules, fixed * rules.batch_s, ROW_S, noise, seed=seed)
    turns = Simulation(stream, Ours(rules)).run().turns()
    assert all(sum(at <= other < at + HOUR_S for other in turns) <= 2 for at in turns)


def test_the_published_table_has_a_row_for_each_load() -> None:
    assert [line.split()[1] for line in section().splitlines() if line.startswith("| ")][1:] == list(CURVES)
