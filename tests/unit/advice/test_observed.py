"""What a log shows of its cluster's dynamic allocation: made runs are seen through."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bench.replaying.made import MadeJob, MadeStage, made_model
from bench.replaying.recorder import ElasticRecorder
from launcher.advice.allocation.allocation_settings import AllocationSettings
from launcher.advice.allocation.elastic_player import ClusterHabits, ElasticPlayer
from launcher.advice.allocation.observed import Observed, observe
from launcher.advice.replay.model import Model
from launcher.advice.replay.take_apart import model_of
from launcher.records.history.trace import Trace

SETTINGS = AllocationSettings(least=0, most=12, idle_ms=20_000)
HABITS = ClusterHabits(
    first_ms=(4000.0, 4500.0),
    start_ms=(7000.0, 9000.0, 5000.0),
    removal_ms=(11_000.0, 3000.0),
    ready_ms=250.0,
)
CONF = {
    "spark.master": "yarn",
    "spark.dynamicAllocation.enabled": "true",
    "spark.dynamicAllocation.maxExecutors": "12",
    "spark.dynamicAllocation.executorIdleTimeout": "20s",
    "spark.shuffle.service.enabled": "true",
}


def bursts(pause_ms: int = 60_000) -> Model:
    """Two bursts of 20 tasks of 15 s, after a start of 30 s and a pause."""
    delays = {"submit_ms": 2, "launch_ms": 10}
    jobs = [
        MadeJob([MadeStage([15_000] * 20, **delays)], gap_ms=30_000),
        MadeJob([MadeStage([15_000] * 20, **delays)], after=(0,), gap_ms=pause_ms),
    ]
    return made_model(jobs, tail_ms=5000, slots={0: 2})


def seen(
    settings: AllocationSettings, habits: ClusterHabits, conf: dict[str, str] = CONF
) -> tuple[Trace, Observed]:
    trace = ElasticRecorder(bursts(), settings, habits).record(conf)
    return trace, observe(trace, model_of(trace), settings)


def test_starts_removals_and_readiness_are_those_of_the_cluster() -> None:
    _, found = seen(SETTINGS, HABITS)
    # Starts that overtake each other cannot be told apart, but none is lost.
    assert (min(found.habits.start_ms), max(found.habits.start_ms)) == (6000, 9000)
    assert sum(found.habits.start_ms) == sum(HABITS.start_ms[number % 3] for number in range(20))
    assert {round(ms, -3) for ms in found.habits.removal_ms} == set(HABITS.removal_ms)
    assert found.habits.ready_ms == HABITS.ready_ms
    assert (found.settings.unasked, found.habits.ceiling) == (0, float("inf"))


@pytest.mark.parametrize(
    "reason",
    [
        "Container container_e87_1603128018386_7759_01_000002 exited from explicit termination request.",
        "Executor decommission: spark scale down",
        "Finished decommissioning",
    ],
)
def test_whatever_words_tell_that_an_idle_executor_was_let_go(reason: str) -> None:
    trace, killed = seen(SETTINGS, HABITS)
    gone = tuple(replace(one, reason=reason if one.removed_ms else "") for one in trace.executors)
    found = observe(replace(trace, executors=gone), model_of(replace(trace, executors=gone)), SETTINGS)
    assert found.habits.removal_ms == killed.habits.removal_ms


def test_played_again_with_them_the_run_is_the_same() -> None:
    trace, found = seen(replace(SETTINGS, initial=2), HABITS)
    outcome = ElasticPlayer(model_of(trace), found.settings, found.habits).play()
    recorded_s = (
        sum(min(e.removed_ms or 1e18, trace.end_ms or 0) - e.added_ms for e in trace.executors) / 1000
    )
    assert outcome.end_ms == pytest.approx(trace.end_ms or 0, abs=300)
    assert outcome.executor_seconds == pytest.approx(recorded_s, rel=0.02)


def test_executors_that_no_setting_asked_for_are_the_initial_number() -> None:
    """The cluster starts two; the settings say none."""
    trace = ElasticRecorder(bursts(), replace(SETTINGS, initial=2), HABITS).record(CONF)
    found = observe(trace, model_of(trace), SETTINGS)
    assert (found.settings.unasked, found.settings.first) == (2, 2)
    assert found.habits.first_ms == HABITS.first_ms


def test_a_cluster_that_leaves_requests_unmet_has_a_ceiling() -> None:
    _, found = seen(SETTINGS, replace(HABITS, ceiling=3))
    assert found.habits.ceiling == 3


def test_a_standalone_worker_answers_at_once() -> None:
    quick = replace(HABITS, start_ms=(900.0,), first_ms=(2000.0,))
    _, found = seen(SETTINGS, quick, {**CONF, "spark.master": "spark://m:7077"})
    assert set(found.habits.start_ms) == {900.0}
    assert found.settings.unasked == 0


def test_an_executor_that_nobody_asked_for_at_the_start_would_have_come_as_soon_as_later_ones() -> None:
    _, found = seen(SETTINGS, HABITS)
    assert found.settings.initial == 0
    assert found.habits.first_ms == (9000,)  # not the 38 s after which the first one came
