"""What holds for every plan, on random clusters with random limits, pins and inputs."""

from __future__ import annotations

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from launcher.planning.containers import steps
from launcher.planning.make import make_plan
from launcher.planning.plan_request import Machine, PlanRequest
from launcher.planning.result import Plan
from launcher.spec.layer import Origin
from launcher.spec.units import size_mib
from sparkjobs.errors import UsageError
from tests.unit.planning.clusters import VERSIONS, application, cluster, inputs, pins, requests

EXAMPLES = settings(max_examples=200)


def planned(request: PlanRequest) -> Plan:
    """The plan; requests that cannot be met are refused in words, and not looked at further."""
    try:
        return make_plan(request)
    except UsageError:
        assume(False)
        raise


def driver_mib(plan: Plan) -> int:
    parts = [plan.value("spark.driver.memory"), plan.value("spark.driver.memoryOverhead")]
    return sum(size_mib(part) for part in parts if part)


@EXAMPLES
@given(requests())
def test_every_executor_fits_its_node(request: PlanRequest) -> None:
    plan, machines = planned(request), request.cluster.nodes
    assert machines is not None
    one = plan.executors
    assert one.per_node >= 1
    assert one.per_node * one.cores <= machines.cores
    assert one.per_node * steps(request.cluster).rounded(one.total_mib) <= machines.memory_mib
    assert one.cores >= 1
    assert one.heap_mib >= 471  # UnifiedMemoryManager refuses less
    assert one.overhead_mib >= min(384, one.heap_mib // 10)
    assert one.left_cores >= 0
    assert one.left_mib >= 0
    if one.gpus:
        assert machines.gpu is not None
        assert one.per_node * one.gpus <= machines.gpu.count


@EXAMPLES
@given(requests())
def test_the_whole_never_exceeds_cluster_and_limits(request: PlanRequest) -> None:
    plan, machines, limit = planned(request), request.cluster.nodes, request.cluster.limits
    assert machines is not None
    one, inside = plan.executors, request.deploy_mode == "cluster"
    master = request.cluster.manager == "yarn" and not inside and not one.gpus  # it idles beside GPUs
    cores = one.max * one.cores + inside * int(plan.value("spark.driver.cores") or 0) + master
    taken = steps(request.cluster).rounded
    mib = one.max * taken(one.total_mib) + inside * taken(driver_mib(plan)) + master * taken(512 + 384)
    assert cores <= machines.most * machines.cores
    assert mib <= machines.most * machines.memory_mib
    assert one.max <= (limit.max_executors or one.max)
    assert one.cores <= (limit.max_executor_cores or one.cores)
    assert taken(one.total_mib) <= (limit.max_executor_memory_mib or taken(one.total_mib))
    assert cores <= (limit.max_total_cores or cores)
    assert mib <= (limit.max_total_memory_mib or mib)
    if inside and limit.max_driver_memory_mib:
        assert driver_mib(plan) <= limit.max_driver_memory_mib


@EXAMPLES
@given(requests())
def test_executors_are_in_order_and_the_settings_say_the_same(request: PlanRequest) -> None:
    plan = planned(request)
    one = plan.executors
    assert 0 <= one.min <= one.initial <= one.max
    assert plan.value("spark.executor.cores") == str(one.cores)
    assert size_mib(plan.value("spark.executor.memory") or "") == one.heap_mib
    if plan.value("spark.dynamicAllocation.enabled") == "true":
        assert plan.value("spark.dynamicAllocation.maxExecutors") == str(one.max)
    else:
        assert one.min == one.initial == one.max


@EXAMPLES
@given(requests())
def test_every_setting_says_who_why_and_from_where(request: PlanRequest) -> None:
    plan = planned(request)
    keys = [setting.key for setting in plan.settings]
    assert len(keys) == len(set(keys))
    for setting in plan.settings:
        assert setting.value
        assert setting.reason
        assert setting.source
        assert setting.group
        assert "None" not in setting.reason
        assert (setting.origin is Origin.COMPUTED) == (setting.key not in {p.key for p in request.pins})


@EXAMPLES
@given(requests())
def test_pins_survive_with_their_origin_and_place(request: PlanRequest) -> None:
    plan = planned(request)
    by_key = {setting.key: setting for setting in plan.settings}
    for one in request.pins:
        assert by_key[one.key].value == one.value
        assert by_key[one.key].origin is one.origin
        assert one.place in by_key[one.key].reason


@settings(max_examples=100)
@given(requests())
def test_the_same_request_gives_the_same_plan(request: PlanRequest) -> None:
    assert planned(request) == make_plan(request)


@settings(max_examples=100)
@given(st.integers(1, 64), st.integers(2048, 1 << 20), inputs, pins, st.booleans())
def test_local_mode_has_no_gpus_and_fits_the_machine(cores, memory_mib, size, some_pins, streaming) -> None:
    request = PlanRequest(
        application(size, streaming), cluster("local"), Machine(cores, memory_mib), VERSIONS, some_pins
    )
    plan = planned(request)
    assert not [setting.key for setting in plan.settings if "gpu" in setting.key or "rapids" in setting.key]
    assert plan.executors.total_mib <= memory_mib
    assert plan.executors.gpus == 0


@pytest.mark.slow
@settings(max_examples=2000)
@given(requests())
def test_two_thousand_clusters(request: PlanRequest) -> None:
    for holds in (
        test_every_executor_fits_its_node,
        test_the_whole_never_exceeds_cluster_and_limits,
        test_executors_are_in_order_and_the_settings_say_the_same,
        test_every_setting_says_who_why_and_from_where,
        test_pins_survive_with_their_origin_and_place,
    ):
        holds.hypothesis.inner_test(request)  # type: ignore[attr-defined]
    if not request.pins:
        found = {finding.id for finding in planned(request).findings if finding.severity != "info"}
        assert found <= {"rapids-without-jar", "input-too-coarse", "many-executors"}
