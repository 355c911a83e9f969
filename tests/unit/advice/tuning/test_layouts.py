"""Other cores of an executor, other partitions: compared where they were run, from their own runs."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bench.replaying.made import executors
from bench.replaying.recorder import Recorder
from launcher.advice.replay.model import Model
from launcher.advice.tuning.advise import tune
from launcher.advice.tuning.candidates import Room
from launcher.advice.tuning.other_layout import OtherLayout
from launcher.advice.tuning.past import Past
from launcher.advice.tuning.sizing import Sizing
from launcher.records.history.trace import Ended
from launcher.spec.cluster import Price
from launcher.spec.objective import Objective
from tests.unit.advice.tuning.made_runs import CONF, bursty, past, past_of, settings, wide
from tests.unit.advice.tuning.test_measured import took

CORES, PARTITIONS = "spark.executor.cores", "spark.sql.shuffle.partitions"
SIX, THREE = Room(6, "six", dynamic=False), Room(3, "three", dynamic=False)
TENTH = Objective("max_slowdown", 0.10, "--max-slowdown")
CHEAPEST = Objective("min_cost", None, "--min-cost")


def of_two_cores(count: int = 3, seconds: float | None = None, model: Model | None = None) -> Past:
    """A run on executors of two cores with twice the memory."""
    conf = {**CONF, CORES: "2", "spark.executor.memory": "8g"}
    found = past_of(Recorder(model or wide(tasks=480), executors(count, 2)).record(conf), "two")
    return found if seconds is None else took(found, seconds)


def cut(partitions: str, seconds: float, count: int = 6) -> Past:
    """A run with partitions that somebody set."""
    model = wide(tasks=480)
    trace = Recorder(model, executors(count)).record({**CONF, PARTITIONS: partitions})
    return took(past_of(trace, f"cut-{partitions}", partitions=((PARTITIONS, partitions),)), seconds)


def own(seconds: float = 80.0) -> Past:
    return took(past(wide(tasks=480), 6, "own"), seconds)


def test_partitions_that_were_quicker_are_taken_with_what_they_were() -> None:
    faster = OtherLayout((cut("480", 60.0),), SIX)
    advice = tune([own()], SIX, TENTH, others=[faster])
    assert advice.decision == "change"
    assert settings(advice)[PARTITIONS] == "480"
    assert [one.name for one in advice.evidence] == ["own", "cut-480"]
    assert "480) instead of" in advice.why


def test_partitions_that_were_slower_are_refused_with_their_time() -> None:
    slower = OtherLayout((cut("12", 120.0),), SIX)
    advice = tune([own()], SIX, TENTH, others=[slower])
    assert PARTITIONS not in settings(advice)
    assert advice.chosen is not None
    assert advice.chosen.sizing.layout is None


def test_without_an_objective_nothing_slower_is_taken() -> None:
    advice = tune([own()], SIX, None, others=[OtherLayout((cut("480", 81.0),), SIX)])
    assert PARTITIONS not in settings(advice)


def test_executors_of_more_cores_bring_their_memory_and_their_total() -> None:
    advice = tune([own()], SIX, TENTH, others=[OtherLayout((of_two_cores(3, 40.0),), THREE)])
    assert (advice.decision, settings(advice)) == (
        "change",
        {
            "spark.dynamicAllocation.enabled": "false", "spark.executor.instances": "3",
            "spark.cores.max": "6", CORES: "2", "spark.executor.memory": "8g",
        },
    )  # fmt: skip


@pytest.mark.parametrize("price", [None, Price(core_hour=1.0)])
@pytest.mark.parametrize(("seconds", "taken"), [(80.0, False), (60.0, True)])
def test_an_executor_of_two_cores_is_not_half_the_price(
    price: Price | None, seconds: float, taken: bool
) -> None:
    # With half the executors: as many cores, for as long or for less.
    advice = tune([own()], SIX, CHEAPEST, price, others=[OtherLayout((of_two_cores(3, seconds),), THREE)])
    assert (CORES in settings(advice)) is taken
    assert ("one of its executors counts 2 times" in advice.why) is (taken and price is None)


def test_the_answer_keeps_its_cost_in_executor_seconds() -> None:
    advice = tune([own()], SIX, TENTH, others=[OtherLayout((of_two_cores(3, 40.0),), THREE)])
    assert advice.chosen is not None
    assert advice.chosen.cost == advice.chosen.executor_seconds == 120.0


def refused(other: OtherLayout, **given: object) -> str:
    advice = tune([own()], SIX, TENTH, others=[other], **given)  # type: ignore[arg-type]
    assert advice.chosen is not None
    assert advice.chosen.sizing.layout is None
    assert [one.name for one in advice.evidence] == ["own"]
    (why,) = (one.why for one in advice.refused if one.option.sizing.layout == other.layout)
    return why


def test_what_does_not_count_is_refused_with_the_reason() -> None:
    quick = of_two_cores(3, 40.0)
    assert refused(OtherLayout((replace(quick, succeeded=False),), THREE)).startswith("two did not succeed")
    assert refused(OtherLayout((quick,), None, "no room for executors of 2 cores")) == (
        "no room for executors of 2 cores"
    )
    apart = OtherLayout((quick, took(quick, 60.0)), THREE)
    assert "50% apart" in refused(apart)
    more = of_two_cores(3, 40.0)
    more.basis.trace.stages[0].tasks.read_bytes[0] = 1 << 30
    assert refused(OtherLayout((more,), THREE)) == "two with 2 cores an executor read 1 GiB, own 0 B"


def test_a_layout_that_ran_out_of_memory_with_few_executors_is_not_taken_smaller() -> None:
    died = of_two_cores(2)
    died.basis.trace.stages[0].tasks.ended[0] = int(Ended.FAILED)
    dead = replace(died, succeeded=False)
    advice = tune([own()], SIX, CHEAPEST, others=[OtherLayout((of_two_cores(3, 30.0), dead), THREE)])
    assert advice.chosen is not None
    assert (advice.chosen.sizing.most, advice.chosen.sizing.layout is None) == (3, False)


def test_a_deadline_that_todays_layout_cannot_meet_may_be_met_by_another() -> None:
    one_long = wide(tasks=8, ms=60_000)
    today = past(one_long, 6, "own")
    finer = OtherLayout((cut("480", 30.0),), SIX)
    deadline = Objective("deadline", 50.0, "--deadline")
    assert tune([today], SIX, deadline).decision == "impossible"
    met = tune([today], SIX, deadline, others=[finer])
    assert (met.decision, settings(met)[PARTITIONS]) == ("change", "480")


def test_what_nobody_set_is_no_setting_to_make() -> None:
    """The plan computes it again, by the input."""
    size = "spark.sql.files.maxPartitionBytes"
    computed = {PARTITIONS: "240", size: "64m"}
    two = of_two_cores(3, 40.0)
    two = replace(
        two, basis=replace(two.basis, trace=replace(two.basis.trace, conf={**two.basis.conf, **computed}))
    )
    changed = settings(tune([own()], SIX, TENTH, others=[OtherLayout((two,), THREE)]))
    assert CORES in changed
    assert not changed.keys() & computed.keys()


def test_a_size_says_its_layout() -> None:
    other = cut("480", 60.0)
    assert Sizing(3, layout=other.layout).text == (
        "3 executors (1 core an executor, spark.sql.shuffle.partitions=480)"
    )


def test_a_trial_that_is_quicker_does_not_stop_a_job_from_growing_to_its_deadline() -> None:
    today = took(past(wide(tasks=480), 2, "own"), 240.0)
    deadline, room = Objective("deadline", 60.0, "--deadline"), Room(64, "room", dynamic=False)
    alone = tune([today], room, deadline)
    beside = tune([today], room, deadline, others=[OtherLayout((cut("480", 230.0, 2),), room)])
    assert alone.decision == beside.decision == "change"
    assert settings(alone) == settings(beside)


def test_what_is_impossible_is_told_by_the_bounds_of_the_layout_that_is_named() -> None:
    today = past(wide(tasks=8, ms=60_000), 6, "own")
    finer = OtherLayout((cut("480", 30.0),), SIX)
    why = tune([today], SIX, Objective("deadline", 5.0, "--deadline"), others=[finer]).why
    assert "(1 core an executor, spark.sql.shuffle.partitions=480), takes" in why
    assert "below 60.0 s" not in why


def test_runs_that_do_not_count_take_nothing_from_the_search() -> None:
    dead = OtherLayout((replace(cut("480", 60.0), succeeded=False),), SIX)
    alone, beside = (
        tune([past(bursty(), 6)], Room(6, "six"), TENTH, most_tasks=300_000, others=others)
        for others in ([], [dead, dead, dead])
    )
    assert (alone.decision, settings(alone)) == (beside.decision, settings(beside))
