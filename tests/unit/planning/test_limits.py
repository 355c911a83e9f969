"""What somebody set stays within limits and nodes, by whatever key and way it comes."""

from __future__ import annotations

from dataclasses import replace

import msgspec
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from launcher.planning.containers import millicores_of
from launcher.planning.make import make_plan
from launcher.planning.plan_request import PlanRequest
from launcher.planning.result import Plan
from launcher.spec.cluster import Cluster, Limits
from launcher.spec.layer import Origin
from launcher.spec.units import Mib, size_mib
from sparkjobs.errors import UsageError
from tests.unit.planning.clusters import GB, MACHINE, VERSIONS, application, cluster, known, nodes, pin, plan
from tests.unit.planning.clusters import requests as plain_requests

DA = "spark.dynamicAllocation"
ON, OFF = {f"{DA}.enabled": "true"}, {f"{DA}.enabled": "false"}
REQUEST, LIMIT = (f"spark.kubernetes.executor.{kind}.cores" for kind in ("request", "limit"))
DRIVER_REQUEST, DRIVER_LIMIT = (f"spark.kubernetes.driver.{kind}.cores" for kind in ("request", "limit"))
SIZE = "spark.memory.offHeap.size"
INSIDE = {"spark.submit.deployMode": "cluster"}


def limited(manager: str = "yarn", **limits: object) -> Cluster:
    return cluster(manager, nodes(4, 16, 64 * GB), limits=Limits(**limits))


ONE_CORE, TWO_EXECUTORS, FOUR_GB = (
    {"max_total_cores": 1},
    {"max_executors": 2},
    {"max_executor_memory_mib": Mib(4 * GB)},
)
DRIVER_2G = {"max_driver_memory_mib": Mib(2 * GB)}
CASES = (
    ("standalone", ONE_CORE, {"spark.cores.max": "4"}, "limits.max_total_cores of target is 1"),
    ("standalone", TWO_EXECUTORS,
     {**OFF, "spark.cores.max": "12", "spark.executor.cores": "4"}, "max_executors"),
    ("standalone", {"max_total_memory_mib": Mib(8 * GB)},
     {**OFF, "spark.cores.max": "12", "spark.executor.cores": "1", "spark.executor.memory": "1g"},
     "max_total_memory"),
    ("yarn", TWO_EXECUTORS, {"spark.executor.instances": "3"}, "max_executors"),
    ("yarn", TWO_EXECUTORS, {**ON, "spark.executor.instances": "3"}, "max_executors"),
    ("yarn", TWO_EXECUTORS, {f"{DA}.maxExecutors": "3"}, "max_executors"),
    ("yarn", TWO_EXECUTORS, {f"{DA}.initialExecutors": "3"}, "max_executors"),
    ("yarn", TWO_EXECUTORS, {f"{DA}.minExecutors": "3"}, "max_executors"),
    ("yarn", {"max_executor_cores": 2}, {"spark.executor.cores": "3"}, "max_executor_cores"),
    ("yarn", {"max_executor_cores": 2}, {"spark.task.cpus": "3"}, "max_executor_cores"),
    ("kubernetes", {"max_executor_cores": 2}, {REQUEST: "2500m"}, "max_executor_cores"),
    ("kubernetes", {"max_executor_cores": 2}, {LIMIT: "8"}, "max_executor_cores"),
    ("kubernetes", {}, {REQUEST: "17"}, "request.cores=17"),
    ("kubernetes", {}, {**INSIDE, DRIVER_REQUEST: "17"}, "driver.request.cores=17"),
    ("kubernetes", {}, {**INSIDE, DRIVER_REQUEST: "some"}, "is no number of cores"),
    ("kubernetes", {"max_total_cores": 10}, {**INSIDE, DRIVER_REQUEST: "11"}, "max_total_cores"),
    ("kubernetes", {"max_total_cores": 10}, {**INSIDE, DRIVER_LIMIT: "10500m"}, "max_total_cores"),
    # A setting that this manager does not know takes no place in the sum.
    ("kubernetes", {"max_total_cores": 2}, {LIMIT: "70", "spark.cores.max": "8"}, "max_total_cores"),
    ("yarn", FOUR_GB, {"spark.executor.memory": "4g"}, "max_executor_memory"),
    ("yarn", FOUR_GB, {"spark.executor.memoryOverhead": "4g"}, "max_executor_memory"),
    ("yarn", FOUR_GB, {"spark.yarn.executor.memoryOverhead": "4096"}, "(spark.yarn.executor.memoryOverhead)"),
    ("yarn", FOUR_GB, {"spark.executor.memoryOverheadFactor": "8"}, "max_executor_memory"),
    ("kubernetes", FOUR_GB, {"spark.kubernetes.memoryOverheadFactor": "8"}, "max_executor_memory"),
    ("yarn", FOUR_GB, {"spark.executor.minMemoryOverhead": "4g"}, "max_executor_memory"),
    ("yarn", FOUR_GB, {"spark.executor.pyspark.memory": "4g"}, "max_executor_memory"),
    ("yarn", FOUR_GB, {"spark.memory.offHeap.enabled": "true", SIZE: "4g"}, "max_executor_memory"),
    ("yarn", FOUR_GB, {"spark.unsafe.offHeap": "true", SIZE: "4g"}, "max_executor_memory"),
    ("yarn", {"max_total_cores": 10}, {**INSIDE, "spark.driver.cores": "10"}, "the driver takes 10 cores"),
    ("yarn", {"max_total_cores": 4}, {"spark.yarn.am.cores": "4"}, "application master takes 4 cores"),
    ("kubernetes", {"max_total_memory_mib": Mib(8 * GB)}, {**INSIDE, "spark.driver.memory": "8g"},
     "limits.max_total_memory"),
    ("yarn", DRIVER_2G, {"spark.driver.memory": "3g"}, "max_driver_memory"),
    ("yarn", DRIVER_2G, {**INSIDE, "spark.yarn.driver.memoryOverhead": "3g"}, "max_driver_memory"),
    ("yarn", DRIVER_2G, {**INSIDE, "spark.driver.minMemoryOverhead": "3g"}, "max_driver_memory"),
    ("local", ONE_CORE, {"spark.master": "local[2]"}, "max_total_cores"),
    ("local", ONE_CORE, {"spark.master": "local[*]"}, "leave 1"),
    ("local", DRIVER_2G, {"spark.driver.memory": "3g"}, "max_driver_memory"),
)  # fmt: skip


@pytest.mark.parametrize(
    "origin", [Origin.FLAG, Origin.JOB_FILE, Origin.DEFAULTS, Origin.HISTORY, Origin.PROFILE]
)
@pytest.mark.parametrize(("manager", "limits", "values", "words"), CASES)
def test_a_pin_above_a_limit_is_refused_with_its_place(manager, limits, values, words, origin) -> None:
    where = limited(manager, **limits) if manager != "local" else cluster("local", limits=Limits(**limits))
    pins = tuple(pin(key, value, origin, "here:7") for key, value in values.items())
    with pytest.raises(UsageError) as refused:
        plan(where, application(known(10 << 30)), pins=pins)
    assert words in refused.value.message
    assert "here:7" in refused.value.message


@pytest.mark.parametrize(
    ("manager", "limits", "values"),
    [
        ("standalone", {"max_total_cores": 4}, {"spark.cores.max": "4", "spark.executor.cores": "2"}),
        ("yarn", TWO_EXECUTORS, {"spark.executor.instances": "2"}),
        ("kubernetes", {"max_executor_cores": 2}, {REQUEST: "1500m"}),
        ("kubernetes", {"max_total_cores": 10}, {**INSIDE, DRIVER_REQUEST: "2", DRIVER_LIMIT: "5"}),
        ("kubernetes", {"max_total_cores": 10}, {"spark.submit.deployMode": "client", DRIVER_REQUEST: "99"}),
        ("yarn", FOUR_GB, {"spark.yarn.executor.memoryOverhead": "1g"}),
        ("yarn", DRIVER_2G, {"spark.driver.memory": "2g"}),
        ("local", ONE_CORE, {"spark.master": "local[1]"}),
        ("local", ONE_CORE, {}),
    ],
)
def test_a_pin_at_its_limit_is_planned(manager, limits, values) -> None:
    where = limited(manager, **limits) if manager != "local" else cluster("local", limits=Limits(**limits))
    assert plan(where, pins=tuple(pin(key, value) for key, value in values.items())).settings


ENFORCED = (
    ("spark.executor.memoryOverhead", "1g", "spark.yarn.executor.memoryOverhead", "2g"),
    ("spark.yarn.executor.memoryOverhead", "1g", "spark.executor.memoryOverhead", "2g"),
    ("spark.executor.maxNumFailures", "3", "spark.yarn.max.worker.failures", "4"),
    ("spark.memory.offHeap.enabled", "false", "spark.unsafe.offHeap", "true"),
    ("spark.kerberos.principal", "a@B", "spark.yarn.principal", "c@D"),
)


@pytest.mark.parametrize(("key", "value", "other", "against"), ENFORCED)
def test_an_enforced_value_holds_by_every_name(key, value, other, against) -> None:
    where = cluster("yarn", enforced={key: value})
    with pytest.raises(UsageError, match="enforces"):
        plan(where, pins=(pin(other, against),))
    same = plan(where, pins=(pin(other, value),))
    assert {setting.key for setting in same.settings} & {key, other} == {
        setting.key for setting in same.settings if setting.value == value and setting.key in (key, other)
    }


def test_a_renamed_key_is_planned_with_and_shown_by_its_new_name() -> None:
    made = plan(limited(), pins=(pin("spark.yarn.executor.memoryOverhead", "1536", place="--conf"),))
    assert made.value("spark.executor.memoryOverhead") == "1536"
    assert made.value("spark.yarn.executor.memoryOverhead") is None
    assert made.executors.overhead_mib == 1536
    assert "renamed-key" in [finding.id for finding in made.findings]


def test_pods_that_ask_for_more_cores_than_they_use_are_counted_by_what_they_ask() -> None:
    pins = (pin("spark.executor.cores", "4"), pin("spark.kubernetes.executor.request.cores", "8"))
    made = plan(limited("kubernetes"), pins=pins)
    assert made.executors.per_node <= 2
    assert made.executors.max <= 2 * 4


VALUES = {
    "spark.cores.max": ("1", "4", "12", "64", "4000"),
    "spark.executor.cores": ("1", "3", "8", "40"),
    "spark.executor.instances": ("1", "3", "50"),
    f"{DA}.enabled": ("true", "false"),
    f"{DA}.maxExecutors": ("1", "5", "900"),
    f"{DA}.initialExecutors": ("0", "4"),
    f"{DA}.minExecutors": ("0", "2", "30"),
    "spark.executor.memory": ("600m", "2048", "12g", "200g"),
    "spark.executor.memoryOverhead": ("384", "3g"),
    "spark.yarn.executor.memoryOverhead": ("400", "5g", "100g"),
    "spark.executor.memoryOverheadFactor": ("0.2", "3"),
    "spark.executor.minMemoryOverhead": ("2g",),
    "spark.executor.pyspark.memory": ("1g", "20g"),
    "spark.memory.offHeap.enabled": ("true",),
    "spark.unsafe.offHeap": ("true", "false"),
    "spark.memory.offHeap.size": ("1g", "30g"),
    "spark.task.cpus": ("2", "7"),
    "spark.driver.memory": ("1g", "30g"),
    "spark.driver.cores": ("1", "4", "60"),
    "spark.yarn.driver.memoryOverhead": ("4g",),
    REQUEST: ("500m", "3", "9.5", "80"),
    LIMIT: ("2", "70"),
    "spark.kubernetes.memoryOverheadFactor": ("0.1", "2"),
}
ANY_PINS = st.dictionaries(st.sampled_from(sorted(VALUES)), st.integers(0, 99), max_size=4)


@settings(max_examples=500, deadline=None)
@given(plain_requests(), ANY_PINS, st.sampled_from(list(Origin)[:-1]))
def test_no_plan_exceeds_its_limits_or_its_nodes(
    request: PlanRequest, chosen: dict[str, int], origin: Origin
) -> None:
    pins = tuple(pin(key, VALUES[key][n % len(VALUES[key])], origin) for key, n in chosen.items())
    try:
        made = make_plan(replace(request, pins=pins))
    except UsageError:
        assume(False)
        raise
    check_within(made, request)


def whole(text: str) -> int:
    """Cores of a quantity of Kubernetes, rounded up to whole ones."""
    return -(-(millicores_of(text) or 0) // 1000)


def check_within(made: Plan, request: PlanRequest) -> None:
    """What Spark would take by the settings alone, worked out anew, against limits and nodes."""
    limits, machines = request.cluster.limits, request.cluster.nodes
    assert machines is not None
    value = made.value
    heap = size_mib(value("spark.executor.memory") or "1g")
    beside = value("spark.executor.memoryOverhead")
    least = max(384, size_mib(value("spark.executor.minMemoryOverhead") or "384"))
    mib = heap + (size_mib(beside) if beside else least)
    mib += size_mib(value("spark.executor.pyspark.memory") or "0")
    if value("spark.memory.offHeap.enabled") == "true":
        mib += size_mib(value("spark.memory.offHeap.size") or "0")
    cores = int(value("spark.executor.cores") or 1)
    if request.cluster.manager == "kubernetes":
        pods = [value(f"spark.kubernetes.executor.{kind}.cores") for kind in ("request", "limit")]
        cores = max(cores, *(whole(text) for text in pods if text), 0)
    counts = [value(f"{DA}.{name}Executors") for name in ("min", "initial", "max")]
    count = max(int(text) for text in (*counts, value("spark.executor.instances")) if text) if (
        value(f"{DA}.enabled") == "true") else int(value("spark.executor.instances") or 10**9)  # fmt: skip
    if request.cluster.manager == "standalone":
        by_cores = int(value("spark.cores.max") or 10**9) // int(value("spark.executor.cores") or 1)
        count = min(count if value(f"{DA}.enabled") == "true" else 10**9, by_cores)
    assert count <= (limits.max_executors or count)
    assert cores <= (limits.max_executor_cores or cores)
    assert mib <= (limits.max_executor_memory_mib or mib)
    assert count * cores <= (limits.max_total_cores or count * cores)
    assert count * mib <= (limits.max_total_memory_mib or count * mib)
    assert mib <= machines.memory_mib
    asked = 0
    if request.cluster.manager == "kubernetes":
        asked = whole(value("spark.kubernetes.executor.request.cores") or "0")
    assert max(asked, int(value("spark.executor.cores") or 1)) <= machines.cores
    if request.cluster.manager != "standalone":
        per_node = min(machines.memory_mib // mib, machines.cores // max(asked, made.executors.cores))
        assert count <= machines.most * per_node
    driver = size_mib(value("spark.driver.memory") or "1g")
    assert driver <= (limits.max_driver_memory_mib or driver)


def test_every_limit_of_the_profile_is_looked_at() -> None:
    tried = {name for _, limits, _, _ in CASES for name in limits}
    assert tried == {field.name for field in msgspec.structs.fields(Limits)}
    assert MACHINE.cores > 1
    assert VERSIONS.sets
