"""What a manager really takes: YARN's rounding, and the part of a node that kubelets keep."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from launcher.planning.containers import Steps, millicores_of, steps
from launcher.planning.plan_request import PlanRequest
from launcher.spec.cluster import Cluster, Gpus, Nodes, Yarn
from launcher.spec.units import Mib, size_mib
from sparkjobs.errors import UsageError
from tests.unit.planning.clusters import GB, cluster, nodes, pin, plan, reason, requests, value
from tests.unit.planning.test_any_cluster import planned

REQUEST = "spark.kubernetes.executor.request.cores"


def yarn(least: int | None = None, step: int | None = None) -> Yarn:
    sizes = [None if mib is None else Mib(mib) for mib in (least, step)]
    return Yarn(hadoop_conf_dir="/etc", min_allocation_mib=sizes[0], allocation_step_mib=sizes[1])


def gpu_nodes(count: int = 4, cores: int = 8, memory_mib: int = 32 * GB, gpus: int = 1) -> Nodes:
    return nodes(count, cores, memory_mib, gpu=Gpus(model="L4", count=gpus))


def millicores(text: str) -> int:
    found = millicores_of(text)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("own", "platform", "expected"),
    [
        (yarn(), "onprem", Steps(1024, 1024)),
        (yarn(), "dataproc", Steps(1, 1)),
        (yarn(), "emr", Steps(32, 32)),
        (yarn(2048), "dataproc", Steps(2048, 2048)),
        (yarn(2048, 512), "onprem", Steps(2048, 512)),  # the fair scheduler
    ],
)
def test_the_profile_or_else_its_platform_says_how_yarn_rounds(own, platform, expected):
    assert steps(cluster("yarn", yarn=own, platform=platform)) == expected


@pytest.mark.parametrize(("mib", "taken"), [(1, 2048), (2048, 2048), (2049, 2560), (2560, 2560)])
def test_no_container_is_smaller_than_the_smallest_and_larger_ones_go_by_steps(mib, taken):
    assert Steps(2048, 512).rounded(mib) == taken


@pytest.mark.parametrize("step", [512, 1024, 3000, 4096])
def test_gpu_executors_on_yarn_fit_their_nodes_as_yarn_rounds_them(step):
    machines = gpu_nodes(cores=32, memory_mib=100_000, gpus=3)
    one = plan(cluster("yarn", machines, yarn=yarn(step))).executors
    assert one.gpus == 1
    assert one.per_node == 3
    assert one.per_node * Steps(step, step).rounded(one.total_mib) <= 100_000


def test_a_node_that_yarns_rounding_takes_a_gpu_from_holds_one_executor_less():
    machines = gpu_nodes(cores=8, memory_mib=11 * GB, gpus=2)
    assert plan(cluster("yarn", machines, yarn=yarn(1))).executors.per_node == 2
    assert plan(cluster("yarn", machines, yarn=yarn(6 * GB))).executors.per_node == 1


def test_the_driver_and_the_application_master_are_rounded_by_the_profile_too():
    # A driver of 2.9 GiB takes 16 of 60 GiB, so that two of three executors fit beside it.
    machines = nodes(1, 16, 64 * GB, own_reserved_mib=Mib(4 * GB))
    usual = plan(cluster("yarn", machines), deploy_mode="cluster").executors
    large = plan(cluster("yarn", machines, yarn=yarn(16 * GB)), deploy_mode="cluster").executors
    assert (usual.per_node, large.per_node) == (3, 2)
    assert large.total_mib <= 16 * GB


def pods_fit(made_for: Cluster, made, most: int) -> None:
    machines, one = made_for.nodes, made.executors
    assert machines is not None
    driver = made.value("spark.kubernetes.driver.request.cores") or made.value("spark.driver.cores") or "0"
    memory = size_mib(made.value("spark.driver.memory") or "0m")
    memory += size_mib(made.value("spark.driver.memoryOverhead") or "0m")
    inside = made.value("spark.submit.deployMode") == "cluster"
    executor = millicores(value(made, REQUEST))
    assert one.per_node * executor <= most
    assert one.per_node * one.total_mib < machines.memory_mib
    if inside and machines.most == 1:
        assert one.max * executor + millicores(driver) <= most
        assert one.max * one.total_mib + memory < machines.memory_mib


@settings(max_examples=400)
@given(requests(), st.integers(0, 2), st.sampled_from([None, 0, 1024]))
def test_pods_never_ask_for_the_whole_node(request_: PlanRequest, cores: int, reserved: int | None):
    where = cluster(
        "kubernetes",
        Nodes(
            count=1 + cores,
            cores=request_.cluster.nodes.cores,
            memory_mib=request_.cluster.nodes.memory_mib,
            own_reserved_cores=request_.cluster.nodes.own_reserved_cores,
            own_reserved_mib=None if reserved is None else Mib(reserved),
            gpu=request_.cluster.nodes.gpu,
        ),
    )
    made = planned(PlanRequest(**{**vars(request_), "cluster": where, "pins": ()}))
    assert where.nodes is not None
    pods_fit(where, made, where.nodes.cores * 1000 - min(1000, where.nodes.cores * 50))


def test_pods_of_gpus_leave_what_the_kubelet_keeps_and_run_as_many_tasks():
    made = plan(cluster("kubernetes", gpu_nodes(cores=64, memory_mib=512 * GB, gpus=4)))
    assert made.executors.cores == 16
    assert value(made, REQUEST) == "15750m"
    assert "16 tasks run at once all the same" in reason(made, REQUEST)
    assert made.executors.per_node == 4


def test_nodes_that_reserve_a_core_are_asked_for_whole_cores():
    assert value(plan(cluster("kubernetes")), REQUEST) == "5"


def test_small_nodes_are_asked_for_less_than_they_have():
    made = plan(cluster("kubernetes", nodes(4, 2, 8 * GB)), deploy_mode="cluster")
    assert value(made, REQUEST) == "1900m"
    assert value(made, "spark.kubernetes.driver.request.cores") == "950m"
    assert made.executors.per_node * made.executors.total_mib <= 8 * GB - 1844  # a quarter, then a fifth


@pytest.mark.parametrize("text", ["17", "16", "15500m", "15.3"])
def test_a_request_by_hand_that_no_node_offers_is_refused(text):
    with pytest.raises(UsageError, match=r"--flag: .*request.cores=.* with 16 cores offers 15200m"):
        plan(cluster("kubernetes"), pins=(pin(REQUEST, text),))


@pytest.mark.parametrize("text", ["much", "0", "-1", "1e3", "2 cores"])
def test_a_request_that_kubernetes_cannot_read_is_refused(text):
    with pytest.raises(UsageError, match="no number of cores"):
        plan(cluster("kubernetes"), pins=(pin(REQUEST, text),))


def test_a_larger_request_by_hand_lessens_what_a_node_holds():
    made = plan(cluster("kubernetes"), pins=(pin(REQUEST, "8"), pin("spark.executor.cores", "5")))
    assert made.executors.per_node == 1
    assert made.executors.max == 4


def test_a_gpu_pod_is_counted_by_its_request_too():
    machines = gpu_nodes(cores=16, memory_mib=128 * GB, gpus=2)
    made = plan(cluster("kubernetes", machines), pins=(pin(REQUEST, "9"), pin("spark.executor.cores", "4")))
    assert made.executors.per_node == 1


def test_other_managers_do_not_look_at_it():
    assert plan(cluster("yarn"), pins=(pin(REQUEST, "99"),)).executors == plan(cluster("yarn")).executors
