"""The executors that a case starts with: the most of three settings, as Spark takes them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bench.replaying.made import MadeJob, MadeStage, made_model
from bench.replaying.recorder import ElasticRecorder, Recorder
from launcher.advice.allocation.allocation_settings import allocation_settings
from launcher.advice.allocation.elastic_player import ClusterHabits
from launcher.advice.prediction.basis import Basis, basis_of
from launcher.advice.prediction.case import Case, Dynamic
from launcher.advice.prediction.predict import case_settings
from launcher.advice.replay.model import Lease

PREFIX = "spark.dynamicAllocation."
INSTANCES = "spark.executor.instances"
STAGE = MadeStage([20_000] * 40, submit_ms=2, launch_ms=10)
MODEL = made_model([MadeJob([STAGE], gap_ms=5000)], slots={0: 1})


def elastic(master: str = "yarn", first_ms: float = 3000.0, **bounds: str) -> Basis:
    conf = {"spark.master": master, "spark.shuffle.service.enabled": "true", f"{PREFIX}enabled": "true"}
    conf |= {f"{PREFIX}{name}": value for name, value in bounds.items()}
    settings = allocation_settings(conf, "4.0.4")
    assert settings is not None
    start_ms = 3500.0 if master == "yarn" else 1500.0
    habits = ClusterHabits((first_ms,), (start_ms,), (1000.0,), 250.0)
    return basis_of(ElasticRecorder(MODEL, settings, habits).record(conf))


def start(basis: Basis, least: int = 0, most: int = 8, **conf: str) -> int:
    keys = {key if key == INSTANCES else f"{PREFIX}{key}": value for key, value in conf.items()}
    return case_settings(basis, Case(dynamic=Dynamic(least, most), conf=keys)).first


def test_a_lower_least_number_lowers_the_start() -> None:
    run = elastic(minExecutors="8", maxExecutors="8")
    assert (start(run), start(run, least=3)) == (0, 3)
    assert start(run, initialExecutors="5") == 5


def test_an_initial_number_of_the_run_stays() -> None:
    run = elastic(initialExecutors="4", maxExecutors="8")
    assert (start(run), start(run, most=2), start(run, initialExecutors="0")) == (4, 2, 0)


def test_bounds_come_in_place_of_a_fixed_number() -> None:
    leases = [Lease(0, 1, 1000, 1250)] * 6
    run = basis_of(Recorder(MODEL, leases).record({"spark.master": "yarn", INSTANCES: "6"}))
    assert (start(run), start(run, initialExecutors="0")) == (0, 0)
    assert case_settings(run, Case(dynamic=Dynamic(0, 8), conf={INSTANCES: "3"})).first == 3


def test_the_runs_own_bounds_start_with_what_its_cluster_started_unasked() -> None:
    run = elastic(maxExecutors="8")
    assert run.settings is not None
    found = replace(run, settings=replace(run.settings, unasked=2))
    assert (start(found), start(found, initialExecutors="0"), start(found, initialExecutors="1")) == (2, 2, 1)


@pytest.mark.parametrize("master", ["local-cluster[6,1,1024]", "k8s://https://host", "spark://host", "yarn"])
@pytest.mark.parametrize("first_ms", [1000.0, 2000.0, 3000.0])
def test_initial_executors_that_come_soon_were_asked_for(master: str, first_ms: float) -> None:
    run = elastic(master, first_ms, initialExecutors="3", maxExecutors="10")
    assert run.settings is not None
    assert (run.settings.initial, run.settings.unasked) == (3, 0)
