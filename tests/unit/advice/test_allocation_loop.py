"""Spark's allocation loop: the ramp and its clamps, held to what ExecutorAllocationManagerSuite asserts."""

from __future__ import annotations

from dataclasses import replace

import pytest

from launcher.advice.allocation.allocation_settings import NEVER, AllocationSettings, allocation_settings
from launcher.advice.allocation.loop import AllocationLoop, Load
from sparkjobs.errors import DataError

SETTINGS = AllocationSettings(least=1, most=10, initial=1)


def ramp(loop: AllocationLoop, load: Load, ticks: list[float]) -> list[int]:
    """The target after each look."""
    found = []
    for now in ticks:
        loop.tick(now, {0: load})
        found.append(loop.targets[0])
    return found


def test_the_ramp_adds_1_2_4_and_stops_at_the_most() -> None:
    loop = AllocationLoop(SETTINGS, {0: 1})
    loop.stage_submitted(0, 0)
    assert ramp(loop, Load(1000, 0, 0), [1000, 2000, 3000, 4000, 5000]) == [2, 4, 8, 10, 10]


def test_nothing_is_asked_for_before_the_backlog_timeout_nor_between_two() -> None:
    loop = AllocationLoop(replace(SETTINGS, backlog_ms=2000, sustained_ms=500, most=100), {0: 1})
    loop.stage_submitted(0, 0)
    assert ramp(loop, Load(1000, 0, 0), [100, 1999, 2000, 2100, 2499, 2500]) == [1, 1, 2, 2, 2, 4]


def test_after_a_step_that_was_not_wholly_granted_it_begins_with_1_again() -> None:
    loop = AllocationLoop(replace(SETTINGS, most=100), {0: 1})
    loop.stage_submitted(0, 0)
    assert ramp(loop, Load(5, 0, 0), [1000, 2000, 3000]) == [2, 4, 5]
    assert ramp(loop, Load(50, 0, 0), [4000, 5000, 6000]) == [6, 8, 12]


def test_when_no_task_waits_the_ramp_begins_anew() -> None:
    loop = AllocationLoop(replace(SETTINGS, most=100), {0: 1})
    loop.stage_submitted(0, 0)
    assert ramp(loop, Load(100, 0, 0), [1000, 2000]) == [2, 4]
    loop.drained()
    assert ramp(loop, Load(0, 100, 0), [3000, 9000]) == [4, 4]
    loop.backlogged(9000)
    assert ramp(loop, Load(100, 100, 0), [9900, 10_000, 11_000]) == [4, 5, 7]


def test_the_target_begins_at_the_executors_there_are_those_told_to_go_included() -> None:
    loop = AllocationLoop(replace(SETTINGS, most=100), {0: 1})
    loop.stage_submitted(0, 0)
    assert ramp(loop, Load(100, 0, known=7, leaving=7), [1000, 2000]) == [8, 9]


def test_the_target_falls_at_once_to_what_is_needed_and_not_below_the_least() -> None:
    loop = AllocationLoop(replace(SETTINGS, initial=8), {0: 1})
    loop.stage_submitted(0, 0)
    assert ramp(loop, Load(1, 2, 8), [100]) == [3]
    assert ramp(loop, Load(0, 0, 8), [200]) == [1]


def test_the_initial_target_stays_until_a_stage_comes_or_an_executor_idles_too_long() -> None:
    loop = AllocationLoop(replace(SETTINGS, initial=8), {0: 1})
    assert ramp(loop, Load(0, 0, 8), [100, 50_000]) == [8, 8]
    loop.tick(60_000, {0: Load(0, 0, 8)}, idlers=True)
    assert loop.targets[0] == 1


@pytest.mark.parametrize(
    ("ratio", "slots", "tasks", "needed"), [(1, 4, 10, 3), (0.5, 4, 10, 2), (1, 1, 0, 0)]
)
def test_executors_needed(ratio: float, slots: int, tasks: int, needed: int) -> None:
    loop = AllocationLoop(replace(SETTINGS, ratio=ratio), {0: slots})
    assert loop.needed(0, Load(tasks, 0, 0)) == needed


def test_each_further_profile_asks_for_the_initial_number_and_ramps_for_itself() -> None:
    loop = AllocationLoop(replace(SETTINGS, initial=2, most=100), {0: 1, 1: 1})
    loop.stage_submitted(0, 1)
    loop.tick(1000, {1: Load(50, 0, 0)})
    loop.tick(2000, {1: Load(50, 0, 0)})
    assert loop.targets == {0: 1, 1: 5}


def test_idle_executors_go_while_the_target_and_the_least_allow() -> None:
    loop = AllocationLoop(SETTINGS, {0: 1})
    assert loop.released(0, [3, 4, 5], Load(0, 0, known=4, leaving=1)) == [3, 4]
    loop.targets[0] = 3
    assert loop.released(0, [3, 4, 5], Load(0, 0, known=4)) == [3]


def test_settings_have_spark_s_defaults() -> None:
    found = allocation_settings({"spark.dynamicAllocation.enabled": "true"}, "3.5.1")
    assert found == AllocationSettings(tracking=True)
    assert allocation_settings({}, "3.5.1") is None


def test_settings_as_written() -> None:
    conf = {
        "enabled": "true",
        "minExecutors": "2",
        "maxExecutors": "9",
        "schedulerBacklogTimeout": "2s",
        "executorIdleTimeout": "30",
        "cachedExecutorIdleTimeout": "10min",
        "shuffleTracking.timeout": "500ms",
        "executorAllocationRatio": "0.5",
    }
    found = allocation_settings(
        {f"spark.dynamicAllocation.{key}": value for key, value in conf.items()}, "3.3.0"
    )
    assert found == AllocationSettings(2, 9, 2, 2000, 2000, 30_000, 600_000, False, 500, 0.5)


def test_the_initial_number_is_the_largest_of_three() -> None:
    conf = {
        "spark.dynamicAllocation.enabled": "true",
        "spark.dynamicAllocation.minExecutors": "1",
        "spark.dynamicAllocation.initialExecutors": "3",
        "spark.executor.instances": "5",
        "spark.shuffle.service.enabled": "true",
    }
    found = allocation_settings(conf, "")
    assert found is not None
    assert (found.initial, found.tracking, found.most) == (5, False, NEVER)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("executorIdleTimeout", "soon"),
        ("executorIdleTimeout", "1.5s"),
        ("executorIdleTimeout", "-5s"),
        ("schedulerBacklogTimeout", "0s"),
        ("schedulerBacklogTimeout", "500ms"),
        ("sustainedSchedulerBacklogTimeout", "0"),
        ("executorAllocationRatio", "0"),
        ("executorAllocationRatio", "nan"),
        ("executorAllocationRatio", "1.5"),
        ("executorAllocationRatio", "half"),
        ("initialExecutors", "nan"),
        ("initialExecutors", "1e12"),
        ("minExecutors", "-1"),
        ("maxExecutors", "2147483648"),
        ("shuffleTracking.enabled", "maybe"),
    ],
)
def test_a_setting_that_spark_does_not_take_is_named(name: str, value: str) -> None:
    key = f"spark.dynamicAllocation.{name}"
    with pytest.raises(DataError, match=key):
        allocation_settings({"spark.dynamicAllocation.enabled": "true", key: value}, "4.0.0")


def test_times_count_in_whole_seconds_but_that_of_tracking() -> None:
    conf = {"enabled": "true", "executorIdleTimeout": "2500ms", "shuffleTracking.timeout": "2500ms"}
    found = allocation_settings({f"spark.dynamicAllocation.{key}": conf[key] for key in conf}, "")
    assert found is not None
    assert (found.idle_ms, found.tracking_ms) == (2000, 2500)
