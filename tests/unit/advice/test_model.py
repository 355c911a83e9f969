"""From a trace to a model: what is a delay, what is queueing, what belongs to a task."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bench.replaying.made import MadeJob, MadeStage, executors, made_model
from bench.replaying.recorder import Recorder
from launcher.advice.replay.driver_gaps import job_waits
from launcher.advice.replay.model import Lease, Model
from launcher.advice.replay.player import Player
from launcher.advice.replay.take_apart import model_of
from launcher.advice.replay.task_attempts import chains
from launcher.records.history.facts.slots import slots_of, slots_of_profile
from launcher.records.history.trace import Ended, Execution, Job, Profile, Stage, Tasks, Trace


def recorded(model: Model, leases: list[Lease]) -> Trace:
    return Recorder(model, leases).record()


def seconds_at(trace: Trace, leases: list[Lease]) -> float:
    return Player(model_of(trace), leases).play().seconds


def tasks_of(*rows: tuple[int, int, int, Ended, int]) -> Tasks:
    """Index, launch, finish, how it ended, whether it is speculative."""
    tasks = Tasks()
    for index, launch, finish, ended, speculative in rows:
        for column, value in (
            ("index", index), ("launch_ms", launch), ("finish_ms", finish), ("ended", ended),
            ("speculative", speculative), ("executor", 0), ("attempt", 0),
        ):  # fmt: skip
            getattr(tasks, column).append(value)
    return tasks


def test_queueing_behind_another_stage_is_no_delay() -> None:
    """Recorded on 4 slots the second stage waits 10 s for its first launch; on 8 it must not."""
    model = made_model(
        [MadeJob([MadeStage([10_000] * 4)]), MadeJob([MadeStage([10_000] * 4, launch_ms=10)], gap_ms=50)]
    )
    trace = recorded(model, executors(4))
    assert trace.stages[1].tasks.launch_ms[0] - (trace.stages[1].submitted_ms or 0) == 9950
    assert model_of(trace).stages[1].launch_ms <= 20
    assert seconds_at(trace, executors(4)) == pytest.approx(20.0, abs=0.03)
    assert seconds_at(trace, executors(8)) == pytest.approx(10.06, abs=0.03)


def test_a_delay_with_free_slots_is_kept_as_recorded() -> None:
    model = made_model([MadeJob([MadeStage([1000], launch_ms=170, submit_ms=30)], gap_ms=1000)])
    part = model_of(recorded(model, executors(4))).stages[0]
    assert (part.submit_ms, part.launch_ms) == (30, 170)


def test_waiting_for_the_first_executor_is_no_delay_of_the_stage() -> None:
    trace = recorded(made_model([MadeJob([MadeStage([1000])])]), [Lease(0, 1, 5000, 5300)])
    found = model_of(trace)
    assert found.stages[0].launch_ms <= 20
    assert found.leases[0].ready_ms == 5300
    assert seconds_at(trace, executors(1)) == pytest.approx(1.0, abs=0.03)


def test_an_executor_that_took_no_task_though_some_waited_was_not_ready() -> None:
    """As with the plugin of a GPU: it is registered, and takes its first task when the work is over."""
    model = made_model([MadeJob([MadeStage([1000] * 4)])])
    trace = recorded(model, [Lease(0, 1, 0, 0), Lease(0, 1, 0, 60_000)])
    found = model_of(trace)
    assert Player(found, found.leases).play().seconds == pytest.approx(4.0, abs=0.03)


def test_failed_attempts_belong_to_the_task_and_lost_ones_to_the_executor() -> None:
    tasks = tasks_of(
        (0, 0, 40, Ended.FAILED, 0),
        (0, 50, 150, Ended.SUCCESS, 0),
        (1, 0, 70, Ended.LOST, 0),
        (1, 200, 300, Ended.SUCCESS, 0),
    )
    assert {chain.durations for chain in chains(tasks)} == {(40, 100), (100,)}


def test_a_speculative_pair_is_one_task_that_ends_with_the_winner() -> None:
    tasks = tasks_of((0, 0, 900, Ended.KILLED, 0), (0, 500, 880, Ended.SUCCESS, 1))
    assert [chain.durations for chain in chains(tasks)] == [(880,)]


def test_a_task_that_was_killed_with_its_stage_took_what_it_took() -> None:
    assert [chain.durations for chain in chains(tasks_of((0, 0, 300, Ended.KILLED, 0)))] == [(300,)]


def test_an_executor_that_was_lost_loses_its_tasks_again_and_elsewhere_nothing_is_lost() -> None:
    model = made_model([MadeJob([MadeStage([1000] * 4)])])
    leases = [Lease(0, 1, 0, 0), Lease(0, 1, 0, 0, closed_ms=1500, removed_ms=4000, lost=True)]
    trace = recorded(model, leases)
    assert trace.end_ms == 5000
    found = model_of(trace)
    assert Player(found, found.leases).play().seconds == pytest.approx(5.0, abs=0.03)
    assert seconds_at(trace, executors(2)) == pytest.approx(2.0, abs=0.03)


def test_profiles_and_gpus_decide_the_slots() -> None:
    assert slots_of(16, 2, Profile(0, 1, 0.4, None, 2)) == 4
    assert slots_of(16, 1, Profile(0, 1, 0.001, None, 1)) == 16
    assert slots_of(16, 4, Profile(0, 4, 2, None, 4)) == 2
    assert slots_of(1, 0, Profile(0, 2, 0, None, 0)) == 1


def test_gpus_that_an_executor_does_not_tell_are_its_profile_s() -> None:
    trace = recorded(made_model([MadeJob([MadeStage([1000] * 8)])]), executors(1, 16))
    halves = replace(trace, profiles={0: Profile(0, 1, 0.5, 16, 1)})
    assert (trace.executors[0].gpus, model_of(trace).slots, model_of(halves).slots) == (0, {0: 16}, {0: 2})


def test_stages_of_two_profiles_wait_for_their_own_executors() -> None:
    stages = [MadeStage([1000] * 4), MadeStage([1000] * 4, profile=1)]
    model = made_model([MadeJob(stages)], slots={0: 2, 1: 1})
    leases = [*executors(1, 2), *executors(1, 1, profile=1)]
    trace = Recorder(model, leases).record(profiles=[Profile(1, 4, 1, 4, 1)])
    found = model_of(trace)
    assert found.slots == {0: 2, 1: 1}
    assert Player(found, found.leases).play().seconds == pytest.approx(4.0, abs=0.03)


def job(number: int, start: int, end: int | None, root: int | None = None) -> Job:
    return Job(number, start, end, (), root, root, end is not None)


def waits(*jobs: Job, executions: tuple[Execution, ...] = ()) -> list[tuple[tuple[int, ...], int]]:
    trace = replace(
        recorded(made_model([MadeJob([MadeStage([1])])]), executors(1)), jobs=jobs, executions=executions
    )
    return [(one.after, one.gap_ms) for one in job_waits(trace)]


def test_jobs_of_one_execution_follow_those_that_had_ended() -> None:
    found = waits(job(0, 100, 500, 1), job(1, 110, 900, 1), job(2, 600, 700, 1), job(3, 950, 990, 1))
    assert found == [((), 100), ((), 110), ((0,), 100), ((1, 2), 50)]


def test_an_execution_follows_the_one_that_ended_last_and_is_not_followed_yet() -> None:
    """Two threads of the driver, each with executions of its own."""
    found = waits(job(0, 0, 500, 1), job(1, 10, 700, 2), job(2, 520, 900, 3), job(3, 710, 950, 4))
    assert found == [((), 0), ((), 10), ((0,), 20), ((1,), 10)]


def test_jobs_without_an_execution_follow_each_other() -> None:
    assert waits(job(0, 5, 10), job(1, 12, 20), job(2, 29, 30)) == [((), 5), ((0,), 2), ((1,), 9)]


def test_a_job_that_never_ended_is_followed_by_nobody() -> None:
    assert waits(job(0, 5, None), job(1, 12, 20)) == [((), 5), ((), 12)]


def test_pools_are_those_of_the_jobs_under_the_fair_scheduler() -> None:
    model = made_model([MadeJob([MadeStage([1000] * 8)], gap_ms=gap) for gap in (0, 10, 20)])
    trace = Recorder(model, executors(2)).record({"spark.scheduler.mode": "FAIR"})
    pooled = replace(
        trace,
        jobs=tuple(replace(job, pool=name) for job, name in zip(trace.jobs, ("", "a", ""), strict=True)),
    )
    assert (model_of(pooled).pools, model_of(trace).pools) == ((0, 1, 0), ())
    assert model_of(pooled).fair
    assert model_of(replace(pooled, conf={})).pools == ()
    default = replace(trace, jobs=tuple(replace(job, pool=("", "default")[job.id % 2]) for job in trace.jobs))
    assert model_of(default).pools == ()


def test_a_task_that_runs_again_is_no_sign_of_fairness() -> None:
    again = MadeStage([1000, 1000], retries={0: (60_000,)})
    jobs = [MadeJob([again]), MadeJob([MadeStage([1000] * 40)], gap_ms=500)]
    trace = Recorder(made_model(jobs), executors(4)).record({"spark.scheduler.mode": "FAIR"})
    assert not model_of(trace).fair


def test_a_stage_that_could_not_run_yet_is_passed_by_without_fairness() -> None:
    """The second stage of the first job waits for the first one, while another job runs."""
    first, second = ([10_000] * 4 for _ in range(2))
    waiting = MadeJob([MadeStage(first), MadeStage(second, (0,))], gap_ms=500)
    model = made_model([waiting, MadeJob([MadeStage([10_000] * 8)], gap_ms=1500)])
    trace = Recorder(model, executors(4)).record({"spark.scheduler.mode": "FAIR"})
    assert not model_of(trace).fair


def test_stages_that_share_slots_under_the_fair_scheduler_are_seen_by_their_launches() -> None:
    model = made_model([MadeJob([MadeStage([1000] * 8)]), MadeJob([MadeStage([1000] * 8)], gap_ms=500)])
    trace = Recorder(replace(model, fair=True), executors(2)).record({"spark.scheduler.mode": "FAIR"})
    assert model_of(trace).fair
    other = Recorder(model, executors(2)).record({"spark.scheduler.mode": "FAIR"})
    assert not model_of(other).fair


def test_an_execution_within_another_one_belongs_to_it_before_logs_told_the_root() -> None:
    """Spark before 3.4: the outer one's second job follows the inner one's."""
    jobs = (job(0, 100, 200, 1), job(1, 300, 900, 2), job(2, 1000, 1100, 1))
    executions = (Execution(1, None, "outer", 50, 1200), Execution(2, None, "inner", 250, 950))
    assert waits(*jobs, executions=executions) == [((), 100), ((0,), 100), ((1,), 100)]
    told = (Execution(1, 1, "outer", 50, 1200), Execution(2, 3, "inner", 250, 950))
    assert waits(*jobs, executions=told)[2] == ((0,), 800)


def test_a_stage_that_runs_again_follows_the_failure_and_what_follows_it_the_new_attempt() -> None:
    """A task of stage 1 does not find the output of stage 0: that runs again, and stage 1 after it."""
    ok, bad = Ended.SUCCESS, Ended.FAILED
    stages = (
        Stage(0, 0, "map", (), 2, 0, 0, 1000, None, tasks_of((0, 0, 1000, ok, 0), (1, 0, 1000, ok, 0))),
        Stage(0, 1, "map", (), 1, 0, 1505, 2505, None, tasks_of((0, 1505, 2505, ok, 0))),
        Stage(1, 0, "join", (0,), 2, 0, 1000, 1305, "FetchFailed",
              tasks_of((0, 1000, 1300, bad, 0), (1, 1000, 1800, ok, 0))),
        Stage(1, 1, "join", (0,), 1, 0, 2507, 3007, None, tasks_of((0, 2507, 3007, ok, 0))),
    )  # fmt: skip
    base = recorded(made_model([MadeJob([MadeStage([1])])]), executors(1, 2))
    jobs = (Job(0, 0, 3007, (0, 1), None, None, True),)
    trace = replace(base, jobs=jobs, stages=stages, end_ms=3007, last_ms=3007)
    found = model_of(trace)
    assert [part.parents for part in found.stages] == [(), (0, 2), (0,), (2, 1)]
    assert found.stages[2].completes_at == 1
    assert found.stages[1].submit_ms == 200
    assert Player(found, found.leases).play().end_ms == 3007
    assert Player(found, executors(1)).play().seconds == pytest.approx(4.3, abs=0.6)


def test_a_task_that_threw_and_ran_again_is_no_failure_of_its_stage() -> None:
    """Stage 2 of another job ends while stage 0 waits to run again for the failure of stage 1."""
    ok, bad = Ended.SUCCESS, Ended.FAILED
    stages = (
        Stage(0, 0, "map", (), 1, 0, 0, 1000, None, tasks_of((0, 0, 1000, ok, 0))),
        Stage(0, 1, "map", (), 1, 0, 1505, 2505, None, tasks_of((0, 1505, 2505, ok, 0))),
        Stage(1, 0, "join", (0,), 1, 0, 1000, 1305, "FetchFailed", tasks_of((0, 1000, 1300, bad, 0))),
        Stage(1, 1, "join", (0,), 1, 0, 2507, 3007, None, tasks_of((0, 2507, 3007, ok, 0))),
        Stage(2, 0, "other", (), 1, 0, 0, 1400, "java.io.IOException: disk",
              tasks_of((0, 0, 700, bad, 0), (0, 700, 1399, ok, 0))),
    )  # fmt: skip
    base = recorded(made_model([MadeJob([MadeStage([1])])]), executors(1, 2))
    jobs = (Job(0, 0, 3007, (0, 1), None, None, True), Job(1, 0, 1400, (2,), None, None, True))
    found = model_of(replace(base, jobs=jobs, stages=stages, end_ms=3007, last_ms=3007))
    assert [part.parents for part in found.stages] == [(), (0, 2), (0,), (2, 1), ()]
    assert (found.stages[1].submit_ms, found.stages[4].completes_at) == (200, 1)


def test_a_job_that_the_log_does_not_see_end_is_played_as_far_as_it_came() -> None:
    whole = recorded(
        made_model([MadeJob([MadeStage([1000] * 4)]), MadeJob([MadeStage([1000])], (0,), 500)]), executors(2)
    )
    jobs = (whole.jobs[0], replace(whole.jobs[1], end_ms=None, succeeded=False))
    begun = replace(whole.stages[1], completed_ms=None, tasks=Tasks())
    cut = replace(whole, jobs=jobs, stages=(whole.stages[0], begun), end_ms=None, last_ms=2600)
    found = model_of(cut)
    assert Player(found, found.leases).play().seconds == pytest.approx(2.6, abs=0.03)


def test_an_executor_that_idled_too_long_took_no_task_though_its_removal_is_not_logged() -> None:
    """The second burst waits for the one executor that is left: the other one had been told to go."""
    model = made_model([MadeJob([MadeStage([1000] * 2)]), MadeJob([MadeStage([1000] * 4)], (0,), 20_000)])
    trace = Recorder(model, [Lease(0, 1, 0, 0), Lease(0, 1, 0, 0, closed_ms=11_000)]).record(
        {
            "spark.master": "yarn",
            "spark.dynamicAllocation.enabled": "true",
            "spark.dynamicAllocation.executorIdleTimeout": "10s",
        }
    )
    assert [executor.removed_ms for executor in trace.executors] == [None, None]
    found = model_of(trace)
    assert [lease.closed_ms for lease in found.leases] == [None, 11_000]
    assert Player(found, found.leases).play().end_ms == pytest.approx(trace.end_ms or 0, abs=30)


def test_traces_that_hold_little_are_models_too() -> None:
    whole = recorded(made_model([MadeJob([MadeStage([1000])], gap_ms=300)], tail_ms=50), executors(1))
    for trace in (
        replace(whole, jobs=(), stages=()),
        replace(whole, stages=()),
        replace(whole, jobs=()),
        replace(whole, executors=(), jobs=(), stages=()),
        replace(whole, conf=None),
    ):
        found = model_of(trace)
        outcome = Player(found, found.leases).play()
        assert outcome.finished
        assert outcome.seconds == pytest.approx(1.35, abs=0.03)


def test_an_end_that_is_stamped_late_is_no_further_slot() -> None:
    model = made_model([MadeJob([MadeStage([2000] * 24)])])
    trace = recorded(model, executors(1, 2))
    trace.stages[0].tasks.finish_ms[7] += 500
    assert model_of(trace).slots == {0: 2}
    assert seconds_at(trace, executors(2, 2)) == pytest.approx(12.0, abs=0.51)


def test_without_settings_the_share_of_a_gpu_is_what_ran_at_once() -> None:
    model = made_model([MadeJob([MadeStage([1000] * 8)])])
    trace = recorded(model, executors(1, 4))
    on_gpu = replace(trace, executors=(replace(trace.executors[0], cores=16, gpus=1),))
    assert model_of(on_gpu).slots == {0: 16}
    assert model_of(replace(on_gpu, conf=None)).slots == {0: 4}


def tasks_alone() -> Trace:
    """A stage of another profile, whose tasks take all of an executor's cores, on the executors there are."""
    tasks_only = Profile(1, 4, 0, None, 0)
    model = made_model(
        [MadeJob([MadeStage([1000] * 40), MadeStage([3000] * 6, parents=(0,), profile=1)])],
        slots={0: 4, 1: 1},
    )
    model = replace(model, guests={0: {1: 1}})
    return Recorder(model, executors(2, 4)).record(profiles=(tasks_only,))


def test_tasks_of_a_profile_of_tasks_alone_run_on_the_executors_that_are_there() -> None:
    found = model_of(tasks_alone())
    assert (found.guests, found.slots) == ({0: {1: 1}}, {0: 4, 1: 1})
    outcome = Player(found, found.leases).play()
    assert (outcome.seconds, outcome.peak, len(outcome.lives)) == (5 + 9, 2, 2)
    assert outcome.idle_share == pytest.approx(1 - (40 * 1 + 6 * 3 * 4) / (8 * 14))
    assert seconds_at(tasks_alone(), executors(4, 4)) == 3 + 6


def test_a_profile_of_tasks_alone_has_executors_of_the_usual_shape() -> None:
    trace = tasks_alone()
    assert slots_of_profile(trace, 1) == 1
    half = replace(trace, profiles={**trace.profiles, 1: Profile(1, 2, 0, None, 0)})
    assert slots_of_profile(half, 1) == 2
