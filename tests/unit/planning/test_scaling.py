"""How many executors: from the input, the cluster, bounds and what happens to shuffle files."""

from __future__ import annotations

import pytest

from launcher.planning.work import work
from launcher.spec.application import InputSize
from launcher.spec.layer import Pin
from launcher.spec.units import GIB, KIB, MIB
from sparkjobs.errors import UsageError
from tests.unit.planning.clusters import application, cluster, known, nodes, pin, plan, reason, value

DYNAMIC = "spark.dynamicAllocation"
WIDE = nodes(count=30)


def bounds(least: int | None = None, most: int | None = None) -> tuple[Pin, ...]:
    given = {"minExecutors": least, "maxExecutors": most}
    return tuple(pin(f"{DYNAMIC}.{key}", str(n)) for key, n in given.items() if n is not None)


def test_a_kilobyte_takes_one_executor_however_wide_the_cluster() -> None:
    one = plan(cluster(machines=WIDE), application(known(KIB))).executors
    assert (one.min, one.initial, one.max) == (1, 1, 1)


def test_a_middling_input_takes_as_many_as_hold_its_tasks_at_once() -> None:
    made = plan(cluster(machines=WIDE), application(known(10 * GIB)))
    assert made.executors.max == 64  # 320 tasks of 32 MiB, the smallest that are worth it, 5 an executor
    assert made.executors.initial == 16
    assert "10 GiB in splits of 32 MiB make 321 tasks" in reason(made, f"{DYNAMIC}.maxExecutors")


def test_a_large_input_takes_the_cluster_and_says_what_bounds_it() -> None:
    made = plan(cluster(machines=WIDE), application(known(10_000 * GIB)))
    assert made.executors.max == 90
    assert "30 nodes with 3 each" in reason(made, f"{DYNAMIC}.maxExecutors")


def test_an_unknown_input_starts_small_and_may_grow_to_the_cluster() -> None:
    made = plan(cluster(machines=WIDE))
    assert (made.executors.initial, made.executors.max) == (2, 90)
    assert "not known" in reason(made, f"{DYNAMIC}.initialExecutors")


def test_a_cluster_that_grows_starts_on_the_nodes_that_are_there() -> None:
    growing = nodes(count=None, min=1, max=50)
    made = plan(cluster("kubernetes", growing), application(known(1000 * GIB)))
    assert made.executors.initial <= made.executors.per_node
    assert made.executors.max > 50


def test_files_that_cannot_be_split_are_one_task_each() -> None:
    made = plan(cluster(machines=WIDE), application(known(100 * GIB, files=4, splittable=False)))
    assert made.executors.max == 1


@pytest.mark.parametrize(
    ("size", "tasks"),
    [
        (InputSize(0, 0, "listed"), 1),
        (InputSize(128 * MIB, 1, "listed"), 2),  # opening a file counts as 4 MiB
        (InputSize(124 * MIB, 1, "listed"), 1),
        (InputSize(10 * MIB, 1000, "listed"), 32),
        (InputSize(None, None, "unknown"), None),
    ],
)
def test_tasks_are_counted_as_spark_packs_files(size: InputSize, tasks: int | None) -> None:
    assert work(size, 128).tasks == tasks


def test_huge_inputs_get_larger_splits_and_a_larger_driver() -> None:
    made = plan(cluster(machines=WIDE), application(known(30_000 * GIB)))
    assert value(made, "spark.sql.files.maxPartitionBytes") == "1g"
    assert value(made, "spark.driver.memory") == "4g"


def test_a_shuffle_service_lets_executors_go_at_once() -> None:
    made = plan(cluster("yarn", shuffle_service=True))
    assert value(made, "spark.shuffle.service.enabled") == "true"
    assert value(made, f"{DYNAMIC}.shuffleTracking.enabled") == "false"
    assert made.value(f"{DYNAMIC}.shuffleTracking.timeout") is None


def test_without_a_service_shuffle_files_are_tracked_but_not_for_ever() -> None:
    made = plan(cluster("yarn"))
    assert value(made, f"{DYNAMIC}.shuffleTracking.enabled") == "true"
    assert value(made, f"{DYNAMIC}.shuffleTracking.timeout") == "600s"


@pytest.mark.parametrize("service", [True, False])
def test_spot_nodes_move_their_blocks_and_are_not_tracked(service: bool) -> None:
    made = plan(cluster("yarn", nodes(spot=True), shuffle_service=service))
    for key in (
        "spark.decommission.enabled",
        "spark.storage.decommission.enabled",
        "spark.storage.decommission.shuffleBlocks.enabled",
        "spark.storage.decommission.rddBlocks.enabled",
    ):
        assert value(made, key) == "true"
    assert value(made, f"{DYNAMIC}.shuffleTracking.enabled") == "false"
    assert value(made, "spark.shuffle.service.enabled") == "false"


def test_kubernetes_has_no_shuffle_service_whatever_the_profile_says() -> None:
    made = plan(cluster("kubernetes", shuffle_service=True))
    assert value(made, "spark.shuffle.service.enabled") == "false"
    assert "shuffle_service of the profile has no effect" in reason(made, "spark.shuffle.service.enabled")


def test_a_stream_has_a_fixed_number_for_its_triggers_hide_idleness() -> None:
    made = plan(cluster("yarn"), application(streaming=True))
    assert value(made, f"{DYNAMIC}.enabled") == "false"
    assert value(made, "spark.executor.instances") == "2"
    assert value(made, "spark.sql.shuffle.partitions") == "10"
    assert "triggers" in reason(made, f"{DYNAMIC}.enabled")


def test_bounds_make_a_stream_elastic_again() -> None:
    made = plan(cluster("yarn"), application(streaming=True), pins=bounds(2, 6))
    assert (made.executors.min, made.executors.max) == (2, 6)


def test_pinned_instances_switch_dynamic_allocation_off() -> None:
    made = plan(cluster("yarn"), pins=(pin("spark.executor.instances", "3"),))
    one = made.executors
    assert (one.min, one.initial, one.max) == (3, 3, 3)
    assert value(made, f"{DYNAMIC}.enabled") == "false"
    assert made.value(f"{DYNAMIC}.maxExecutors") is None


def test_a_fixed_number_on_standalone_is_a_sum_of_cores() -> None:
    made = plan(cluster(), application(known(KIB)), pins=(pin(f"{DYNAMIC}.enabled", "false"),))
    assert made.value("spark.executor.instances") is None
    assert value(made, "spark.cores.max") == "5"


def test_bounds_are_kept() -> None:
    one = plan(cluster(), application(known(KIB)), pins=bounds(3, 7)).executors
    assert (one.min, one.initial, one.max) == (3, 3, 7)


def test_a_lower_bound_alone_lifts_the_rest() -> None:
    one = plan(cluster(), application(known(KIB)), pins=bounds(least=3)).executors
    assert (one.min, one.initial, one.max) == (3, 3, 3)


@pytest.mark.parametrize(
    ("pins", "message"),
    [
        ({"minExecutors": "5", "maxExecutors": "3"}, "is above"),
        ({"initialExecutors": "5", "maxExecutors": "3"}, "is above"),
        ({"minExecutors": "5", "initialExecutors": "3"}, "is above"),
        ({"maxExecutors": "13"}, "room for 12"),
        ({"maxExecutors": "0"}, "whole number"),
    ],
)
def test_bounds_that_contradict_are_refused(pins: dict[str, str], message: str) -> None:
    given = tuple(pin(f"{DYNAMIC}.{key}", text) for key, text in pins.items())
    with pytest.raises(UsageError, match=message):
        plan(cluster(), pins=given)


def test_bounds_bind_a_fixed_number_too() -> None:
    off = pin(f"{DYNAMIC}.enabled", "false")
    assert plan(cluster("yarn"), pins=(off, *bounds(most=4))).executors.max == 4
    lifted = plan(cluster("yarn"), application(known(KIB)), pins=(off, *bounds(least=3)))
    assert lifted.executors.max == 3
    with pytest.raises(UsageError, match="outside the bounds"):
        plan(cluster("yarn"), pins=(pin("spark.executor.instances", "6"), *bounds(most=4)))


def test_tasks_of_two_cores_halve_the_slots() -> None:
    app = application(known(4 * GIB))
    one = plan(cluster(machines=WIDE), app, pins=(pin("spark.task.cpus", "2"),)).executors
    assert (one.cores, one.max) == (4, 64)  # 128 tasks, 2 an executor


def test_a_bound_is_told_once_with_its_number():
    with pytest.raises(UsageError, match=r"^--flag: \S+minExecutors=30, but there is room for 12: "):
        plan(cluster(), pins=bounds(least=30))


def test_nodes_that_may_all_be_away_hold_nothing_at_the_start():
    made = plan(cluster("kubernetes", nodes(None, min=0, max=20)))
    assert made.executors.initial == 1
    assert "no node is always there" in reason(made, f"{DYNAMIC}.initialExecutors")


@pytest.mark.parametrize(
    ("manager", "master"), [("yarn", "spark://h:7077"), ("standalone", "local[4]"), ("kubernetes", "yarn")]
)
def test_a_master_of_another_manager_than_the_targets_is_refused(manager, master):
    with pytest.raises(UsageError, match=f"target is {manager}"):
        plan(cluster(manager), pins=(pin("spark.master", master),))


def test_another_master_of_the_same_manager_is_kept():
    made = plan(cluster(), pins=(pin("spark.master", "spark://other:7077"),))
    assert value(made, "spark.master") == "spark://other:7077"


@pytest.mark.parametrize(("cpus", "cores"), [(2, 4), (3, 3), (4, 4), (5, 5), (7, 7), (15, 15)])
def test_an_executor_has_cores_for_whole_tasks(cpus, cores):
    made = plan(cluster(machines=nodes(4, 16)), pins=(pin("spark.task.cpus", str(cpus)),))
    assert made.executors.cores % cpus == 0
    assert not made.findings
    assert f"whole tasks of {cpus} cores" in reason(made, "spark.executor.cores")


def test_a_task_that_needs_more_cores_than_a_node_has_is_refused():
    with pytest.raises(UsageError, match=r"spark.task.cpus=17: an executor takes at least 17 cores"):
        plan(cluster(machines=nodes(4, 16)), pins=(pin("spark.task.cpus", "17"),))


@pytest.mark.parametrize("text", ["9" * 5000, "2147483648"])
def test_a_number_that_no_java_integer_holds_is_refused_in_words(text):
    with pytest.raises(UsageError, match="no whole number from 1 to 2147483647"):
        plan(cluster(), pins=(pin("spark.executor.cores", text),))
