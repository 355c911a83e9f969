"""Replays whose answer is worked out by hand."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bench.replaying.hand_cases import CASES, HandCase
from bench.replaying.made import MadeJob, MadeStage, executors, made_model
from launcher.advice.replay.conversion import Conversion
from launcher.advice.replay.model import Lease, Model
from launcher.advice.replay.outcome import Outcome
from launcher.advice.replay.player import Player


def play(model: Model, leases: list[Lease]) -> Outcome:
    outcome = Player(model, leases).play()
    assert outcome.finished
    return outcome


def one_stage(*durations: float) -> Model:
    return made_model([MadeJob([MadeStage(durations)])])


@pytest.mark.parametrize(("count", "end"), [(1, 400), (2, 200), (3, 200), (4, 100), (9, 100)])
def test_waves(count: int, end: int) -> None:
    assert play(one_stage(100, 100, 100, 100), executors(count)).end_ms == end


def test_one_slow_task_is_a_floor() -> None:
    model = one_stage(1000, 100, 100, 100, 100)
    assert [play(model, executors(count)).end_ms for count in (1, 2, 5)] == [1400, 1000, 1000]


def test_a_slow_task_that_comes_last_stands_alone() -> None:
    assert play(one_stage(100, 100, 100, 100, 1000), executors(2)).end_ms == 1200


def test_two_stages_that_queue_behind_each_other() -> None:
    """The first job's stage holds all slots; with more of them nothing waits, whatever the log showed."""
    model = made_model([MadeJob([MadeStage([100] * 4)]), MadeJob([MadeStage([100] * 4)])])
    ends = {count: play(model, executors(count)).job_ends for count in (4, 8)}
    assert ends == {4: [100, 200], 8: [100, 100]}


def test_stages_follow_their_parents_and_join() -> None:
    stages = [
        MadeStage([100]),
        MadeStage([300]),
        MadeStage([50], parents=(0, 1)),
        MadeStage([10], parents=(2,)),
    ]
    assert play(made_model([MadeJob(stages)]), executors(2)).end_ms == 360


def test_driver_gaps_and_the_tail_stay() -> None:
    jobs = [
        MadeJob([MadeStage([100] * 4)], gap_ms=500),
        MadeJob([MadeStage([100] * 4)], after=(0,), gap_ms=1000),
    ]
    model = made_model(jobs, tail_ms=70)
    assert [play(model, executors(count)).end_ms for count in (1, 2, 4)] == [2370, 1970, 1770]


def test_delays_of_a_stage_are_added() -> None:
    model = made_model([MadeJob([MadeStage([100], submit_ms=7, launch_ms=20)])])
    assert play(model, executors(1)).end_ms == 127


def test_an_executor_that_comes_late() -> None:
    leases = [*executors(1), Lease(0, 1, added_ms=150, ready_ms=250)]
    outcome = play(one_stage(*[100] * 6), leases)
    assert outcome.end_ms == 450
    assert outcome.executor_seconds == pytest.approx(0.45 + 0.30)


def test_an_executor_that_takes_no_more_ends_what_it_runs() -> None:
    leases = [Lease(0, 1, 0, 0), Lease(0, 1, 0, 0, closed_ms=50, removed_ms=200)]
    outcome = play(one_stage(*[100] * 4), leases)
    assert outcome.end_ms == 300
    assert outcome.executor_seconds == pytest.approx(0.5)


def test_a_failed_executor_loses_what_runs_on_it() -> None:
    """It dies at 150 and that is noticed at 400: its second task begins anew then."""
    leases = [Lease(0, 1, 0, 0), Lease(0, 1, 0, 0, closed_ms=150, removed_ms=400, lost=True)]
    outcome = play(one_stage(*[100] * 4), leases)
    assert outcome.end_ms == 500
    assert outcome.launches == 5


def test_a_task_that_failed_runs_again() -> None:
    model = made_model([MadeJob([MadeStage([40, 100, 100], retries={0: (100,)})])])
    assert [play(model, executors(count)).end_ms for count in (1, 3)] == [340, 140]


def test_two_jobs_at_once_share_the_slots_in_the_order_of_their_numbers() -> None:
    model = made_model([MadeJob([MadeStage([100] * 3)]), MadeJob([MadeStage([100] * 3)])])
    assert play(model, executors(2)).job_ends == [200, 300]


def test_pools_share_the_slots_and_in_one_the_first_stage_takes_all() -> None:
    """Six slots, for a second those of the first pool alone; then three of them for 20 tasks of the other."""
    both = MadeJob([MadeStage([1000] * 20), MadeStage([1000] * 20)])
    model = replace(made_model([both, MadeJob([MadeStage([1000] * 20)])]), fair=True, pools=(0, 1))
    assert play(model, executors(6)).job_ends == [10_000, 8000]


def test_tasks_that_were_lost_run_no_more_for_fairness() -> None:
    jobs = [MadeJob([MadeStage([1000] * 40)]), MadeJob([MadeStage([1000] * 40)])]
    lost = Lease(0, 8, 0, 0, closed_ms=500, removed_ms=600, lost=True)
    ends = play(replace(made_model(jobs), fair=True), [Lease(0, 2, 0, 0), lost]).job_ends
    assert [end >= 39_000 for end in ends if end is not None] == [True, True]


def test_two_jobs_at_once_that_share_fairly() -> None:
    model = made_model([MadeJob([MadeStage([100] * 4)]), MadeJob([MadeStage([100] * 4)], gap_ms=50)])
    assert play(model, executors(2)).job_ends == [200, 400]
    assert play(replace(model, fair=True), executors(2)).job_ends == [300, 400]


def test_tasks_run_on_executors_of_their_profile_alone() -> None:
    stages = [MadeStage([100] * 4), MadeStage([100] * 4, profile=1)]
    model = made_model([MadeJob(stages)], slots={0: 4, 1: 1})
    leases = [*executors(1, 4), *executors(2, 1, profile=1)]
    assert play(model, leases).end_ms == 200


def test_a_stage_without_an_executor_of_its_profile_never_ends() -> None:
    model = made_model([MadeJob([MadeStage([100], profile=1)])])
    assert not Player(model, executors(1)).play().finished


def test_a_new_stage_is_spread_one_task_an_executor_a_round() -> None:
    """Four tasks on two executors of four slots: two each, so that the loss of one loses two."""
    leases = [Lease(0, 4, 0, 0), Lease(0, 4, 0, 0, closed_ms=50, removed_ms=60, lost=True)]
    outcome = play(one_stage(*[100] * 4), leases)
    assert (outcome.launches, outcome.end_ms) == (6, 160)


def test_the_gap_between_two_tasks_of_a_slot_may_be_negative() -> None:
    model = one_stage(100, 100, 100)
    assert play(replace(model, slot_gap_ms=5), executors(1)).end_ms == 310
    assert play(replace(model, slot_gap_ms=-5), executors(1)).end_ms == 290


def test_the_class_of_the_slot_changes_a_duration() -> None:
    """Recorded in fresh slots, which cost 60 ms more than warm ones; at least a quarter stays."""
    warmer = [Conversion(shifts=(0, -40, -60, 40, 0, -20, 60, 20, 0), factors=(1, 1, 2))]
    assert Player(one_stage(100, 100), executors(1), warmer).play().end_ms == 100 + 2 * 40
    assert Player(one_stage(100, 60), executors(1), warmer).play().end_ms == 100 + 2 * 15
    assert Player(one_stage(100, 100), executors(2), warmer).play().end_ms == 100


def test_idle_share_and_peak() -> None:
    outcome = play(one_stage(100, 100, 100), [Lease(0, 2, 0, 0), Lease(0, 2, 0, 0)])
    assert outcome.idle_share == pytest.approx(0.25)
    assert outcome.peak == 2


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_what_is_recorded_at_one_size_answers_for_another(case: HandCase) -> None:
    """Through a trace: what the log shows of one size is taken apart and played at the other."""
    assert case.found_ms() == case.answer_ms
