"""Dynamic allocation in a replay: executors that come, idle, hold data and go, worked out by hand."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bench.replaying.made import MadeJob, MadeStage, made_model
from launcher.advice.allocation.allocation_settings import AllocationSettings
from launcher.advice.allocation.elastic_player import ClusterHabits, ElasticPlayer
from launcher.advice.replay.model import Model
from launcher.advice.replay.outcome import Outcome

SETTINGS = AllocationSettings(least=0, most=10, idle_ms=5000)
HABITS = ClusterHabits(first_ms=(0.0,), start_ms=(1000.0,), removal_ms=(0.0,))


def play(model: Model, settings: AllocationSettings = SETTINGS, habits: ClusterHabits = HABITS) -> Outcome:
    outcome = ElasticPlayer(model, settings, habits).play()
    assert outcome.finished
    return outcome


def spans(outcome: Outcome) -> list[tuple[float, float]]:
    return [(life.added_ms, life.removed_ms) for life in outcome.lives]


def one_job(*durations: float, tail_ms: int = 0) -> Model:
    return made_model([MadeJob([MadeStage(durations)])], tail_ms=tail_ms)


def two_bursts(gap_ms: int, *, group: int | None = None, **stage: bool) -> Model:
    """A task of 1 s, a pause of the driver, another one."""
    jobs = [MadeJob([MadeStage([1000], **stage)], group=group)]
    jobs.append(MadeJob([MadeStage([1000])], after=(0,), gap_ms=gap_ms, group=group))
    return made_model(jobs)


def test_executors_come_after_the_backlog_timeout_and_their_start() -> None:
    """Asked for at 1 s, 2 s and 3 s: 1, 2 and 1 of the 4 that 4 tasks need."""
    outcome = play(one_job(*[10_000] * 4))
    assert [added for added, _ in spans(outcome)] == [2000, 3000, 3000, 4000]
    assert outcome.end_ms == 14_000


def test_initial_executors_are_there_without_a_request() -> None:
    outcome = play(one_job(*[1000] * 4), replace(SETTINGS, initial=2, least=2))
    assert spans(outcome) == [(0, 2000), (0, 2000)]


def test_the_start_of_the_cluster_counts_before_the_first_task() -> None:
    habits = replace(HABITS, first_ms=(700.0, 900.0), ready_ms=50.0)
    outcome = play(one_job(1000, 1000), replace(SETTINGS, initial=2), habits)
    assert (outcome.end_ms, spans(outcome)) == (1950, [(700, 1950), (900, 1950)])


def test_idle_executors_go_and_cost_until_they_are_removed() -> None:
    habits = replace(HABITS, removal_ms=(3000.0,))
    outcome = play(two_bursts(20_000), habits=habits)
    # The first: added 2 s, idle from 3 s, told to go at 8 s, removed at 11 s. The second: asked for at 24 s.
    assert spans(outcome) == [(2000, 11_000), (25_000, 26_000)]


def test_an_executor_told_to_go_takes_no_task_though_it_is_still_there() -> None:
    """The second burst comes at 9 s, between the order at 8 s and the removal at 18 s."""
    outcome = play(two_bursts(6000), habits=replace(HABITS, removal_ms=(10_000.0,)))
    assert outcome.end_ms == 9000 + 1000 + 1000 + 1000
    # It counts as known: the target is raised to 2, and the needed 1 clamps it.
    assert spans(outcome) == [(2000, 12_000), (11_000, 12_000)]


def test_an_executor_that_idles_less_than_the_timeout_stays() -> None:
    assert spans(play(two_bursts(4000))) == [(2000, 8000)]


def test_the_least_stay_however_long_they_idle() -> None:
    assert spans(play(two_bursts(60_000), replace(SETTINGS, least=1, initial=1))) == [(0, 62_000)]


def test_the_loop_goes_on_after_the_last_job() -> None:
    assert spans(play(one_job(1000, tail_ms=30_000))) == [(2000, 8000)]


@pytest.mark.parametrize(("timeout_ms", "removed_ms"), [(float("inf"), 64_000), (10_000, 13_000)])
def test_cached_blocks_keep_an_executor_for_their_own_timeout(timeout_ms: float, removed_ms: float) -> None:
    outcome = play(two_bursts(60_000, caches=True), replace(SETTINGS, cached_idle_ms=timeout_ms))
    assert spans(outcome)[0] == (2000, removed_ms)


def test_shuffle_data_keeps_an_executor_while_its_job_goes_on_and_then_for_its_timeout() -> None:
    """Adaptive execution makes a query of several jobs: what keeps the data is one of them."""
    tracking = replace(SETTINGS, tracking=True, tracking_ms=7000)
    for group in (None, 0):
        model = two_bursts(60_000, group=group, writes_shuffle=True)
        for reads in (True, False):
            jobs = (model.jobs[0], replace(model.jobs[1], reads=reads))
            gone = play(replace(model, jobs=jobs), tracking)
            assert spans(gone)[0] == (2000, 10_000)
            assert gone.let_shuffle_go is reads
    long = made_model([MadeJob([MadeStage([1000, 30_000], writes_shuffle=True)])], tail_ms=60_000)
    ended = play(long, tracking)
    assert max(removed for _, removed in spans(ended)) == 33_000 + 7000
    assert not ended.let_shuffle_go


def test_shuffle_data_that_a_running_job_reads_keeps_its_executor() -> None:
    """A query of two jobs: four tasks write, one long one reads; the idle timeout is over meanwhile."""
    tracking = replace(SETTINGS, tracking=True, tracking_ms=7000)
    jobs = [MadeJob([MadeStage([1000] * 4, writes_shuffle=True)], group=0)]
    model = made_model([*jobs, MadeJob([MadeStage([60_000])], (0,), 10, group=0)], tail_ms=60_000)
    reading = replace(model, jobs=(model.jobs[0], replace(model.jobs[1], reads=True)))
    kept, left = (play(one, tracking) for one in (reading, model))
    assert min(removed for _, removed in spans(kept)) > 60_000 > min(removed for _, removed in spans(left))
    assert not kept.let_shuffle_go


def test_what_another_query_wrote_may_go_where_the_next_one_reads_its_own() -> None:
    tracking = replace(SETTINGS, tracking=True, tracking_ms=7000)
    stages = [MadeStage([1000], writes_shuffle=True)], [MadeStage([1000])]
    made = made_model(
        [MadeJob(stages[place % 2], (place - 1,) if place else (), gap, group=place // 2)
         for place, gap in enumerate((0, 10, 60_000, 10))]
    )  # fmt: skip
    jobs = tuple(replace(job, reads=bool(place % 2)) for place, job in enumerate(made.jobs))
    assert not play(replace(made, jobs=jobs), tracking).let_shuffle_go


def test_cached_blocks_that_were_dropped_keep_nobody() -> None:
    model = two_bursts(60_000, caches=True)
    first, second = model.stages
    dropped = replace(model, stages=(replace(first, cached_until=0), second))
    assert spans(play(dropped))[0] == (2000, 8000)


def test_without_tracking_shuffle_data_keeps_nobody() -> None:
    assert spans(play(two_bursts(60_000, writes_shuffle=True)))[0] == (2000, 8000)


def test_the_cluster_gives_no_more_than_it_has() -> None:
    outcome = play(one_job(*[10_000] * 4), habits=replace(HABITS, ceiling=2))
    assert (outcome.peak, outcome.end_ms) == (2, 23_000)


def test_a_request_just_made_is_taken_back_when_nobody_needs_it() -> None:
    """It is asked for at 1 s, while the second task waits, and not needed any more at 1.1 s."""
    model, settings = one_job(1050, 1050, tail_ms=60_000), replace(SETTINGS, initial=1)
    assert len(play(model, settings).lives) == 1
    assert len(play(model, settings, replace(HABITS, recall_ms=50)).lives) == 2


def test_each_profile_has_executors_of_its_own() -> None:
    model = made_model(
        [MadeJob([MadeStage([5000] * 2), MadeStage([5000] * 2, profile=1)])], slots={0: 2, 1: 1}
    )
    lives = play(model).lives
    assert sorted((life.profile, life.slots) for life in lives) == [(0, 2), (1, 1), (1, 1)]


def test_a_busy_executor_is_never_sent_away() -> None:
    outcome = play(one_job(60_000), replace(SETTINGS, idle_ms=1000))
    assert spans(outcome) == [(2000, 62_000)]
