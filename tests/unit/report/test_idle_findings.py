"""Executors without work and a driver that works alone: traces that have it, and those that lack it."""

from __future__ import annotations

from array import array
from dataclasses import replace

import pytest

from launcher.records.history.trace import Stage, Trace
from launcher.report.findings.all_findings import findings
from launcher.report.findings.loss import dearest
from launcher.report.view.run_view import RunView
from tests.unit.report.made import executor, found, job, ms, stage, task, trace

FOUR = [executor(n) for n in range(4)]
ELASTIC = {"spark.dynamicAllocation.enabled": "true"}


def idle_between(conf: dict[str, str], gap: float = 30.0, **columns: int) -> Trace:
    """Two jobs of ten seconds on four executors, and a driver that works in between."""
    first = stage(0, *[task(n, n, 0, 10, **columns) for n in range(4)])
    second = stage(1, *[task(n, n, 10 + gap, 20 + gap) for n in range(4)])
    jobs = [job(0, 0, 10), job(1, 10 + gap, 20 + gap)]
    return trace([first, second], FOUR, 20 + gap, jobs, conf=conf)


def test_a_driver_that_works_alone() -> None:
    losses = found(idle_between({}))
    assert losses["driver-bound"].seconds_lost == 30.0
    assert "30 s of 50 s" in losses["driver-bound"].message
    assert "from second 10" in losses["driver-bound"].message
    assert losses["idle-driver"].seconds_lost == 30.0
    assert losses["idle-driver"].keys[0] == "spark.dynamicAllocation.enabled"
    assert "120 executor-seconds" in losses["idle-driver"].message


def test_a_short_wait_for_the_driver_bounds_nothing() -> None:
    losses = found(idle_between({}, gap=2.0))
    assert "driver-bound" not in losses
    assert losses["idle-driver"].seconds_lost == 2.0
    # Too short for dynamic allocation, however it is set.
    cases: list[tuple[dict[str, str], str]] = [
        ({}, "spark.executor.instances"),
        ({"spark.master": "spark://h:7077"}, "spark.cores.max"),
        ({**ELASTIC, "spark.dynamicAllocation.minExecutors": "4"}, "spark.dynamicAllocation.maxExecutors"),
    ]
    for conf, key in cases:
        short = found(idle_between(conf, gap=2.0))["idle-driver"]
        assert short.keys == (key,)
        assert "The longest time took 2.0 s" in short.fix
    alone = idle_between({}, gap=2.0)
    one = replace(alone, executors=(executor(0, cores=4),), stages=tuple(map(on_one, alone.stages)))
    assert found(one)["idle-driver"].keys == ("spark.executor.cores",)


def on_one(made: Stage) -> Stage:
    """The same stage on one executor."""
    return replace(made, tasks=replace(made.tasks, executor=array("q", [0] * len(made.tasks))))


def test_the_least_number_of_executors_is_what_keeps_them() -> None:
    conf = {**ELASTIC, "spark.dynamicAllocation.minExecutors": "4"}
    assert found(idle_between(conf))["idle-driver"].keys == ("spark.dynamicAllocation.minExecutors",)


def test_executors_that_the_least_number_keeps_are_not_held_by_their_data() -> None:
    conf = {**ELASTIC, "spark.dynamicAllocation.minExecutors": "4"}
    made = idle_between(conf, gap=1000.0, shuffle_written_bytes=1000)
    losses = found(made)
    assert "idle-held" not in losses
    assert losses["idle-driver"].seconds_lost == 1000.0
    assert losses["idle-driver"].keys == ("spark.dynamicAllocation.minExecutors",)
    # Two are kept; the other two are held past the 60 s of their timeout.
    two = found(replace(made, conf={**conf, "spark.dynamicAllocation.minExecutors": "2"}))
    assert two["idle-held"].seconds_lost == 2 * 940 / 4
    assert two["idle-driver"].seconds_lost == (2 * 1000 + 2 * 60) / 4
    assert two["idle-driver"].keys == ("spark.dynamicAllocation.minExecutors",)
    tail = trace([stage(0, *[task(n, n, 0, 2 + 200 * (n < 1)) for n in range(4)])], FOUR, 202, conf=conf)
    assert found(tail)["idle-tail"].keys == ("spark.dynamicAllocation.minExecutors",)


def test_executors_that_come_back_later_than_they_are_wanted_stay() -> None:
    """A gap of thirty seconds, and executors that need forty to start."""
    conf = {**ELASTIC, "spark.dynamicAllocation.executorIdleTimeout": "5s"}
    rows = [[task(n, n, begin, begin + 10) for n in range(4)] for begin in (40, 80)]
    stages = [stage(number, *one) for number, one in enumerate(rows)]
    jobs = [job(0, 0, 50), job(1, 80, 90)]
    made = trace(stages, [executor(n, came=40) for n in range(4)], 90, jobs, conf=conf)
    assert found(made)["idle-driver"].keys == ("spark.dynamicAllocation.maxExecutors",)
    soon = replace(made, executors=tuple(executor(n, came=0) for n in range(4)))
    assert found(soon)["idle-driver"].keys == ("spark.dynamicAllocation.executorIdleTimeout",)


def test_executors_idle_where_no_task_ran() -> None:
    losses = found(trace([], FOUR, 3600, [], conf={"spark.master": "yarn"}))
    assert losses["idle-driver"].seconds_lost == 3600.0


def test_a_tail_leaves_executors_without_work() -> None:
    loss = found(trace([stage(0, *[task(n, n, 0, 2 + 6 * (n < 2)) for n in range(4)])], FOUR, 8))["idle-tail"]
    assert loss.keys == ("spark.executor.instances", "spark.sql.shuffle.partitions")
    # Two of four executors stood six seconds.
    assert loss.seconds_lost == 3.0
    assert "12 executor-seconds" in loss.message


@pytest.mark.parametrize(
    ("master", "key"),
    [
        ("yarn", "spark.yarn.archive"),
        ("k8s://https://h", "spark.kubernetes.container.image"),
        ("spark://h:7077", "spark.cores.max"),
    ],
)
def test_a_slow_start_is_mended_by_what_the_manager_knows(master: str, key: str) -> None:
    rows = [task(n, n, 21, 31) for n in range(4)]
    made = trace([stage(0, *rows)], [executor(n, came=20.0) for n in range(4)], 31)
    loss = found(replace(made, conf={"spark.master": master}))["slow-start"]
    assert loss.keys == (key,)
    elastic = found(replace(made, conf={"spark.master": master, **ELASTIC}))["slow-start"]
    assert elastic.keys == ("spark.dynamicAllocation.initialExecutors", key)
    # Some were asked for at the start already.
    asked = {"spark.master": master, **ELASTIC, "spark.dynamicAllocation.initialExecutors": "4"}
    assert found(replace(made, conf=asked))["slow-start"].keys == (key,)
    assert ("spark.yarn" in loss.fix) == (master == "yarn")


@pytest.mark.parametrize("came", [20.0, 2.0])
def test_a_slow_start(came: float) -> None:
    rows = [task(n, n, came + 1, came + 11) for n in range(4)]
    late = [executor(n, came=came) for n in range(4)]
    losses = found(trace([stage(0, *rows)], late, came + 11))
    if came == 20.0:
        # The job was there before its executors: it waited until the first task was launched.
        assert losses["slow-start"].seconds_lost == 18.0
        assert "21 s passed" in losses["slow-start"].message
    else:
        assert "slow-start" not in losses


def test_the_first_screen_tells_one_thing_once() -> None:
    ids = [one.id for one in dearest(findings(RunView(idle_between({}))))]
    assert len({"driver-bound", "idle-driver"} & set(ids)) == 1


@pytest.mark.parametrize("conf", [{**ELASTIC, "spark.master": "yarn"}, {"spark.master": "spark://h:7077"}])
def test_nobody_waits_for_executors_before_the_first_job(conf: dict[str, str]) -> None:
    """A driver that works for a minute, and executors that come ten seconds after its first job."""
    rows = [task(n, n, 70, 80) for n in range(4)]
    made = trace([stage(0, *rows)], [executor(n, came=70) for n in range(4)], 80, [job(0, 60, 80)], conf=conf)
    losses = found(made)
    assert losses["driver-bound"].seconds_lost == 60.0
    assert "the longest time 60 s from second 0 on" in losses["driver-bound"].message
    assert losses["slow-start"].seconds_lost == 7.0
    assert losses["slow-start"].message.startswith("the first job waited 10 s")
    # No executor stood in that minute.
    longer = found(replace(made, end_ms=ms(83)))
    assert "The longest time took 3.0 s" in longer["idle-driver"].fix
    there = found(replace(made, executors=tuple(executor(n, came=20) for n in range(4))))
    assert "slow-start" not in there
    assert there["driver-bound"].seconds_lost == 60.0
    # Executors that were asked for at the start are waited for from there.
    asked = {"spark.master": "yarn", **ELASTIC, "spark.dynamicAllocation.initialExecutors": "2"}
    assert found(replace(made, conf=asked))["slow-start"].seconds_lost == 67.0
    damaged = {"spark.master": "yarn", **ELASTIC, "spark.dynamicAllocation.initialExecutors": "x"}
    assert found(replace(made, conf=damaged))["slow-start"].seconds_lost == 67.0


def test_a_standalone_driver_that_waits_for_its_cores_waits_from_its_start() -> None:
    rows = [task(n, n, 61, 100) for n in range(4)]
    made = trace([stage(0, *rows)], [executor(n, came=58) for n in range(4)], 100, [job(0, 61, 100)])
    conf = {"spark.master": "spark://h:7077", "spark.scheduler.minRegisteredResourcesRatio": "0.8"}
    waits = found(replace(made, conf={**conf, "spark.cores.max": "4"}))
    assert waits["slow-start"].seconds_lost == 55.0
    assert "driver-bound" not in waits
    # Without a number of cores its master knows of none to wait for.
    assert "slow-start" not in found(replace(made, conf=conf))
    damaged = {**conf, "spark.cores.max": "4", "spark.scheduler.minRegisteredResourcesRatio": "x"}
    assert "slow-start" not in found(replace(made, conf=damaged))


def test_a_cluster_that_gave_no_executor_is_not_local() -> None:
    waits = stage(0, size=10, submitted_ms=ms(5), completed_ms=None)
    made = trace([waits], [], 600, [job(0, 5, 600)], conf={"spark.master": "yarn"})
    assert not RunView(made).is_local
    loss = found(made)["slow-start"]
    assert (loss.seconds_lost, loss.keys) == (597.0, ("spark.yarn.archive",))
    assert loss.message == "no executor ever came: 10 min passed"
    assert RunView(replace(made, conf={"spark.master": "local[4]"})).is_local


def test_an_archive_that_is_there_is_not_advised() -> None:
    rows = [task(n, n, 21, 31) for n in range(4)]
    made = trace([stage(0, *rows)], [executor(n, came=20) for n in range(4)], 31)
    for key in ("spark.yarn.archive", "spark.yarn.jars"):
        loss = found(replace(made, conf={"spark.master": "yarn", key: "hdfs:///spark.zip"}))["slow-start"]
        assert loss.keys == ("spark.yarn.queue",)
        assert "archive" not in loss.fix


def test_where_the_driver_alone_can_help_no_setting_is_named() -> None:
    assert found(idle_between({}))["driver-bound"].keys == ()
    cluster = found(idle_between({"spark.submit.deployMode": "cluster"}))["driver-bound"]
    assert cluster.keys == ("spark.driver.cores", "spark.driver.memory")
    driver = executor(0, cores=4, id="driver", came=20)
    rows = [task(n, 0, 21, 31) for n in range(4)]
    conf = {"spark.master": "local[4]", **ELASTIC}
    local = found(trace([stage(0, *rows)], [driver], 31, conf=conf))["slow-start"]
    assert local.keys == ()
    assert "sparkjob warm" in local.fix


def test_nothing_ran_is_no_error() -> None:
    assert set(found(trace([], [], 10, []))) <= {"driver-bound", "slow-start"}
