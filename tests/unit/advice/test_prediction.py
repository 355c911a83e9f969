"""Predictions at other sizes: exact where nothing contends, in a band, or refused with a reason."""

from __future__ import annotations

import math
import random
from dataclasses import fields, replace

import pytest

from bench.replaying.made import MadeJob, MadeStage, executors, made_model
from bench.replaying.recorder import ElasticRecorder, Recorder
from bench.replaying.synthetic import application, run_of, world
from launcher.advice.allocation.allocation_settings import AllocationSettings
from launcher.advice.allocation.elastic_player import ClusterHabits
from launcher.advice.prediction.bands import Spread, band, band_of
from launcher.advice.prediction.basis import Basis, basis_of
from launcher.advice.prediction.case import Case, Dynamic
from launcher.advice.prediction.contention import USUAL_K, Contention, by_bisection, merged
from launcher.advice.prediction.inputs import with_input
from launcher.advice.prediction.learn import learn
from launcher.advice.prediction.predict import default_cases, predict
from launcher.advice.prediction.price import cost_of, shape_of
from launcher.advice.prediction.warmth import warmth_of
from launcher.advice.replay.model import Lease, Model
from launcher.records.history.facts.slots import SlotClass
from launcher.records.history.trace import Executor, Peaks, Profile, Stage, Tasks, Trace
from launcher.spec.cluster import Price

CONF = {"spark.master": "spark://m", "spark.executor.memory": "4g"}


def two_jobs(tasks: int = 32, ms: float = 1000) -> Model:
    jobs = [MadeJob([MadeStage([ms] * tasks)], gap_ms=500), MadeJob([MadeStage([ms] * tasks)], (0,), 1500)]
    return made_model(jobs)


def traced(model: Model, count: int = 4, conf: dict[str, str] | None = None) -> Trace:
    return Recorder(model, executors(count)).record({**CONF, **(conf or {})})


def basis(model: Model | None = None, count: int = 4, conf: dict[str, str] | None = None) -> Basis:
    return basis_of(traced(model or two_jobs(), count, conf))


def why(found: Basis, **case: object) -> str:
    answer = predict(found, Case(**case))  # type: ignore[arg-type]
    assert (answer.seconds, answer.low, answer.cost) == (None, None, None) or not answer.why
    return answer.why


def changed(trace: Trace, **columns: int) -> Trace:
    """The same trace with a column of every task filled."""
    for stage in trace.stages:
        for name, value in columns.items():
            for row in range(len(stage.tasks)):
                getattr(stage.tasks, name)[row] = value
    return trace


@pytest.mark.parametrize(("count", "seconds"), [(1, 66), (2, 34), (4, 18), (8, 10), (16, 6)])
def test_without_contention_and_warmth_other_sizes_are_exact(count: int, seconds: float) -> None:
    answer = predict(basis(), Case(executors=count))
    assert answer.seconds == pytest.approx(seconds, abs=0.05)
    assert answer.executor_seconds == pytest.approx(count * seconds, rel=0.01)
    assert answer.low is not None
    assert answer.high is not None
    assert answer.low < seconds < answer.high


def test_one_slow_task_is_no_warmth() -> None:
    model = made_model([MadeJob([MadeStage([30_000, *[1000] * 39])])])
    assert predict(basis(model), Case(executors=8)).seconds == pytest.approx(30, abs=0.05)
    assert predict(basis(model), Case(executors=1)).seconds == pytest.approx(69, abs=0.05)


def test_the_floor_is_the_driver_and_the_longest_chain() -> None:
    floor = basis(made_model([MadeJob([MadeStage([3000, 1000])], gap_ms=2000)], tail_ms=500)).floor
    assert floor.seconds == pytest.approx(5.5, abs=0.03)
    assert floor.driver_s == pytest.approx(2.5, abs=0.03)
    assert floor.critical_path_s == pytest.approx(3.0, abs=0.001)


def test_dynamic_allocation_is_played() -> None:
    answer = predict(basis(), Case(dynamic=Dynamic(2, 8)))
    assert answer.peak == 8
    assert answer.seconds is not None
    assert 10 < answer.seconds < 34


def test_the_same_size_has_the_band_of_repeats_and_short_runs_a_wider_one() -> None:
    long = predict(basis(two_jobs(ms=10_000)), Case(executors=4))
    short = predict(basis(two_jobs(ms=100)), Case(executors=4))
    for answer, part in ((long, 0.05), (short, 0.15)):
        assert answer.seconds is not None
        assert (answer.low, answer.high) == (
            pytest.approx(answer.seconds * (1 - part), rel=1e-6),
            pytest.approx(answer.seconds * (1 + part)),
        )


@pytest.mark.parametrize("ratio", [2.0, 4.0, 0.5, 0.25])
def test_the_band_of_another_size(ratio: float) -> None:
    away = abs(math.log(ratio))
    near, far = 0.08 + 0.02 * away, 0.10 + 0.06 * away
    found = band(ratio, learnt=False)
    if ratio > 1:
        assert (found.low, found.high) == (math.exp(-near), ratio**0.13 * math.exp(far))
    else:
        assert (found.low, found.high) == (ratio**0.13 * math.exp(-far), math.exp(near))


def test_a_learnt_contention_makes_the_band_narrower_and_mirrors_it() -> None:
    up, down = band(2, learnt=True), band(0.5, learnt=True)
    assert (up.low, up.high) == (pytest.approx(1 / down.high), pytest.approx(1 / down.low))
    assert up.high < band(2, learnt=False).high


def test_only_the_time_of_tasks_is_uncertain_by_the_size() -> None:
    found = band(2, learnt=False)
    low, high = band_of(100, 90, found, short=False)
    assert (100 - low, high - 100) == (
        pytest.approx(math.hypot(10 * (1 - found.low), 2.5)),
        pytest.approx(math.hypot(10 * (found.high - 1), 2.5)),
    )
    assert band_of(100, 90, found, short=False, starts=Spread(0.03, 0.2))[1] > high + 10


def test_cores_and_settings_that_change_a_task_are_refused() -> None:
    assert "2 cores an executor instead of 1" in why(basis(), executors=4, cores=2)
    assert "memory of a task" in why(basis(), executors=4, conf={"spark.executor.memory": "8g"})
    assert "spark.sql.shuffle.partitions" in why(
        basis(), executors=4, conf={"spark.sql.shuffle.partitions": "9"}
    )
    for same in ("4g", "4096m", "4096", "4GB"):
        assert why(basis(), executors=4, cores=1, conf={"spark.executor.memory": same}) == ""
    for other in ("4097m", "4095", "much"):
        assert "memory of a task" in why(basis(), executors=4, conf={"spark.executor.memory": other})
    idle = {"spark.dynamicAllocation.executorIdleTimeout": "5s"}
    assert why(basis(), dynamic=Dynamic(1, 4), conf=idle) == ""


def test_more_than_four_times_the_slots_take_a_second_size() -> None:
    assert "5 times the slots" in why(basis(), executors=20)
    assert predict(basis(), Case(executors=20), Contention(USUAL_K)).predictable
    assert why(basis(), executors=16) == why(basis(), executors=1) == ""


def test_a_run_that_spilled_tells_of_its_own_size_alone() -> None:
    found = basis_of(changed(traced(two_jobs()), spilled_bytes=1 << 20))
    assert "spilled 64 MiB" in why(found, executors=8)
    assert why(found, executors=4) == ""


@pytest.mark.parametrize("reason", ["Container killed by YARN for exceeding memory limits", "exit code 137"])
def test_a_run_that_was_out_of_memory_tells_nothing(reason: str) -> None:
    trace = traced(two_jobs())
    last = replace(trace.executors[-1], removed_ms=trace.end_ms, reason=reason)
    found = basis_of(replace(trace, executors=(*trace.executors[:-1], last)))
    assert "out of memory" in why(found, executors=4)


def test_cached_data_near_its_limit_is_refused_below_and_above() -> None:
    unified = (4096 - 300) * 0.6 * (1 << 20)
    full = replace(traced(two_jobs()), peaks={"0": Peaks(storage=int(unified * 0.9))})
    half = replace(traced(two_jobs()), peaks={"0": Peaks(storage=int(unified * 0.5))})
    assert "cached data" in why(basis_of(full), executors=8)
    assert "cached data" in why(basis_of(half), executors=2)
    assert why(basis_of(half), executors=8) == ""
    usual = {key: value for key, value in CONF.items() if key != "spark.executor.memory"}
    assert "cached data" in why(basis_of(replace(half, conf=usual)), executors=8)
    assert why(basis_of(replace(full, conf=None)), executors=8) == ""


def test_partitions_that_follow_the_cores_are_refused_unless_a_setting_fixes_them() -> None:
    model = two_jobs(tasks=8)
    assert "2 stages with 100% of the work have 8 tasks" in why(basis(model, 8), executors=16)
    assert why(basis(model, 8, {"spark.sql.shuffle.partitions": "8"}), executors=16) == ""
    # Stages of two tasks are everywhere.
    assert why(basis(two_jobs(tasks=2), 2), executors=4) == ""
    assert "have 3 tasks" in why(basis(two_jobs(tasks=3), 3), executors=6)


def test_single_waves_that_would_be_split_are_refused() -> None:
    model = made_model([MadeJob([MadeStage([1000] * 6)]), MadeJob([MadeStage([1000] * 7)], (0,))])
    assert "single wave" in why(basis(model, 8), executors=4)
    assert why(basis(model, 8), executors=16) == ""


def test_a_local_run_tells_of_no_cluster() -> None:
    found = basis(two_jobs(), 1, {"spark.master": "local[1]"})
    assert "local[1]" in why(found, executors=2)
    assert why(found, executors=1) == ""
    lost = traced(two_jobs(), 1)
    lost = replace(lost, conf=None, executors=(replace(lost.executors[0], id="driver"),))
    assert "(driver)" in why(basis_of(lost), executors=2)
    assert why(basis(two_jobs(), 2, {"spark.master": "local-cluster[2,1,1024]"}), executors=4) == ""


def test_resource_profiles_need_dynamic_allocation() -> None:
    stages = [MadeStage([1000] * 8), MadeStage([1000] * 8, profile=1)]
    leases = [*executors(4), *executors(4, profile=1)]
    model = made_model([MadeJob(stages)], slots={0: 1, 1: 1})
    trace = Recorder(model, leases).record(CONF, [Profile(1, 1, 0, None, 0)])
    assert "2 resource profiles" in why(basis_of(trace), executors=4)


def test_a_profile_of_tasks_alone_needs_no_executors_of_its_own() -> None:
    stages = [MadeStage([1000] * 40), MadeStage([3000] * 6, parents=(0,), profile=1)]
    model = replace(made_model([MadeJob(stages)], slots={0: 4, 1: 1}), guests={0: {1: 1}})
    trace = Recorder(model, executors(2, 4)).record(CONF, [Profile(1, 4, 0, None, 0)])
    found = predict(basis_of(trace), Case(executors=4))
    assert (found.seconds, found.peak) == (pytest.approx(3 + 6, abs=0.05), 4)
    # Six tasks on two slots are no single wave, though they are fewer than the cores.
    fewer = predict(basis_of(trace), Case(executors=1))
    assert fewer.seconds == pytest.approx(10 + 18, abs=0.05)


def test_cold_slots_cost_what_they_cost_more_and_noise_is_no_warmth() -> None:
    part = two_jobs(20).stages[0]
    cold = replace(
        part, durations=[3000] * 5 + [1000] * 15, classes=bytes([SlotClass.FRESH] * 5 + [SlotClass.REST] * 15)
    )
    assert warmth_of([cold]).by_stage == [(2000, 0, 0)]
    noisy = replace(cold, durations=[900, 1400, 800, 2000, 1000, *[700, 1300, 1000, 900, 1900] * 3])
    assert warmth_of([noisy]).by_stage == [(0, 0, 0)]
    few = replace(part, durations=[5000] * 4 + [1000] * 16, classes=bytes([0] * 4 + [2] * 16))
    assert warmth_of([few, cold]).by_stage[0] == (2000, 0, 0)


def test_contention_multiplies_by_class() -> None:
    found = Contention((0.1, 0.0, 0.01))
    assert found.factor(SlotClass.FRESH, 2, 4) == pytest.approx(1.4 / 1.2)
    assert found.factor(SlotClass.FIRST, 2, 4) == 1
    assert found.factor(SlotClass.REST, 4, 2) == pytest.approx(1.02 / 1.04)


def test_bisection_finds_the_k_and_stays_within_its_limits() -> None:
    def seconds(contention: Contention) -> float:
        return 100 * (1 + contention.k[2] * 10)

    assert by_bisection(seconds, 108)[2] == pytest.approx(0.008, rel=0.01)
    assert by_bisection(seconds, 90) == (0, 0, 0)
    assert by_bisection(seconds, 900)[2] == pytest.approx(0.004 * 16)


def test_the_middle_pair_counts_and_all_are_evidence() -> None:
    pairs = [Contention((k, k, k), (str(k),)) for k in (0.3, 0.1, 0.2)]
    assert merged(pairs) == Contention((0.2, 0.2, 0.2), ("0.3", "0.1", "0.2"))
    assert merged([]) is None


def test_contention_is_learnt_from_two_runs_at_two_sizes() -> None:
    import random

    draw = random.Random(3)
    quiet = replace(world(draw), k=(0.02, 0.028, 0.016), task_noise=0.0, run_noise=0.0, cold_ms=(0, 0, 0))
    model = application(draw)
    small, large = (basis_of(run_of(model, quiet, count, draw)) for count in (2, 8))
    found = learn(large, small)
    assert found is not None
    assert found.k[2] == pytest.approx(0.016, rel=0.35)
    assert "2 executors" in found.evidence[0]
    assert learn(small, small) is None
    assert learn(small, replace(large, trace=replace(large.trace, name="another"))) is None
    grown = basis_of(changed(run_of(model, quiet, 8, draw), read_bytes=1000))
    assert learn(small, grown) is None


def rows_read(stage: Stage, rows: int, size: int) -> Stage:
    tasks = stage.tasks
    for row in range(len(tasks)):
        tasks.read_rows[row], tasks.read_bytes[row] = rows, size
    return stage


def test_more_input_makes_more_splits_or_longer_tasks_and_names_what_it_cannot_scale() -> None:
    stages = [MadeStage([1000] * 8), MadeStage([500] * 4, parents=(0,)), MadeStage([100], parents=(1,))]
    trace = traced(made_model([MadeJob(stages)]))
    rows_read(trace.stages[0], 1000, 128 << 20)
    for row in range(4):
        trace.stages[1].tasks.shuffle_read_rows[row] = 2000
    scaled = with_input(basis_of(trace), 2)
    counts = [len(part.durations) for part in scaled.basis.model.stages]
    assert counts == [16, 4, 1]
    assert list(scaled.basis.model.stages[1].durations) == [1000] * 4
    assert scaled.unscaled == ("stage 2",)
    assert scaled.unscaled_share == pytest.approx(100 / 10_100)
    assert predict(scaled.basis, Case(executors=4)).seconds == pytest.approx(4 + 1 + 0.1, abs=0.05)


def test_small_splits_take_longer_instead_and_what_an_empty_task_takes_stays() -> None:
    trace = traced(made_model([MadeJob([MadeStage([200, 1000, 1000, 1000])])]))
    stage = rows_read(trace.stages[0], 1000, 1 << 20)
    stage.tasks.read_rows[list(stage.tasks.index).index(0)] = 0
    durations = with_input(basis_of(trace), 3).basis.model.stages[0].durations
    assert sorted(durations) == [200, 2600, 2600, 2600]


def test_cost_by_price_and_without() -> None:
    outcome = basis().replay
    shape = shape_of({"spark.executor.memory": "4g", "spark.executor.memoryOverhead": "1g"}, 2, 1)
    assert shape.memory_gib == 5
    seconds = outcome.executor_seconds
    assert cost_of(outcome, {0: shape}, None) == seconds
    # Memory off the heap is granted where it is turned on.
    off = {"spark.memory.offHeap.size": "4g"}
    plain, on = shape_of({}, 2, 0), {**off, "spark.memory.offHeap.enabled": "true"}
    assert shape_of(off, 2, 0) == plain
    assert shape_of(on, 2, 0).memory_gib == plain.memory_gib + 4
    price = Price(core_hour=1, gib_hour=0.5, gpu_hour=3, executor_start=0.1)
    assert cost_of(outcome, {0: shape}, price) == pytest.approx(seconds / 3600 * (2 + 2.5 + 3) + 0.4)


def test_the_default_sizes_are_a_quarter_to_four_times_and_the_run_s_own_loop() -> None:
    assert [case.executors for case in default_cases(basis())] == [1, 2, 4, 8, 16]
    found = replace(basis(), settings=AllocationSettings(least=1, most=9))
    assert default_cases(found)[-1] == Case(dynamic=Dynamic(1, 9))


def test_a_run_that_ends_before_it_begins_is_refused() -> None:
    trace = traced(two_jobs())
    late = replace(trace, start_ms=(trace.end_ms or 0) + 1000)
    assert "ends before it begins" in why(basis_of(late), executors=4)


def test_a_run_without_tasks_is_refused() -> None:
    trace = traced(two_jobs())
    empty = replace(trace, stages=tuple(replace(stage, tasks=Tasks()) for stage in trace.stages))
    assert "no task" in why(basis_of(empty), executors=4)


def test_executors_that_come_late_come_late_in_predictions_too() -> None:
    trace = traced(made_model([MadeJob([MadeStage([1000] * 8)])]), 1)
    late = tuple(replace(one, added_ms=3000) for one in trace.executors)
    assert isinstance(late[0], Executor)
    moved = replace(trace, executors=late, start_ms=-3000)
    assert predict(basis_of(moved), Case(executors=2)).predictable


def test_no_prediction_is_below_the_floor() -> None:
    draw = random.Random(7)
    for _ in range(5):
        found = basis_of(run_of(application(draw), world(draw), 8, draw))
        for answer in (predict(found, Case(executors=count)) for count in (4, 8, 16, 30)):
            assert answer.seconds is None or answer.seconds >= found.floor.seconds * 0.999


def test_an_executor_that_came_for_one_that_had_gone_was_not_asked_for_at_the_start() -> None:
    leases = [
        *executors(3, added_ms=2000),
        Lease(0, 1, 2000, 2000, closed_ms=20_500, removed_ms=21_000, lost=True),
        Lease(0, 1, 30_000, 30_000),
    ]
    found = basis_of(Recorder(two_jobs(80), leases).record(CONF))
    assert found.habits.first_ms == (2000,) * 4
    assert predict(found, Case(executors=8)).seconds == pytest.approx(2 + 20 + 1.5)


def test_a_log_that_lacks_what_took_the_time_is_refused() -> None:
    trace = traced(two_jobs())
    first, *others = trace.stages
    columns = {column.name: getattr(first.tasks, column.name) for column in fields(Tasks)}
    half = Tasks(**{name: column[:8] + column[24:] for name, column in columns.items()})
    lacking = basis_of(replace(trace, stages=(replace(first, tasks=half), *others)))
    assert lacking.error < -0.15
    assert "the log does not tell all" in why(lacking, executors=4)
    assert "the log does not tell all" in why(lacking, executors=8)


def test_a_short_run_may_be_repeated_below_its_own_floor_by_the_noise_of_short_runs() -> None:
    found = predict(basis(made_model([MadeJob([MadeStage([4000])], gap_ms=1000)]), 1), Case(executors=1))
    assert (found.seconds, found.low, found.high) == pytest.approx((5, 5 * 0.85, 5 * 1.15))


def test_a_run_s_own_allocation_is_its_own_size_whatever_its_starts_may_come_to() -> None:
    conf = {**CONF, "spark.dynamicAllocation.enabled": "true", "spark.dynamicAllocation.maxExecutors": "12"}
    settings = AllocationSettings(most=12, initial=1)
    habits = ClusterHabits((2000.0,), (3000.0, 60_000.0, 4000.0, 90_000.0, 5000.0, 30_000.0), (1000.0,))
    jobs = [MadeJob([MadeStage([9000] * 30)], gap_ms=500), MadeJob([MadeStage([9000] * 30)], (0,), 1500)]
    trace = ElasticRecorder(made_model(jobs), settings, habits).record(conf)
    found = basis_of(changed(trace, spilled_bytes=1 << 20))
    own, other = Case(dynamic=Dynamic(0, 12)), Case(dynamic=Dynamic(0, 4))
    assert predict(found, own).predictable
    assert "spilled" in predict(found, other).why


def test_an_executor_of_before_the_start_comes_at_the_start() -> None:
    trace = traced(two_jobs())
    first, *others = trace.executors
    early = replace(trace, executors=(replace(first, added_ms=-999_000), *others))
    assert basis_of(early).habits.first_ms[0] == 0
    found = predict(basis_of(early), Case(dynamic=Dynamic(0, 4)))
    assert found.seconds is not None
    assert found.seconds > 16


def test_beside_a_heap_lies_what_the_manager_gives() -> None:
    def gib(**conf: str) -> float:
        keys = {key.replace("_", "."): value for key, value in conf.items()}
        return shape_of({"spark.executor.memory": "10g", **keys}, 1, 0).memory_gib

    assert gib() == pytest.approx(11)
    assert gib(spark_master="k8s://https://host") == pytest.approx(14)
    assert gib(
        spark_master="k8s://https://host", spark_kubernetes_memoryOverheadFactor="0.2"
    ) == pytest.approx(12)
    # A general factor goes first, and one that is no number counts as none.
    both = {"spark_executor_memoryOverheadFactor": "0.5", "spark_kubernetes_memoryOverheadFactor": "0.2"}
    assert gib(**both) == pytest.approx(15)
    assert gib(**{**both, "spark_executor_memoryOverheadFactor": "much"}) == pytest.approx(12)
