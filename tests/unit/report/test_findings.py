"""Each finding on a trace that has it, with the seconds that its formula gives, and on one that lacks it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from launcher.records.history.trace import Ended, Trace
from launcher.report.findings.all_findings import IDS
from launcher.report.findings.loss import Loss, dearest, noteworthy
from tests.unit.report.made import even, executor, found, stage, task, trace

FOUR = [executor(n) for n in range(4)]


def test_a_run_that_loses_nothing_has_no_finding() -> None:
    assert found(even()) == {}


@pytest.mark.parametrize(
    ("columns", "said"),
    [
        ({"read_bytes": 5 << 30}, "that reads 5 GiB"),
        ({"shuffle_read_bytes": 5 << 30}, "takes 5 GiB from a shuffle"),
        ({}, "without input"),
    ],
)
def test_one_huge_task(columns: dict[str, int], said: str) -> None:
    before = stage(0, *[task(n, n, 0, 4) for n in range(4)])
    loss = found(trace([before, stage(1, task(0, 0, 4, 12, **columns))], FOUR, 12))["huge-task"]
    assert loss.seconds_lost == 6.0
    assert said in loss.message


def test_one_task_on_one_slot_is_as_it_must_be() -> None:
    assert "huge-task" not in found(trace([stage(0, task(0, 0, 0, 10))], FOUR[:1], 10))


def many(count: int, milliseconds: int) -> Trace:
    """Tasks of a length, one after the other on each of four slots."""
    each = milliseconds / 1000
    rows = [task(n, n % 4, n // 4 * each, (n // 4 + 1) * each, shuffle_read_bytes=1000) for n in range(count)]
    return trace([stage(0, *rows)], FOUR, count / 4 * each)


def test_too_many_small_tasks() -> None:
    loss = found(many(400, 50))["small-tasks"]
    # 400 tasks hold 20 s of work: 20 tasks would do, 380 cost 50 ms each on four slots.
    assert loss.seconds_lost == 4.8  # 4.75
    assert "400 tasks of 50 ms" in loss.message
    assert "spark.sql.shuffle.partitions=20" in loss.fix
    assert loss.keys[1].endswith("parallelismFirst")
    before = found(replace(many(400, 50), spark="3.1.2"))["small-tasks"]
    assert before.keys == ("spark.sql.shuffle.partitions", "spark.sql.adaptive.enabled")
    asked = {"spark.sql.adaptive.enabled": "true"}
    on = found(replace(many(400, 50), spark="3.1.2", conf=asked))["small-tasks"]
    assert on.keys == ("spark.sql.shuffle.partitions",)


@pytest.mark.parametrize("made", [many(400, 400), many(24, 100)])
def test_tasks_that_are_long_or_few_are_not_too_small(made: Trace) -> None:
    assert "small-tasks" not in found(made)


def test_spill() -> None:
    rows = [task(n, n, 0, 10, spilled_bytes=200_000_000, cpu_ms=1000, peak_bytes=1 << 30) for n in range(4)]
    loss = found(trace([stage(3, *rows)], FOUR, 10))["spill"]
    # Each task writes and reads 200 MB at 100 MB/s.
    assert loss.seconds_lost == 4.0
    assert "762.9 MiB" in loss.message
    assert "stage 3" in loss.message
    assert "1 GiB at most" in loss.message


def test_a_stage_of_rdds_heeds_no_setting_of_sql() -> None:
    def of_rdds(made: Trace) -> Trace:
        return replace(made, jobs=tuple(replace(job, execution=None, root=None) for job in made.jobs))

    small = found(of_rdds(many(400, 50)))["small-tasks"]
    assert small.keys == ("spark.default.parallelism",)
    assert small.fix.startswith("Set spark.default.parallelism=20,")
    before = stage(0, *[task(n, n, 0, 4) for n in range(4)])
    for columns, keys in (
        ({"shuffle_read_bytes": 5 << 30}, ("spark.default.parallelism",)),
        ({"read_bytes": 5 << 30}, ()),
    ):
        huge = found(of_rdds(trace([before, stage(1, task(0, 0, 4, 12, **columns))], FOUR, 12)))["huge-task"]
        assert huge.keys == keys
        assert "spark.sql" not in huge.fix
    rows = [task(n, n, 0, 10, spilled_bytes=200_000_000, shuffle_read_bytes=1) for n in range(4)]
    spilled = found(of_rdds(trace([stage(3, *rows)], FOUR, 10)))["spill"]
    assert spilled.keys[0] == "spark.default.parallelism"
    files = [task(n, n % 4, n // 4 * 0.1, n // 4 * 0.1 + 0.1, read_bytes=1000) for n in range(400)]
    read = found(of_rdds(trace([stage(0, *files)], FOUR, 10)))["small-tasks"]
    assert read.keys == ()
    assert "coalesce(40)" in read.fix
    made = [task(n, n % 4, n // 4 * 0.1, n // 4 * 0.1 + 0.1) for n in range(400)]
    alone = found(of_rdds(trace([stage(0, *made)], FOUR, 10)))["small-tasks"]
    assert alone.keys == ("spark.default.parallelism",)
    assert "folders" not in alone.fix
    uneven = [task(n, n, 0, 2 + 8 * (n == 3), read_bytes=(1 + 9 * (n == 3)) << 20) for n in range(4)]
    skewed_ = found(of_rdds(trace([stage(0, *uneven)], FOUR, 10)))["skew"]
    assert skewed_.keys == ()
    assert skewed_.fix.startswith("Repartition after the read")


def test_a_stage_that_only_reads_files_spills_less_by_smaller_splits() -> None:
    rows = [task(n, n, 0, 100, read_bytes=1 << 30, spilled_bytes=1 << 30) for n in range(4)]
    loss = found(trace([stage(0, *rows)], FOUR, 100))["spill"]
    assert loss.keys[0] == "spark.sql.files.maxPartitionBytes"
    assert loss.fix.startswith(
        "Lower spark.sql.files.maxPartitionBytes so that each task holds less, or raise"
    )


def test_spill_costs_no_more_than_half_of_the_tasks() -> None:
    rows = [task(n, n, 0, 10, spilled_bytes=10**12, cpu_ms=9000) for n in range(4)]
    assert found(trace([stage(3, *rows)], FOUR, 10))["spill"].seconds_lost == 5.0


def test_garbage() -> None:
    loss = found(even(gc_ms=3000))["gc"]
    assert loss.seconds_lost == 3.0
    assert "30% of the tasks' time" in loss.message
    assert "gc" not in found(even(gc_ms=500))
    assert loss.keys == ("spark.executor.memory", "spark.executor.cores")


def test_in_local_mode_tasks_share_the_heap_of_the_driver() -> None:
    rows = [task(n, 0, 0, 10, gc_ms=3000, spilled_bytes=200_000_000) for n in range(4)]
    driver = executor(0, cores=4, id="driver")
    losses = found(trace([stage(0, *rows)], [driver], 10, conf={"spark.master": "local[4]"}))
    assert losses["gc"].keys == ("spark.driver.memory", "spark.master")
    assert "spark.driver.memory" in losses["spill"].keys
    assert not any("spark.executor." in losses[one].fix for one in ("gc", "spill"))


def test_failed_tasks_are_told_however_little_they_cost() -> None:
    rows = [task(0, 0, 0, 0.1, ended=int(Ended.FAILED)), task(0, 0, 0.1, 10, attempt=1)]
    rows += [task(n, n, 0, 10) for n in range(1, 4)]
    loss = found(trace([stage(0, *rows)], FOUR, 10))["failed-tasks"]
    assert loss.message.startswith("1 attempt of tasks failed, 1 in stage 0")
    assert loss.keys == ("spark.task.maxFailures",)


def test_tasks_that_went_with_their_executor() -> None:
    rows = [task(0, 0, 0, 4, ended=int(Ended.LOST)), task(0, 1, 4, 10, attempt=1)]
    gone = executor(0, went=4, reason="Container killed by YARN for exceeding memory limits.")
    loss = found(trace([stage(0, *rows)], [gone, executor(1)], 10))["failed-tasks"]
    assert "1 of them with their executor" in loss.message
    assert "exceeding memory limits" in loss.message
    assert loss.keys[0] == "spark.executor.memoryOverhead"
    assert loss.fix.startswith("Memory killed them")
    taken = replace(gone, reason="Container preempted by scheduler. Exit status: 143.")
    spot = found(trace([stage(0, *rows)], [taken, executor(1)], 10))["failed-tasks"]
    assert spot.keys == ("spark.decommission.enabled", "spark.storage.decommission.enabled")
    unknown = found(trace([stage(0, *rows)], [replace(gone, reason="lost"), executor(1)], 10))["failed-tasks"]
    assert unknown.fix.startswith("If memory killed the executors")
    killed = [task(0, 0, 0, 4, ended=int(Ended.KILLED)), task(0, 1, 0, 4)]
    assert "failed-tasks" not in found(trace([stage(0, *killed)], FOUR, 4))


def test_an_executor_that_memory_killed_is_told_though_no_task_went_with_it() -> None:
    gone = executor(3, went=10, reason="Container killed by YARN for exceeding physical memory limits.")
    loss = found(replace(even(), executors=(*FOUR[:3], gone)))["failed-tasks"]
    assert (loss.seconds_lost, loss.keys[0]) == (0.0, "spark.executor.memoryOverhead")
    assert loss.message.startswith("1 executor went without a task: Container killed by YARN")
    idle = replace(gone, reason="Executor killed by driver.")
    assert found(replace(even(), executors=(*FOUR[:3], idle))) == {}


def test_no_finding_is_longer_than_the_run_and_the_dearest_comes_first() -> None:
    losses = [Loss("gc", 99.0, (), "", ""), Loss("spill", 3.0, (), "", ""), Loss("skew", 0.01, (), "", "")]
    kept = noteworthy(losses, 50.0)
    assert [(one.id, one.seconds_lost) for one in kept] == [("gc", 50.0), ("spill", 3.0)]


def test_what_left_executors_idle_is_told_before_that_they_were() -> None:
    idle = Loss("idle-tail", 18.0, (), "", "")
    skewed_, little = Loss("skew", 15.0, (), "", ""), Loss("skew", 2.0, (), "", "")
    assert [one.id for one in dearest([idle, skewed_])] == ["skew"]
    assert [one.id for one in dearest([idle, little])] == ["idle-tail", "skew"]


def test_every_id_of_the_contract_has_a_test() -> None:
    text = "".join(path.read_text("utf-8") for path in Path(__file__).parent.glob("test_*findings.py"))
    assert [one for one in IDS if f'"{one}"' not in text] == []
