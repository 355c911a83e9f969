"""Partitions that take longer than the others, by what made them long: traces that have it or lack it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from launcher.records.history.trace import Trace
from launcher.report.findings.loss import Loss
from tests.unit.report.made import executor, found, stage, task, trace

FOUR = [executor(n) for n in range(4)]


def skewed(data: bool) -> Trace:
    """Three usual tasks of 2 s, and one of 10 s with ten times their data, or with as much as they have."""
    rows = [task(n, n, 0, 2, shuffle_read_bytes=1 << 20) for n in range(3)]
    rows.append(task(17, 3, 0, 10, shuffle_read_bytes=10 << 20 if data else 1 << 20))
    return trace([stage(5, *rows)], FOUR, 10)


def test_skew_names_the_partition_and_its_data() -> None:
    loss = found(skewed(data=True))["skew"]
    # From second 2 to 10, three of four slots idle.
    assert loss.seconds_lost == 6.0
    assert "stage 5 (count at job.py:7): partition 17 took 10 s against 2.0 s" in loss.message
    assert "10 MiB of data against 1 MiB" in loss.message
    assert loss.keys == ("spark.sql.adaptive.skewJoin.skewedPartitionThresholdInBytes",)


def test_adaptive_execution_is_no_help_for_rdds() -> None:
    made = skewed(data=True)
    jobs = tuple(replace(job, execution=None, root=None) for job in made.jobs)
    loss = found(replace(made, jobs=jobs))["skew"]
    assert loss.keys == ("spark.default.parallelism",)
    assert "salt" in loss.fix


def test_data_by_half_as_much_as_the_time_made_most_of_it() -> None:
    rows = [task(n, n % 4, n // 4 * 10, n // 4 * 10 + 10, shuffle_read_bytes=100_000_000) for n in range(20)]
    rows.append(task(20, 0, 50, 82, shuffle_read_bytes=290_000_000))
    loss = found(trace([stage(1, *rows, parents=(0,))], FOUR, 82))["skew"]
    assert "276.6 MiB of data against 95.4 MiB" in loss.message
    assert loss.keys[0].startswith("spark.sql.adaptive.skewJoin.")


def longest_on(executor_: int, others_s: float) -> Loss:
    """A task of 90 s among five of 10 s on each of three executors, and two of some length beside it."""
    rows = [task(n, n % 3, n // 3 * 10, n // 3 * 10 + 10, shuffle_read_bytes=1 << 20) for n in range(15)]
    rows += [task(20 + n, 3, n * others_s, (n + 1) * others_s, shuffle_read_bytes=1 << 20) for n in range(2)]
    rows.append(task(30, executor_, 50, 140, shuffle_read_bytes=1 << 20))
    return found(trace([stage(5, *rows)], [executor(n) for n in range(5)], 140))["skew"]


def test_an_executor_was_slow_where_its_other_tasks_were_too() -> None:
    """The same data: a slow executor shows in its other tasks; where these were quick the rows take more."""
    unclear = found(skewed(data=False))["skew"]
    assert unclear.keys == longest_on(4, 10).keys == ("spark.speculation",)
    assert "no more data than the others: its executor was slow, or its rows" in unclear.message
    slow = longest_on(3, 20)
    assert slow.keys == ("spark.speculation",)
    assert slow.message.endswith("with no more data than the others: its executor was slow")
    for on in (0, 3):
        heavy = longest_on(on, 10)
        assert heavy.message.endswith("with no more data than the others: its rows take more work")
        assert heavy.keys == ()
        assert "salt" in heavy.fix


@pytest.mark.parametrize("data", [True, False])
def test_what_is_on_is_not_advised(data: bool) -> None:
    """Speculation was asked for: no word of it, of a slow executor and of one that waited."""
    on = {"spark.speculation": "true"}
    rows = [task(n, n, 0, 2, shuffle_read_bytes=1 << 20) for n in range(3)]
    late = task(17, 3, 0, 10, shuffle_read_bytes=1 << 20, **({"run_ms": 2000} if data else {}))
    loss = found(trace([stage(5, *rows, late)], FOUR, 10, conf=on))["skew"]
    assert loss.keys == ()
    assert "speculation" not in loss.fix
    assert "ook at " in loss.fix


def test_a_slow_executor_is_one_though_its_longest_task_had_somewhat_more_data() -> None:
    rows = [task(6 * n + at, n, at, at + 1, read_bytes=10**7) for n in range(3) for at in range(6)]
    rows += [task(20 + at, 3, at * 3.1, at * 3.1 + 3.1, read_bytes=10**7) for at in range(2)]
    longest = task(30, 3, 6.2, 9.4, read_bytes=int(1.65 * 10**7))
    loss = found(trace([stage(0, *rows, longest)], FOUR, 10))["skew"]
    assert loss.keys == ("spark.speculation",)
    assert "its executor was slow" in loss.message
    # As many times the data as the time is what made it long, wherever it ran.
    heavy = {**longest, "read_bytes": 4 * 10**7}
    assert found(trace([stage(0, *rows, heavy)], FOUR, 10))["skew"].keys == (
        "spark.sql.files.maxPartitionBytes",
    )


def test_skewed_files_are_split_by_other_means_than_shuffles() -> None:
    rows = [task(n, n, 0, 2, read_bytes=1 << 20) for n in range(3)]
    rows.append(task(17, 3, 0, 10, read_bytes=10 << 20))
    loss = found(trace([stage(5, *rows)], FOUR, 10))["skew"]
    assert loss.keys == ("spark.sql.files.maxPartitionBytes",)
    assert "10 MiB of data against 1 MiB" in loss.message
    # Rows that nobody read and no shuffle gave are no partitions that adaptive execution knows.
    ranged = found(trace([stage(5, *[task(n, n, 0, 2 + 8 * (n == 3)) for n in range(4)])], FOUR, 10))["skew"]
    assert ranged.keys == ("spark.default.parallelism",)
    assert "no amounts of data" in ranged.message
    after = stage(5, *[task(n, n, 0, 2 + 8 * (n == 3)) for n in range(4)], parents=(4,))
    assert found(trace([after], FOUR, 10))["skew"].keys[0].startswith("spark.sql.adaptive.skewJoin.")


def test_a_task_that_waited_for_its_executor_is_no_skewed_data() -> None:
    rows = [task(n, n, 0, 2, shuffle_read_bytes=1 << 20) for n in range(3)]
    rows.append(task(17, 3, 0, 10, shuffle_read_bytes=10 << 20, run_ms=2000))
    loss = found(trace([stage(5, *rows)], FOUR, 10))["skew"]
    assert loss.keys == ("spark.speculation",)
    assert "took 10 s against 2.0 s (median), 8.0 s of it before and after its own run" in loss.message


def test_skew_that_other_stages_fill_costs_nothing() -> None:
    made = skewed(data=True)
    others = stage(6, *[task(n, n, 2, 10) for n in range(3)])
    assert "skew" not in found(replace(made, stages=(*made.stages, others)))


def test_without_the_join_settings_these_are_named() -> None:
    off = replace(skewed(data=True), conf={"spark.sql.adaptive.enabled": "false"})
    assert found(off)["skew"].keys == ("spark.sql.adaptive.enabled", "spark.sql.adaptive.skewJoin.enabled")
    # Adaptive execution is on since Spark 3.2, and cuts skewed joins since 3.0.
    assert found(replace(skewed(data=True), spark="3.1.2"))["skew"].keys == found(off)["skew"].keys
    assert found(replace(skewed(data=True), spark="2.4.8"))["skew"].keys == ("spark.sql.shuffle.partitions",)
