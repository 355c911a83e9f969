"""Executors that came one after the other, and those that their data held: traces that have it or lack it."""

from __future__ import annotations

from dataclasses import replace

from launcher.report.findings.idle import missing_s
from launcher.report.view.run_view import RunView
from tests.unit.report.made import executor, found, job, ms, stage, task, trace
from tests.unit.report.test_idle_findings import ELASTIC, idle_between


def test_a_ramp() -> None:
    """Eight tasks; the second executor comes after four seconds, and takes its first task a second later."""
    rows = [task(0, 0, 0, 5), task(1, 0, 5, 10), task(2, 1, 5, 10)]
    made = trace([stage(0, *rows)], [executor(0), executor(1, came=4)], 10, conf=ELASTIC)
    loss = found(made)["idle-ramp"]
    # Four executor-seconds missing by the most, two; one that stood by the average, 1.6.
    assert loss.seconds_lost == round(4 / 2 + 1 / 1.6, 1)
    assert loss.keys[0] == "spark.dynamicAllocation.initialExecutors"
    assert "idle-ramp" not in found(replace(made, executors=(executor(0), executor(1))))


def test_a_second_ramp_counts_as_the_first() -> None:
    """Four executors that went; then one comes at 200 s, and three more a minute later, while tasks wait."""
    before = stage(0, *[task(n, n % 4, 2 + n // 4 * 10, 12 + n // 4 * 10) for n in range(8)])
    rows = [task(n, 4, 200 + n * 10, 210 + n * 10) for n in range(6)]
    rows += [task(6 + n, 5 + n, 260, 270) for n in range(3)]
    came = [executor(n, came=2, went=82) for n in range(4)]
    came += [executor(4, came=200), *(executor(5 + n, came=260) for n in range(3))]
    jobs = [job(0, 0, 22), job(1, 199, 270)]
    made = trace([before, stage(1, *rows)], came, 271, jobs, conf=ELASTIC)
    assert missing_s(RunView(made)) == 180.0
    assert found(made)["idle-ramp"].seconds_lost == 45.0
    # Those at the start went long before: more of them are no help.
    assert found(made)["idle-ramp"].keys == (
        "spark.dynamicAllocation.minExecutors",
        "spark.dynamicAllocation.executorIdleTimeout",
        "spark.dynamicAllocation.schedulerBacklogTimeout",
    )


def test_executors_that_were_lost_and_never_came_again_are_no_ramp() -> None:
    """Two of four go at 30 s; tasks wait for them to the end."""
    rows = [task(10 * n + at, n, at * 10, at * 10 + 10) for n in range(4) for at in range(3 if n > 1 else 10)]
    gone = [executor(n, went=30, reason="Container preempted") for n in (2, 3)]
    made = trace([stage(0, *rows)], [executor(0), executor(1), *gone], 100, conf=ELASTIC)
    assert missing_s(RunView(made)) == 0.0
    again = replace(made, executors=(*made.executors, executor(4, came=50)))
    assert missing_s(RunView(again)) == 40.0


def test_where_as_many_were_asked_for_at_the_start_the_cluster_is_looked_at() -> None:
    rows = [task(n, 0, n * 5, n * 5 + 5) for n in range(8)] + [task(8 + n, 1 + n, 40, 45) for n in range(3)]
    came = [executor(0), *(executor(n, came=40) for n in (1, 2, 3))]
    asked = {**ELASTIC, "spark.dynamicAllocation.initialExecutors": "4"}
    assert found(trace([stage(0, *rows)], came, 45, conf=asked))["idle-ramp"].keys == ()
    fewer = {**ELASTIC, "spark.dynamicAllocation.initialExecutors": "1"}
    loss = found(trace([stage(0, *rows)], came, 45, conf=fewer))["idle-ramp"]
    assert loss.keys[0] == "spark.dynamicAllocation.initialExecutors"


def test_an_executor_that_never_had_a_task_is_no_ramp() -> None:
    rows = [task(n, n, 1, 101) for n in range(2)]
    came = [executor(n, came=1) for n in range(2)] + [executor(n, came=20) for n in (2, 3, 4, 5)]
    losses = found(trace([stage(0, *rows)], came, 101, conf=ELASTIC))
    assert "idle-ramp" not in losses
    assert "324 executor-seconds" in losses["idle-tail"].message


def test_executors_that_came_when_little_was_left_are_not_asked_for_sooner() -> None:
    """The second executor comes late and stands; one task is left for it at the end."""
    rows = [task(n, 0, n * 5, n * 5 + 5) for n in range(3)]
    stages = [stage(0, *rows), stage(1, task(0, 1, 60, 65))]
    made = trace(stages, [executor(0), executor(1, came=14)], 65, conf=ELASTIC)
    assert "spark.dynamicAllocation.initialExecutors" not in found(made)["idle-ramp"].keys
    fixed = found(replace(made, conf={}))["idle-ramp"]
    assert fixed.keys == ("spark.executor.instances",)


def test_a_cluster_that_starts_executors_one_by_one_is_looked_at() -> None:
    rows = [task(n, 0, n * 5, n * 5 + 5) for n in range(8)] + [task(8 + n, 1 + n, 40, 45) for n in range(3)]
    came = [executor(0), *(executor(n, came=40) for n in (1, 2, 3))]
    loss = found(trace([stage(0, *rows)], came, 45, conf={"spark.master": "yarn"}))["idle-ramp"]
    assert loss.keys == ()
    assert "why the cluster starts them one by one" in loss.fix


def test_executors_that_shuffle_data_holds_past_their_timeout() -> None:
    conf = {**ELASTIC, "spark.dynamicAllocation.executorIdleTimeout": "5s"}
    losses = found(idle_between(conf, shuffle_written_bytes=10))
    assert losses["idle-held"].seconds_lost == 25.0
    assert "held by shuffle data" in losses["idle-held"].message
    assert losses["idle-held"].keys == (
        "spark.dynamicAllocation.shuffleTracking.timeout",
        "spark.decommission.enabled",
        "spark.storage.decommission.enabled",
        "spark.dynamicAllocation.shuffleTracking.enabled",
    )
    tracked = {**conf, "spark.dynamicAllocation.shuffleTracking.enabled": "true"}
    before = found(replace(idle_between(tracked, shuffle_written_bytes=10), spark="3.0.3"))["idle-held"]
    assert before.keys == ("spark.dynamicAllocation.shuffleTracking.timeout",)
    assert losses["idle-driver"].seconds_lost == 5.0
    assert "idle-held" not in found(idle_between(conf))
    assert "idle-held" not in found(idle_between({}, shuffle_written_bytes=10))


def test_where_a_service_serves_shuffle_data_it_holds_no_executor() -> None:
    conf = {**ELASTIC, "spark.dynamicAllocation.executorIdleTimeout": "5s"}
    served = found(idle_between({**conf, "spark.shuffle.service.enabled": "true"}, shuffle_written_bytes=10))
    assert "idle-held" not in served
    assert served["idle-driver"].seconds_lost == 30.0
    before_tracking = replace(idle_between(conf, shuffle_written_bytes=10), spark="3.2.1")
    assert "idle-held" not in found(before_tracking)
    # An idle timeout above the wait keeps them; one below it let them go late.
    assert "executorIdleTimeout from 5.0 s" in served["idle-driver"].fix
    usual = found(idle_between(ELASTIC))["idle-driver"]
    assert "executorIdleTimeout below the 30 s that the longest time took" in usual.fix


def test_executors_that_cached_data_holds() -> None:
    conf = {**ELASTIC, "spark.dynamicAllocation.executorIdleTimeout": "5s"}
    made = replace(idle_between(conf), cached_ms={str(n): ms(1) for n in range(4)})
    loss = found(made)["idle-held"]
    assert "held by cached data" in loss.message
    # That they could hand their blocks on changes nothing.
    assert loss.keys == ("spark.dynamicAllocation.cachedExecutorIdleTimeout",)
    assert "decommission" not in loss.fix
    both = replace(idle_between(conf, shuffle_written_bytes=10), cached_ms=made.cached_ms)
    assert found(both)["idle-held"].keys == (
        "spark.dynamicAllocation.cachedExecutorIdleTimeout",
        "spark.dynamicAllocation.shuffleTracking.timeout",
    )
    assert "held by cached and shuffle data" in found(both)["idle-held"].message
