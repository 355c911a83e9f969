"""What no setting mends is said: memory that stays idle, coarse inputs, GPUs whose place the driver takes."""

from __future__ import annotations

from dataclasses import replace

import pytest

from launcher.planning.result import Plan
from launcher.spec.application import InputSize
from launcher.spec.cluster import Gpus, Limits, LocalDisks
from launcher.spec.finding import Finding
from launcher.spec.units import GIB, KIB, MIB, Mib
from tests.unit.planning.clusters import GB, application, cluster, known, nodes, pin, plan, value

TIB = 1 << 40
PARQUET = InputSize(203 * MIB, 1, "listed", row_groups=2, rows=20_000_000, unpacked_bytes=320 * MIB)
L4 = nodes(4, 8, 32 * GB, gpu=Gpus(model="L4", count=1))


def found(made: Plan, identity: str) -> Finding | None:
    return next((finding for finding in made.findings if finding.id == identity), None)


def test_memory_that_no_executor_uses_is_a_finding():
    finding = found(plan(cluster(machines=nodes(memory_mib=512 * GB))), "node-memory-unused")
    assert finding is not None
    assert "3 executors of" in finding.message
    assert "of the 524288 MiB of a node" in finding.message


def test_a_driver_larger_than_the_machine_that_submits_is_a_finding():
    for text, warned in (("32g", False), ("33g", True), ("99999999999999g", True)):
        made = plan(cluster(), pins=(pin("spark.driver.memory", text),))
        assert bool(found(made, "driver-above-machine")) is warned
    inside = (pin("spark.driver.memory", "40g"), pin("spark.submit.deployMode", "cluster"))
    assert found(plan(cluster("yarn"), pins=inside), "driver-above-machine") is None


def test_more_executors_than_one_driver_hears_are_a_finding():
    for count, warned in ((500, False), (10_000, True)):
        made = plan(cluster(machines=nodes(count, 96, 768 * GB)), application(known(5 << 50)))
        assert bool(found(made, "many-executors")) is warned
    finding = found(made, "many-executors")
    assert finding is not None
    assert f"{made.executors.max // 10} heartbeats a second" in finding.message


def test_beside_gpus_that_is_so_from_three_quarters_on():
    def idle(memory_mib: int) -> Finding | None:
        machines = nodes(1, 64, memory_mib, gpu=Gpus(model="A100", count=4))
        return found(plan(cluster(machines=machines)), "node-memory-unused")

    assert idle(512 * GB) is None  # 60 % are free
    finding = idle(1024 * GB)
    assert finding is not None
    assert "spillStorageSize" in finding.fix


@pytest.mark.parametrize(
    "more",
    [
        {"where": cluster()},
        {"app": application(known(KIB))},  # small on purpose
        {"where": cluster(limits=Limits(max_executor_memory_mib=Mib(8 * GB)))},
        {"pins": (pin("spark.executor.memory", "4g"),)},
    ],
)
def test_memory_that_somebody_wants_free_is_none(more):
    where = more.pop("where", cluster(machines=nodes(memory_mib=512 * GB)))
    app = more.pop("app", None)
    assert found(plan(where, app, **more), "node-memory-unused") is None


def test_few_row_groups_are_told_with_the_only_mend():
    finding = found(plan(cluster(), application(PARQUET)), "input-too-coarse")
    assert finding is not None
    assert (
        "2 row groups in 1 Parquet file, each of which is read by one task, though 40 tasks"
        in finding.message
    )
    assert "only a repartition after reading" in finding.fix


def test_so_are_files_that_cannot_be_split():
    packed = known(100 * GIB, files=4, splittable=False)
    finding = found(plan(cluster(), application(packed)), "input-too-coarse")
    assert finding is not None
    assert "4 compressed files" in finding.message


@pytest.mark.parametrize("size", [replace(PARQUET, row_groups=200), known(GIB), known(20 * MIB, 1, False)])
def test_inputs_that_are_cut_finely_enough_or_are_small_are_no_finding(size):
    assert found(plan(cluster(), application(size)), "input-too-coarse") is None


def test_blocks_that_stay_tiny_are_told():
    assert found(plan(cluster("yarn"), application(known(5 * TIB))), "tiny-shuffle-blocks") is None
    finding = found(plan(cluster("yarn"), application(known(500 * TIB))), "tiny-shuffle-blocks")
    assert finding is not None
    pinned = (pin("spark.sql.files.maxPartitionBytes", "128m"), pin("spark.sql.shuffle.partitions", "20000"))
    finding = found(plan(cluster("yarn"), application(known(5 * TIB)), pins=pinned), "tiny-shuffle-blocks")
    assert finding is not None
    assert "from 40961 tasks to 20000 partitions has blocks of 6.6 KiB" in finding.message


def test_the_driver_takes_no_gpu_where_a_core_of_each_executor_is_less():
    made = plan(cluster("yarn", L4, platform="dataproc"), deploy_mode="cluster")
    assert (made.executors.max, made.executors.cores) == (4, 7)
    assert found(made, "gpu-node-for-driver") is None


def test_on_many_nodes_one_gpu_is_less_and_is_said():
    many = nodes(40, 8, 32 * GB, gpu=Gpus(model="L4", count=1))
    made = plan(cluster("yarn", many, platform="dataproc"), deploy_mode="cluster")
    assert (made.executors.max, made.executors.cores) == (39, 8)
    finding = found(made, "gpu-node-for-driver")
    assert finding is not None
    assert "the driver takes 1 core and" in finding.message
    assert "--deploy-mode client" in finding.fix


def test_cores_that_somebody_fixed_are_kept():
    made = plan(
        cluster("yarn", L4, platform="dataproc"),
        deploy_mode="cluster",
        pins=(pin("spark.executor.cores", "8"),),
    )
    assert (made.executors.max, made.executors.cores) == (3, 8)
    assert found(made, "gpu-node-for-driver") is not None


def test_a_driver_outside_takes_nothing():
    made = plan(cluster("yarn", L4, platform="dataproc"))
    assert (made.executors.max, found(made, "gpu-node-for-driver")) == (4, None)


def test_a_shuffle_that_fills_the_local_disks_is_told():
    disks = nodes(local_disks=LocalDisks(size_mib=Mib(100 * GB)))
    finding = found(plan(cluster(machines=disks), application(known(500 * GIB))), "input-above-local-disks")
    assert finding is not None
    assert "the input has 500 GiB, the local disks of target 400 GiB" in finding.message
    assert (
        found(plan(cluster(machines=disks), application(known(300 * GIB))), "input-above-local-disks") is None
    )


def test_pods_mount_the_local_disks_of_their_node():
    machines = nodes(local_disks=LocalDisks(size_mib=Mib(GB), paths=("/mnt/a", "/mnt/b")))
    made = plan(cluster("kubernetes", machines))
    volume = "spark.kubernetes.executor.volumes.hostPath.spark-local-dir-2"
    assert value(made, f"{volume}.mount.path") == value(made, f"{volume}.options.path") == "/mnt/b"


@pytest.mark.parametrize(("size", "words"), [(TIB, "15 hours"), (5 * TIB, "3 days")])
def test_a_laptop_is_warned_of_an_input_that_takes_it_days(size, words):
    finding = found(plan(cluster("local"), application(known(size))), "input-above-machine")
    assert finding is not None
    assert (finding.severity, "--target" in finding.fix) == ("warning", True)
    assert words in finding.message


@pytest.mark.parametrize("app", [application(known(20 * GIB)), application(known(TIB), streaming=True)])
def test_but_not_of_an_afternoon_or_a_stream(app):
    assert found(plan(cluster("local"), app), "input-above-machine") is None
