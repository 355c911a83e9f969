"""Facts of traces whose right answers are known."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from launcher.records.history.facts import facts as f
from launcher.records.history.facts.facts import Curves, Facts, Gap, Spread
from launcher.records.history.facts.make_facts import facts_of
from launcher.records.history.facts.memory_facts import heap_need
from launcher.records.history.read_trace import read_trace
from tests.unit.history.made import (
    END,
    START,
    added,
    environment,
    event,
    job,
    job_end,
    removed,
    stage,
    task,
    trace,
)

MIB = 1 << 20


def of(*lines: str) -> Facts:
    return facts_of(trace(*lines))


# One executor of two slots from 500 to 9000; a job of four tasks in two waves, one of a single task after it.
TWO_JOBS = (
    environment(), START, added("1", 500),
    job(0, 1_000, [0]), stage("Submitted", 0, 4, **{"Submission Time": 1_000}),
    task(0, 0, 1_000, 3_000), task(0, 1, 1_000, 2_000), task(0, 2, 2_000, 3_000), task(0, 3, 3_000, 6_000),
    stage("Completed", 0, 4, **{"Submission Time": 1_000, "Completion Time": 6_000}), job_end(0, 6_000),
    job(1, 7_000, [1]), stage("Submitted", 1, 1, **{"Submission Time": 7_000}), task(1, 0, 7_000, 8_000),
    stage("Completed", 1, 1, **{"Submission Time": 7_000, "Completion Time": 8_000}), job_end(1, 8_000), END,
)  # fmt: skip


def test_work_chains_and_gaps() -> None:
    found = of(*TWO_JOBS)
    assert (found.seconds, found.tasks, found.work_s, found.wasted_s) == (8.5, 5, 8.0, 0.0)
    # The longest task of each job; 0.5 s before, 1 s between, 1 s after.
    assert (found.critical_path_s, found.driver_s) == (4.0, 2.5)
    assert found.gaps == (Gap(0.0, 0.5), Gap(5.5, 1.0), Gap(7.5, 1.0))
    assert (found.gap_s, found.executor_seconds, found.executors) == (2.5, 8.5, ((0.0, 1),))
    assert found.complete


def test_tasks_are_classed_by_what_their_slot_ran_before() -> None:
    first, second = of(*TWO_JOBS).stages
    assert first.fresh == Spread(2, 3_000, 1_000, 2_000, 2_000)
    assert first.first == Spread()
    assert first.rest == Spread(2, 4_000, 1_000, 3_000, 3_000)
    assert (second.fresh, second.first.count, second.rest) == (Spread(), 1, Spread())
    assert (first.skew, first.slowest) == (1.5, (3, 0, 1))
    assert (first.job, second.job, first.submitted_s, first.completed_s) == (0, 1, 0.5, 5.5)


def test_demand_and_supply() -> None:
    curves = of(*TWO_JOBS).curves
    # 4 unfinished tasks want 2 executors until the second has ended, then 2 (3 left), 1 (1 left), 0, 1, 0.
    assert curves.demand_s == pytest.approx(2 * 1.0 + 2 * 0 + 1 * 4.0 + 1 * 1.0 + 1.0)
    assert curves.under_s == pytest.approx(curves.demand_s - 6.0)
    assert curves.over_s == pytest.approx(0.5 + 1.0 + 1.0)
    assert len(curves.demand) == len(curves.supply) <= f.MOST_STEPS
    assert sum(curves.demand) * curves.step_s == pytest.approx(curves.demand_s, abs=0.1)
    assert set(curves.supply) == {1.0}


_SPAN = st.tuples(st.integers(0, 5), st.integers(1_000, 3_000), st.integers(0, 2_000), st.integers(0, 2))


@given(st.lists(_SPAN, min_size=1, max_size=40))
def test_what_holds_for_any_tasks(spans: list[tuple[int, int, int, int]]) -> None:
    tasks = [
        task(number, index, launch, launch + took, executor=str(executor))
        for index, (number, launch, took, executor) in enumerate(spans)
    ]
    gone = removed("1", 2_500)
    found = of(environment(), START, *(added(str(n), 600 + n) for n in range(3)), *tasks, gone, END)
    classes = [(stage.fresh.count, stage.first.count, stage.rest.count) for stage in found.stages]
    assert sum(map(sum, classes)) == len(spans)
    assert 1 <= sum(fresh for fresh, _, _ in classes) <= 6  # slots
    assert found.work_s == pytest.approx(sum(took for _, _, took, _ in spans) / 1000)
    curves = found.curves
    assert curves.demand_s - curves.under_s == pytest.approx(found.executor_seconds - curves.over_s)
    there = sum(curves.supply) * curves.step_s
    assert there == pytest.approx(found.executor_seconds, rel=0.01, abs=0.05)


def test_jobs_at_once_do_not_add_up() -> None:
    found = of(
        environment(), START, job(0, 1_000, [0]), job(1, 1_000, [1]), task(0, 0, 1_000, 5_000),
        task(1, 0, 1_000, 2_000), job_end(1, 2_000), job_end(0, 5_000), END,
    )  # fmt: skip
    assert (found.critical_path_s, found.driver_s) == (4.0, 4.5)


def test_a_chain_goes_through_the_stages_of_a_job() -> None:
    parents = {"Parent IDs": [0]}
    found = of(
        environment(), START, job(0, 1_000, [0, 1, 2]), task(0, 0, 1_000, 2_000), task(1, 0, 1_000, 1_500),
        task(2, 0, 2_000, 4_000), task(2, 1, 2_000, 2_100), stage("Completed", 2, 2, **parents),
        job_end(0, 4_000), END,
    )  # fmt: skip
    assert found.critical_path_s == 3.0


def test_failed_and_killed_attempts_are_waste_and_count_once() -> None:
    read = {"Input Metrics": {"Bytes Read": 10, "Records Read": 2}}
    found = of(
        environment(), START, added("1", 500, 8), job(0, 1_000, [0]),
        task(0, 0, 1_000, 2_000, reason="ExceptionFailure", metrics=read),
        task(0, 0, 2_000, 4_000, attempt=1, metrics=read),
        task(0, 1, 1_000, 4_000, reason="TaskKilled"),
        task(0, 1, 3_000, 3_500, attempt=1, Speculative=True, metrics=read),
        task(0, 0, 5_000, 6_000, stage_attempt=1, metrics=read), job_end(0, 6_000), END,
    )  # fmt: skip
    assert (found.wasted_s, found.input_bytes, found.input_rows) == (4.0, 20, 4)
    assert (found.stages[0].failed, found.stages[0].killed, found.stages[0].read_rows) == (1, 1, 4)


def test_executors_that_were_removed_cost_until_then() -> None:
    found = of(environment(), START, added("1", 1_500), added("2", 2_500), removed("1", 3_500), END)
    assert found.executors == ((1.0, 1), (2.0, 2), (3.0, 1))
    assert found.executor_seconds == 2.0 + 6.5


def test_memory_is_unknown_where_nobody_measured() -> None:
    assert of(*TWO_JOBS).memory is None


def test_heap_need_follows_the_most_unified_memory_and_not_the_heap_in_use() -> None:
    memory = {"JVMHeapMemory": 4_000 * MIB, "OnHeapUnifiedMemory": 600 * MIB}
    calm = {"Executor Run Time": 1_000, "JVM GC Time": 10}
    found = of(environment(), START, added("1", 500), task(memory=memory, metrics=calm), END).memory
    assert found is not None
    assert found.heap_need == (300 + 600 * 1.25 / 0.6) * MIB
    assert (found.most.python_rss, found.confirmed, list(found.executors)) == (None, True, ["1"])
    for trouble in ({"Executor Run Time": 100, "JVM GC Time": 30}, {**calm, "Disk Bytes Spilled": 1}):
        worse = of(environment(), START, added("1", 500), task(memory=memory, metrics=trouble), END).memory
        assert worse is not None
        assert not worse.confirmed


def test_the_driver_of_a_cluster_is_no_executor() -> None:
    driver = event("StageExecutorMetrics", Executor_ID="driver", Executor_Metrics={"JVMHeapMemory": 9})
    assert of(environment(), START, added("1", 500), driver, END).memory is None
    assert of(environment(), START, added("driver", 500), driver, END).memory is not None


def test_heap_need_takes_the_fraction_that_was_set() -> None:
    assert heap_need(None, {}) is None
    assert heap_need(800 * MIB, {"spark.memory.fraction": "0.8"}) == (300 + 1_250) * MIB
    assert heap_need(600 * MIB, {"spark.memory.fraction": "x"}) == heap_need(600 * MIB, {})


def test_a_log_of_nothing_but_a_start() -> None:
    found = of(START)
    assert (found.seconds, found.tasks, found.complete, found.curves.demand_s) == (0.0, 0, False, 0.0)
    assert found.curves == Curves(0.001, (0.0,), (0.0,), 0.0, 0.0, 0.0)


def test_lists_are_bounded_and_say_what_is_left_out() -> None:
    lines = [
        line
        for n in range(f.MOST_STAGES + 7)
        for line in (task(n, 0, 1_000, 2_000 + n), added(f"e{n}", 600 + n))
    ]
    many = [added(f"x{n}", 2_000 + n) for n in range(2 * f.MOST_CHANGES)]
    found = of(environment(), START, *lines, *many, END)
    assert (len(found.stages), found.stages_left_out) == (f.MOST_STAGES, 7)
    assert found.stages[0].id == 7
    assert len(found.executors) <= f.MOST_CHANGES + 1
    assert found.executors[-1][1] == f.MOST_STAGES + 7 + 2 * f.MOST_CHANGES + 1  # and that of the tasks


@pytest.mark.parametrize(
    ("name", "work", "most"),
    [("nds_q72_cpu_yarn.zstd", 8597.3, 35_000), ("dynamic_allocation.zstd", 222.9, 16_000)],
)
def test_facts_of_real_logs_are_kept_as_json(name: str, work: float, most: int, shared: Path) -> None:
    found = facts_of(read_trace(shared / "eventlogs" / name))
    assert found.work_s == pytest.approx(work, abs=0.1)
    assert found.critical_path_s + found.driver_s <= found.seconds * 1.01
    kept = msgspec.json.encode(found)
    assert len(kept) < most
    assert msgspec.json.decode(kept, type=Facts) == found
