"""Executors that data kept beyond their idle time: what their removal tells, and what it does not."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bench.replaying.made import MadeJob, MadeStage, executors, made_model
from bench.replaying.recorder import ElasticRecorder, Recorder
from launcher.advice.allocation.allocation_settings import allocation_settings
from launcher.advice.allocation.elastic_player import ClusterHabits, ElasticPlayer
from launcher.advice.prediction.basis import Basis, basis_of
from launcher.advice.prediction.case import Case, Dynamic
from launcher.advice.prediction.learn import learn
from launcher.advice.prediction.predict import predict
from launcher.advice.prediction.price import cost_of, shapes_of
from launcher.advice.replay.model import Model
from launcher.records.history.trace import Profile, Trace
from launcher.spec.cluster import Price

ON = "spark.dynamicAllocation.enabled"
TRACKING = "spark.dynamicAllocation.shuffleTracking.timeout"
CACHED = "spark.dynamicAllocation.cachedExecutorIdleTimeout"
BOUNDS = {"spark.master": "yarn", ON: "true", "spark.dynamicAllocation.maxExecutors": "8"}
HABITS = ClusterHabits((1000.0,), (5000.0,), (1000.0,), 250.0)


def long_pauses(**stage: bool) -> Model:
    """Eight tasks of 10 s, a quarter of an hour of the driver, one task, another quarter of an hour."""
    first = MadeStage([10_000] * 8, submit_ms=2, launch_ms=10, **stage)
    last = MadeStage([10_000], submit_ms=2, launch_ms=10, **stage)
    jobs = [MadeJob([first], gap_ms=5000), MadeJob([last], (0,), 900_000)]
    return made_model(jobs, slots={0: 1}, tail_ms=900_000)


def recorded(model: Model, conf: dict[str, str]) -> Trace:
    settings = allocation_settings(conf, "4.0.4")
    assert settings is not None
    trace = ElasticRecorder(model, settings, HABITS).record(conf)
    for part, stage in zip(model.stages, trace.stages, strict=True):
        if part.writes_shuffle:
            written = stage.tasks.shuffle_written_bytes
            written[:] = type(written)("q", [1000] * len(written))
    return trace


def held_s(trace: Trace) -> float:
    end = trace.end_ms or 0
    return sum((one.removed_ms or end) - one.added_ms for one in trace.executors) / 1000


def own(basis: Basis) -> Case:
    return Case(dynamic=Dynamic(0, 8))


def test_shuffle_data_that_kept_an_executor_is_no_slow_removal() -> None:
    trace = recorded(long_pauses(writes_shuffle=True), {**BOUNDS, TRACKING: "300s"})
    basis = basis_of(trace)
    assert basis.habits.removal_ms == (1000.0,)
    again = predict(basis, own(basis))
    assert again.executor_seconds == pytest.approx(held_s(trace), rel=0.02)


def test_another_timeout_is_predicted_as_it_comes() -> None:
    model = long_pauses(writes_shuffle=True)
    basis = basis_of(recorded(model, {**BOUNDS, TRACKING: "300s"}))
    sooner = predict(basis, Case(dynamic=Dynamic(0, 8), conf={TRACKING: "60s"}))
    settings = allocation_settings({**BOUNDS, TRACKING: "60s"}, "4.0.4")
    assert settings is not None
    truth = ElasticPlayer(model, settings, HABITS).play()
    assert sooner.executor_seconds == pytest.approx(truth.executor_seconds, rel=0.05)


def test_cached_blocks_that_kept_an_executor_are_no_slow_removal() -> None:
    conf = {**BOUNDS, CACHED: "300s", "spark.shuffle.service.enabled": "true"}
    trace = recorded(long_pauses(caches=True), conf)
    since = min(trace.stages[0].tasks.finish_ms)
    trace = replace(trace, cached_ms={one.id: since for one in trace.executors})
    basis = basis_of(trace)
    assert basis.habits.removal_ms == (1000.0,)


def test_data_that_later_jobs_read_does_not_go_in_a_prediction() -> None:
    trace = recorded(long_pauses(writes_shuffle=True), BOUNDS)
    first, last = trace.jobs
    reading = replace(trace, jobs=(first, replace(last, stages=(*last.stages, 77))))
    case = Case(dynamic=Dynamic(0, 8), conf={TRACKING: "60s"})
    assert predict(basis_of(trace), case).seconds is not None
    refused = predict(basis_of(reading), case)
    assert refused.seconds is None
    assert "shuffle data that later jobs read" in refused.why


def test_a_size_of_its_own_pays_for_no_gpus() -> None:
    """Four executors of a hundred seconds without, one of ten with a GPU."""
    stages = [MadeStage([100_000] * 4), MadeStage([10_000], (0,), profile=1)]
    model = made_model([MadeJob(stages, gap_ms=500)], slots={0: 1, 1: 1})
    made = Recorder(model, [*executors(4), *executors(1, profile=1)])
    trace = made.record({"spark.master": "yarn"}, profiles=[Profile(1, 1, 1, 1, 1)])
    basis = basis_of(trace)
    shapes = shapes_of(trace, 1)
    assert (shapes[0].gpus, shapes[1].gpus) == (0, 1)
    (gpu,) = (one for one in basis.replay.lives if one.profile == 1)
    paid = cost_of(basis.replay, shapes, Price(gpu_hour=3600.0))
    assert paid == pytest.approx((gpu.removed_ms - gpu.added_ms) / 1000)


def test_contention_is_not_learnt_from_executors_that_came_and_went() -> None:
    jobs = [MadeJob([MadeStage([3000] * 40)], (place - 1,) if place else (), 20_000) for place in range(8)]
    model = made_model(jobs, slots={0: 1})
    small = basis_of(Recorder(model, executors(4)).record({"spark.master": "yarn"}))
    served = {"spark.shuffle.service.enabled": "true"}
    conf = {**BOUNDS, **served, "spark.dynamicAllocation.executorIdleTimeout": "5s"}
    large = basis_of(recorded(model, conf))
    assert large.seen_slots > 1.3 * small.seen_slots
    assert learn(small, large) is None
    assert learn(small, basis_of(Recorder(model, executors(8)).record({"spark.master": "yarn"}))) is not None


def test_two_hundred_partitions_are_sparks_own_number() -> None:
    stages = [MadeStage([5000] * 200), MadeStage([5000] * 200, (0,))]
    model = made_model([MadeJob(stages, gap_ms=500)], slots={0: 8})
    basis = basis_of(Recorder(model, executors(25, 8)).record({"spark.master": "yarn"}))
    assert predict(basis, Case(executors=50)).why == ""
