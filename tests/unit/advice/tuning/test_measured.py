"""Sizes that were run need no prediction, and correct those of others."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest

from launcher.advice.tuning.advise import tune
from launcher.advice.tuning.candidates import Room
from launcher.advice.tuning.choose import Option
from launcher.advice.tuning.measured import Correction, corrected, corrections, measured
from launcher.advice.tuning.past import Past, alike
from launcher.advice.tuning.sizing import Sizing
from launcher.records.history.trace import Ended
from launcher.spec.objective import Objective
from tests.unit.advice.tuning.made_runs import past, past_of, traced, wide

SIX = Room(6, "six", dynamic=False)
TENTH = Objective("max_slowdown", 0.10, "--max-slowdown")


def took(found: Past, seconds: float) -> Past:
    """The same run as if it had taken another time."""
    basis = found.basis
    model = replace(basis.model, recorded_ms=round(seconds * 1000))
    lives = [replace(life, removed_ms=life.added_ms + seconds * 1000) for life in basis.replay.lives]
    end = basis.replay.start_ms + seconds * 1000
    replay = replace(basis.replay, lives=lives, end_ms=end)
    return replace(found, basis=replace(basis, model=model, replay=replay))


def run(count: int, seconds: float, name: str) -> Past:
    return took(past(wide(tasks=480), count, name), seconds)


def test_runs_of_one_size_count_as_their_median() -> None:
    found = measured([run(6, 80.0, "r3"), run(6, 90.0, "r2"), run(4, 130.0, "r1")], None)
    assert {size.most: (one.seconds, one.measured_runs) for size, one in found.items()} == {
        6: (85.0, 2), 4: (130.0, 1),
    }  # fmt: skip


def test_what_no_task_tells_of_the_input_the_listing_does() -> None:
    one, other = (past(wide(), listed_bytes=size) for size in (1 << 30, 10 << 30))
    assert (alike(one, one), alike(one, other)) == (True, False)
    assert alike(one, past(wide()))  # nobody knows


def test_what_was_read_in_vain_is_no_input() -> None:
    trace = traced(wide(tasks=480), 6)
    tasks = trace.stages[0].tasks
    tasks.read_bytes[:] = type(tasks.read_bytes)("q", [100] * len(tasks))
    again = past_of(trace)
    assert again.input_bytes == 48_000
    tasks.ended[0] = int(Ended.FAILED)
    assert replace(again).input_bytes == 47_900


def test_other_input_is_another_measure() -> None:
    trace = traced(wide(tasks=480), 4)
    trace.stages[0].tasks.read_bytes[0] = 1 << 30
    found = measured([run(6, 80.0, "r2"), past_of(trace, "r1")], None)
    assert [size.most for size in found] == [6]


def test_what_was_measured_goes_before_what_is_predicted() -> None:
    # At four executors 120 s are predicted from the run at six; it took 84.
    advice = tune([run(6, 80.0, "r2"), run(4, 84.0, "r1")], SIX, TENTH)
    assert advice.decision == "change"
    assert advice.chosen is not None
    assert (advice.chosen.sizing, advice.chosen.seconds, advice.chosen.measured_runs) == (Sizing(4), 84.0, 1)
    assert "84.0 s as measured instead of 80.0 s as measured" in advice.why


def test_a_measured_size_corrects_its_neighbours() -> None:
    # 160 s would be predicted with three; four took .7 of what was predicted.
    advice = tune([run(6, 80.0, "r2"), run(4, 84.0, "r1")], SIX, Objective("deadline", 70.0, "--deadline"))
    times = {refused.option.sizing.most: refused.option.seconds for refused in advice.refused}
    assert times[3] is not None
    assert 160 * 84 / 120 < times[3] < 160 * 3 / 4


def test_a_correction_is_that_of_what_behaves_alike() -> None:
    slow, quick = Correction(20.0, 40.0, 2.0, 3.0), Correction(10.0, 80.0, 1.0, 1.0)

    def seconds(sizing: Sizing, predicted: float, held: float, *known: Correction) -> float:
        found = corrected(Option(sizing, predicted, executor_seconds=held), known).seconds
        assert found is not None
        return found / predicted

    # Eight executors, and one to eight of which none ever idles, are one thing.
    assert seconds(Sizing(8, 1, 8), 10.0, 80.0, slow, quick) == pytest.approx(1.0, abs=0.001)
    assert seconds(Sizing(2), 20.0, 40.0, slow, quick) == pytest.approx(2.0, abs=0.001)
    # As far from the one as from the other; nearer to the slow one; for want of another.
    assert seconds(Sizing(4), math.sqrt(200), math.sqrt(3200), slow, quick) == pytest.approx(1.5)
    assert 1.5 < seconds(Sizing(3), 16.0, 48.0, slow, quick) < 2.0
    assert seconds(Sizing(1), 40.0, 40.0, slow) == 2.0


def test_a_correction_is_one_of_all_numbers() -> None:
    known = [Correction(10.0, 60.0, 1.5, 2.0)]
    whole = corrected(Option(Sizing(4), 10.0, 9.0, 11.0, 60.0, 6.0), known)
    assert (whole.low, whole.high, whole.executor_seconds, whole.cost) == (13.5, 16.5, 120, 12)
    unknown = Option(Sizing(6), None, why="nobody knows")
    assert corrected(unknown, known) == unknown


def test_a_size_that_reads_otherwise_and_is_the_same_is_no_way_out() -> None:
    # Six executors took longer than was predicted: so will one to six that start with six and never idle.
    slower = tune([run(6, 100.0, "r2"), run(4, 125.0, "r1")], Room(6, "six"), TENTH)
    assert slower.decision == "hold"


def test_sizes_without_a_prediction_correct_nothing() -> None:
    one = Option(Sizing(4), 84.0, executor_seconds=336.0)
    assert corrections({Sizing(4): one}, {Sizing(4): Option(Sizing(4), None)}) == ()
    assert corrections({Sizing(4): one}, {}) == ()
