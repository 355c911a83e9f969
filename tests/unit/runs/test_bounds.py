"""How much another attempt may ask for."""

from __future__ import annotations

from launcher.runs.bounds import bounds
from launcher.spec.cluster import Cluster, Limits, Manager, Nodes
from launcher.spec.units import Mib


def cluster(manager: Manager = "standalone", count: int = 3, **limits: int) -> Cluster:
    """Nodes of 8 cores and 32 GiB."""
    given = {f"{name}_mib": Mib(mib) for name, mib in limits.items()}
    nodes = Nodes(cores=8, memory_mib=Mib(32_768), count=count)
    return Cluster(name="nightly", manager=manager, nodes=nodes, limits=Limits(**given))


def test_an_executor_may_fill_a_node() -> None:
    assert bounds(cluster(), "client", 8192, {}).executor_mib == 32_768


def test_limits_of_the_profile_bound_it() -> None:
    limited = bounds(cluster(max_executor_memory=6144), "client", 8192, {})
    assert (limited.executor_mib, limited.executor_why) == (6144, "limits.max_executor_memory of nightly")


def test_executors_share_the_limit_of_the_application() -> None:
    static = bounds(cluster(max_total_memory=40_960), "client", 8192, {"spark.executor.instances": "5"})
    elastic = {"spark.dynamicAllocation.enabled": "true", "spark.dynamicAllocation.maxExecutors": "10"}
    assert static.executor_mib == 8192
    assert bounds(cluster(max_total_memory=40_960), "client", 8192, elastic).executor_mib == 4096


def test_the_driver_on_this_machine_leaves_half_of_it_in_local_mode_a_quarter() -> None:
    assert bounds(cluster(), "client", 8192, {}).driver_mib == 4096
    assert bounds(Cluster(name="laptop", manager="local"), "client", 8192, {}).driver_mib == 6144


def test_the_driver_on_the_cluster_may_fill_a_node() -> None:
    assert bounds(cluster("yarn"), "cluster", 8192, {}).driver_mib == 32_768
    assert bounds(cluster("yarn", max_driver_memory=4096), "cluster", 8192, {}).driver_mib == 4096


def test_on_the_only_node_the_driver_or_the_application_master_has_its_place() -> None:
    settings = {"spark.driver.memory": "4g"}
    # A kubelet keeps 3646 MiB of 32 GiB.
    assert bounds(cluster("kubernetes", 1), "cluster", 0, settings).executor_mib == 29_122 - 4096 - 1638
    assert bounds(cluster("yarn", 1), "client", 0, settings).executor_mib == 32_768 - 1024


def test_yarn_counts_in_gibibytes() -> None:
    odd = Cluster(name="n", manager="yarn", nodes=Nodes(cores=4, memory_mib=Mib(9000), count=2))
    assert bounds(odd, "client", 0, {}).executor_mib == 8192
