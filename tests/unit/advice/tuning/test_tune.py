"""From runs to settings: change where it pays, hold where the evidence is thin, say what cannot be."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bench.replaying.made import MadeJob, MadeStage, made_model
from launcher.advice.allocation.allocation_settings import ENABLED, INSTANCES, MOST
from launcher.advice.prediction.refusals import reads_again
from launcher.advice.tuning.accuracy import Checked, distrust
from launcher.advice.tuning.advise import tune
from launcher.advice.tuning.candidates import GROWTH, Room, candidates
from launcher.advice.tuning.past import Past
from launcher.advice.tuning.sizing import Sizing
from launcher.records.history.trace import Lost
from launcher.spec.objective import Objective
from tests.unit.advice.tuning.made_runs import (
    bursty,
    narrow,
    past,
    past_of,
    settings,
    skewed,
    traced,
    wide,
    with_trace,
)
from tests.unit.advice.tuning.test_measured import took

ROOM = Room(100, "a hundred")
FIXED = Room(100, "a hundred", dynamic=False)
TENTH = Objective("max_slowdown", 0.10, "--max-slowdown")
GIB = 1 << 30


def test_executors_without_work_go() -> None:
    advice = tune([past(narrow())], FIXED)
    changed = {ENABLED: "false", INSTANCES: "2", "spark.cores.max": "2"}
    assert (advice.decision, settings(advice)) == ("change", changed)


def test_a_saturated_application_holds() -> None:
    advice = tune([past(wide(tasks=480))], ROOM)
    assert advice.decision == "hold"
    assert advice.chosen is advice.now


def test_idle_executors_come_and_go_where_the_driver_takes_long() -> None:
    advice = tune([past(bursty())], Room(6, "six"), TENTH)
    assert advice.decision == "change"
    assert advice.now is not None
    assert advice.chosen is not None
    assert (advice.chosen.executor_seconds or 0) < 0.7 * (advice.now.executor_seconds or 0)


def test_no_executor_waits_for_a_driver_that_makes_ready_first() -> None:
    late = made_model([MadeJob([MadeStage([1000] * 360)], gap_ms=60_000)])
    advice = tune([past(late)], Room(6, "six"), TENTH)
    assert advice.chosen is not None
    assert (advice.chosen.sizing.least, advice.chosen.sizing.initial) == (0, 0)


def test_what_spark_does_by_default_is_among_the_sizes() -> None:
    assert Sizing(6, 0, 0, None, None) in candidates(6, Room(6, "six", forgets_shuffles=False), 100)


def test_too_few_executors_become_more_but_twofold_at_most() -> None:
    advice = tune([past(wide(tasks=480), 3)], ROOM, TENTH)
    assert advice.decision == "change"
    assert advice.chosen is not None
    assert advice.chosen.sizing.most == 3 * GROWTH


def test_no_size_is_above_the_room() -> None:
    advice = tune([past(wide(tasks=480), 3)], Room(4, "four"), TENTH)
    assert advice.chosen is not None
    assert advice.chosen.sizing.most == 4
    assert all(sizing.most <= 4 for sizing in candidates(3, Room(4, "four"), 100))


def test_a_deadline_below_the_floor_is_impossible_and_says_the_floor() -> None:
    slow = made_model([MadeJob([MadeStage([30_000] + [1000] * 30)])])
    advice = tune([past(slow)], ROOM, Objective("deadline", 20.0, "--deadline"))
    assert (advice.decision, advice.changes) == ("impossible", ())
    assert "no number of executors goes below 30.0 s" in advice.why


def test_a_deadline_is_held_against_the_input_to_come_and_against_what_was_run() -> None:
    trace = traced(skewed(), 6)
    for stage in trace.stages:
        stage.tasks.read_rows[:] = type(stage.tasks.read_rows)("q", [1000] * len(stage.tasks))
    half = {"input_bytes": 5 * GIB}
    within = Objective("deadline", 45.0, "--deadline")
    assert tune([past_of(trace, listed_bytes=10 * GIB)], FIXED, within, **half).decision != "impossible"
    # The longest task of the newest run took 60 s; an earlier run was through in 52.
    ran = [took(past(skewed(), 6, "r2"), 61.0), took(past(skewed(), 4, "r1"), 52.0)]
    assert tune(ran, FIXED, Objective("deadline", 58.0, "--deadline")).decision != "impossible"


def test_what_a_profile_enforces_is_not_changed() -> None:
    held = tune([past(narrow())], FIXED, TENTH, settled={INSTANCES})
    assert (held.decision, held.changes) == ("hold", ())
    assert held.why == f"the profile enforces {INSTANCES}, which stands above what earlier runs tell"


@pytest.mark.parametrize(
    ("made", "why"),
    [
        (lambda: past(wide(), succeeded=False), "r1 did not succeed"),
        (lambda: past(wide(tasks=6, ms=100)), "r1 took 0.1 s with 6 tasks: too little to tell"),
        (lambda: with_trace(past(wide(tasks=480)), conf=None), "the log of r1 has lost its settings"),
        (lambda: with_trace(past(wide(tasks=480)), lost=Lost(cut=True)), "the log of r1 is cut"),
        (lambda: with_trace(past(wide(tasks=480)), end_ms=None), "the log of r1 is cut"),
        (lambda: with_trace(past(wide(tasks=480)), lost=Lost(lines=3)), "3 lines of the log of r1 are lost"),
        (lambda: with_trace(past(wide(tasks=480)), streams=True), "r1 is a stream: it takes as long as"),
    ],
)
def test_thin_evidence_holds(made, why) -> None:  # type: ignore[no-untyped-def]
    advice = tune([made()], ROOM, TENTH)
    assert (advice.decision, advice.evidence, advice.chosen) == ("hold", (), None)
    assert advice.why.startswith(why)


def test_no_run_holds() -> None:
    assert tune([], ROOM).why == "no earlier run tells anything"


def test_noise_holds() -> None:
    slow = past(made_model([MadeJob([MadeStage([500, 500])], gap_ms=20_000)] + [
        MadeJob([MadeStage([500, 500])], (place,), 300) for place in range(39)
    ]), name="r0")  # fmt: skip
    advice = tune([past(narrow()), slow], FIXED)
    assert advice.decision == "hold"
    assert "so no change could be told from chance" in advice.why


def test_a_failed_run_in_between_is_passed_over() -> None:
    advice = tune([past(wide(), name="r2", succeeded=False), past(narrow(), name="r1")], FIXED)
    assert [one.name for one in advice.evidence] == ["r1"]
    assert advice.decision == "change"


def test_predictions_that_missed_thrice_are_not_believed() -> None:
    missed = [Checked(f"r{n}", 100.0, 90.0, 110.0, 150.0) for n in range(3)]
    assert distrust(missed[:2]) == ""
    assert distrust([replace(missed[0], actual_s=100.0), *missed[1:]]) == ""
    advice = tune([past(narrow())], FIXED, distrust=distrust(missed))
    assert advice.decision == "hold"
    assert "outside their bands (-33%, -33%, -33%)" in advice.why


def test_other_input_scales_or_holds() -> None:
    trace = traced(wide(tasks=480), 6)
    known = past_of(trace, listed_bytes=GIB)
    far = tune([known], ROOM, TENTH, input_bytes=100 * GIB)
    assert (far.decision, "too far from what was seen" in far.why) == ("hold", True)
    rowless = tune([known], ROOM, TENTH, input_bytes=2 * GIB)
    assert (rowless.decision, "tells no rows" in rowless.why) == ("hold", True)
    for stage in trace.stages:
        for row in range(len(stage.tasks)):
            stage.tasks.read_rows[row], stage.tasks.read_bytes[row] = 1000, 1 << 20
    twice = tune([past_of(trace, listed_bytes=GIB)], ROOM, TENTH, input_bytes=2 * GIB)
    once = tune([past_of(trace, listed_bytes=GIB)], ROOM, TENTH, input_bytes=GIB)
    assert twice.now is not None
    assert once.now is not None
    assert twice.now.seconds == pytest.approx(2 * (once.now.seconds or 0), rel=0.05)
    assert "the input changes from 1 GiB to 2 GiB" in twice.why


def test_today_may_be_another_size_than_the_newest_run_had() -> None:
    advice = tune([past(narrow(), 6)], FIXED, today=Sizing(2))
    assert advice.decision == "hold"


def test_shuffles_that_are_read_again_keep_their_executors() -> None:
    trace = traced(bursty(), 6)
    # What Spark skips it gives an id of its own, which no stage that ran has.
    first, *later = trace.jobs
    skipping = [replace(job, stages=(1000 + place, *job.stages)) for place, job in enumerate(later)]
    again = replace(trace, jobs=(first, *skipping))
    assert (reads_again(trace), reads_again(again)) == (False, True)
    advice = tune([past_of(again)], ROOM, TENTH)
    assert not any("shuffleTracking.timeout" in change.key for change in advice.changes)


def test_sizes_are_within_what_may_be_played() -> None:
    many = candidates(200, ROOM, tasks=1)
    few = candidates(200, ROOM, tasks=10**9)
    assert len(few) == 8 < len(many)
    assert few[-1].most == many[-1].most == 100


def test_bounds_that_are_used_are_in_the_settings() -> None:
    assert Sizing(4, 1, 4, 5, 5).settings[MOST] == "4"
    assert Sizing(4, 1, 4, 5, 5).text == "1 to 4 executors, 4 at the start, idle ones go after 5 s"


def test_a_deadline_that_growth_may_meet_is_not_impossible() -> None:
    within = Objective("deadline", 30.0, "--deadline")
    found = tune([past(wide(tasks=480), 6)], ROOM, within)
    assert (found.decision, settings(found)[INSTANCES]) == ("change", "12")
    assert "takes 40.0 s; a size at most doubles from run to run" in found.why
    # 480 s of work take 5 s on all of a hundred executors, and 40 s on twelve
    for room, seconds in ((ROOM, 4.0), (Room(12, "twelve"), 30.0)):
        never = tune([past(wide(tasks=480), 6)], room, Objective("deadline", seconds, "--deadline"))
        assert (never.decision, never.changes) == ("impossible", ())
    assert "there are 12 executors at most, and no number of executors goes below 1.0 s" in never.why


def test_without_an_objective_nothing_is_impossible() -> None:
    found = tune([past(wide(tasks=480), 6)], Room(4, "four", dynamic=False))
    assert (found.decision, settings(found)[INSTANCES]) == ("change", "4")
    assert "there is room for 4 executors" in found.why


def sized(found: Past, room: Room = FIXED) -> dict[str, str | None]:
    return settings(tune([found], room, TENTH))


def test_a_standalone_master_counts_cores() -> None:
    assert sized(past(narrow()))["spark.cores.max"] == "2"
    on_yarn = with_trace(past(narrow()), conf={"spark.master": "yarn"})
    assert "spark.cores.max" not in sized(on_yarn)


def test_dynamic_allocation_is_advised_where_spark_does_it() -> None:
    def found(spark: str, **conf: str) -> dict[str, str | None]:
        given = {key.replace("_", "."): value for key, value in conf.items()}
        return sized(
            with_trace(past(bursty()), spark=spark, conf={"spark.master": "yarn", **given}), Room(6, "six")
        )

    tracking = "spark.dynamicAllocation.shuffleTracking.enabled"
    assert found("3.1.2")[ENABLED] == found("3.5.0")[ENABLED] == "true"
    assert (found("3.1.2").get(tracking), found("3.5.0").get(tracking)) == ("true", None)
    assert tracking not in found("3.1.2", spark_shuffle_service_enabled="true")
    # Spark 2 keeps shuffles in a service alone
    assert found("2.4.8").get(ENABLED) != "true"
    assert found("2.4.8", spark_shuffle_service_enabled="true")[ENABLED] == "true"
