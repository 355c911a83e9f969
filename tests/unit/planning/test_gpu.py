"""GPU executors: the worked cases of NVIDIA's tuner to the number, each manager, and what is refused."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest

from launcher.planning.gpusettings import gpu_tasks, read_threads, shuffle_threads
from launcher.planning.plan_request import Qualification
from launcher.planning.result import Plan
from launcher.spec.cluster import Cluster, Gpus, Nodes
from launcher.spec.units import Mib
from sparkjobs.errors import UsageError
from tests.unit.planning.clusters import (
    GB,
    ROOT,
    application,
    cluster,
    known,
    nodes,
    pin,
    plan,
    reason,
    value,
)

SERIALIZER = "org.apache.spark.serializer.KryoSerializer"


def machine(model: str = "A100", count: int = 4, cores: int = 64, memory_mib: int = 512 * GB) -> Nodes:
    return nodes(1, cores, memory_mib, gpu=Gpus(model=model, count=count))


def dataproc() -> Cluster:
    return cluster(
        "yarn",
        nodes(4, 8, 32 * GB, gpu=Gpus(model="L4", count=1)),
        platform="dataproc",
        enforced={"spark.executor.cores": "8", "spark.executor.instances": "4"},
    )


def values(of: Plan, *keys: str) -> list[str]:
    return [value(of, key) for key in keys]


def test_four_a100_on_premises() -> None:
    made = plan(cluster(machines=machine()))
    one = made.executors
    assert (one.cores, one.gpus, one.per_node) == (16, 1, 4)
    assert (one.min, one.initial, one.max) == (4, 4, 4)
    assert values(made, "spark.executor.cores", "spark.executor.memory") == ["16", "32g"]
    assert value(made, "spark.executor.resource.gpu.amount") == "1"
    assert value(made, "spark.rapids.memory.pinnedPool.size") == "8g"
    assert value(made, "spark.rapids.sql.concurrentGpuTasks") == "4"
    assert value(made, "spark.rapids.sql.multiThreadedRead.numThreads") == "32"
    assert value(made, "spark.rapids.shuffle.multiThreaded.reader.threads") == "24"
    assert value(made, "spark.rapids.shuffle.multiThreaded.writer.threads") == "24"


def test_one_l4_on_dataproc() -> None:
    made = plan(dataproc())
    assert values(made, "spark.executor.cores", "spark.executor.instances") == ["8", "4"]
    assert values(made, "spark.executor.memory", "spark.executor.memoryOverhead") == ["16g", "9830m"]
    assert value(made, "spark.rapids.memory.pinnedPool.size") == "4g"
    assert value(made, "spark.rapids.sql.concurrentGpuTasks") == "3"
    assert value(made, "spark.rapids.sql.multiThreadedRead.numThreads") == "40"
    assert value(made, "spark.rapids.shuffle.multiThreaded.reader.threads") == "20"


def test_sixteen_cores_on_dataproc_fill_pinned_and_spill_memory() -> None:
    where = cluster("yarn", nodes(4, 16, 64 * GB, gpu=Gpus(model="L4", count=1)), platform="dataproc")
    made = plan(where)
    assert values(made, "spark.executor.memory", "spark.executor.memoryOverhead") == ["32g", "19660m"]
    assert value(made, "spark.rapids.memory.pinnedPool.size") == "8g"
    assert value(made, "spark.rapids.shuffle.multiThreaded.writer.threads") == "28"
    assert value(made, "spark.rapids.sql.multiThreadedRead.numThreads") == "80"


@pytest.mark.parametrize(
    ("cores", "cloud", "read", "shuffle"),
    [
        (3, False, 20, None),
        (4, False, 20, 20),
        (12, False, 24, 20),
        (16, False, 32, 24),
        (64, False, 128, 96),
        (600, False, 1000, 900),
        (4, True, 20, 20),
        (8, True, 40, 20),
        (16, True, 80, 28),
        (20, True, 40, 30),
    ],
)
def test_threads_follow_cores_and_platform(cores: int, cloud: bool, read: int, shuffle: int | None) -> None:
    assert read_threads(cores, cloud) == read
    assert shuffle_threads(cores, cloud) == shuffle


@pytest.mark.parametrize(
    ("memory_mib", "tasks"), [(15_109, 2), (16_384, 2), (24_576, 3), (40_960, 4), (81_920, 4), (4096, 1)]
)
def test_tasks_share_a_gpu_by_its_memory(memory_mib: int, tasks: int) -> None:
    assert gpu_tasks(memory_mib) == tasks


@pytest.mark.parametrize(("model", "size"), [("A100", "64m"), ("T4", "32m"), ("L4", "128m")])
def test_partitions_suit_the_model(model: str, size: str) -> None:
    made = plan(cluster(machines=machine(model)))
    assert value(made, "spark.sql.adaptive.advisoryPartitionSizeInBytes") == size
    assert value(made, "spark.sql.files.maxPartitionBytes") == "512m"
    assert values(made, "spark.rapids.sql.batchSizeBytes", "spark.locality.wait") == ["1g", "0"]


def test_the_plugin_is_bound_to_the_exact_spark_and_says_that_it_could_choose() -> None:
    made = plan(cluster(machines=machine()))
    assert value(made, "spark.plugins") == "com.nvidia.spark.SQLPlugin"
    assert value(made, "spark.shuffle.manager") == "com.nvidia.spark.rapids.spark404.RapidsShuffleManager"
    assert value(made, "spark.task.resource.gpu.amount") == "0.001"
    assert "could choose by itself" in reason(made, "spark.rapids.sql.concurrentGpuTasks")
    assert value(made, "spark.driver.extraJavaOptions") == value(made, "spark.executor.extraJavaOptions")


def test_a_plugin_outside_the_table_is_refused_by_the_version_of_its_jar() -> None:
    jars = ("/c/rapids-4-spark_2.13-24.12.0.jar",)
    with pytest.raises(UsageError, match=r"24\.12\.0"):
        plan(cluster(machines=machine()), jars=jars)


def test_kryo_learns_the_plugins_classes_only_where_kryo_is_used() -> None:
    assert plan(cluster(machines=machine())).value("spark.kryo.registrator") is None
    made = plan(cluster(machines=machine()), pins=(pin("spark.serializer", SERIALIZER),))
    assert value(made, "spark.kryo.registrator") == "com.nvidia.spark.rapids.GpuKryoRegistrator"


def test_without_the_plugin_tasks_still_get_addresses() -> None:
    made = plan(cluster(machines=machine()), rapids=False)
    assert made.executors.gpus == 1
    assert value(made, "spark.executor.resource.gpu.amount") == "1"
    assert value(made, "spark.task.resource.gpu.amount") == "0.0625"
    assert not [setting.key for setting in made.settings if "rapids" in setting.key]
    assert made.value("spark.plugins") is None


@pytest.mark.parametrize("cores", [1, 3, 7, 12, 16, 48, 96])
def test_the_share_of_a_task_fills_every_core_and_no_more(cores: int) -> None:
    made = plan(cluster(machines=machine(count=1, cores=cores)), rapids=False)
    share = float(value(made, "spark.task.resource.gpu.amount"))
    assert int(1 / share) == made.executors.cores  # as Spark counts the tasks of one address


def test_each_manager_finds_gpus_in_its_own_way() -> None:
    script = "/conf/gpu-discovery.sh"
    key = "spark.executor.resource.gpu.discoveryScript"
    yarn = plan(cluster("yarn", machine()), discovery_script=script)
    assert values(yarn, key, "spark.yarn.dist.files") == ["./gpu-discovery.sh", script]
    pods = plan(cluster("kubernetes", machine()), discovery_script=script)
    assert value(pods, "spark.executor.resource.gpu.vendor") == "nvidia.com"
    assert value(pods, key).startswith("/opt/spark/")
    assert plan(cluster(machines=machine()), discovery_script=script).value(key) is None


def test_gpus_that_do_not_divide_the_cores_all_get_an_executor() -> None:
    one = plan(cluster(machines=machine(count=4, cores=14))).executors
    assert (one.per_node, one.cores) == (4, 3)


def test_too_little_memory_takes_cores_away_before_it_gives_up() -> None:
    one = plan(cluster(machines=machine("T4", 1, 32, 20 * GB))).executors
    assert one.heap_mib >= 750 * one.cores
    assert one.total_mib <= 20 * GB
    with pytest.raises(UsageError, match="one GPU"):
        plan(cluster(machines=machine("T4", 1, 32, 5 * GB)))


def test_small_input_leaves_gpus_to_others() -> None:
    one = plan(cluster(machines=machine()), application(known(1024))).executors
    assert one.max == 1


def test_a_qualification_that_says_no_keeps_auto_off_but_not_on() -> None:
    verdict = Qualification(0.1, False, "1 of 10 operators would run on the GPU")
    where = cluster(machines=machine())
    auto = plan(where, qualification=verdict)
    assert auto.executors.gpus == 0
    assert "1 of 10 operators" in auto.gpu
    assert plan(where, qualification=verdict, gpu="on").executors.gpus == 1


def test_off_plans_the_same_nodes_on_cpus() -> None:
    made = plan(cluster(machines=machine()), gpu="off")
    assert made.executors.gpus == 0
    assert not [setting.key for setting in made.settings if "gpu" in setting.key]


@pytest.mark.parametrize("where", [cluster(), cluster("local")])
def test_gpus_on_a_target_without_are_refused(where: Cluster) -> None:
    with pytest.raises(UsageError, match="target target"):
        plan(where, gpu="on")


def test_gpu_keys_in_local_mode_are_refused_for_spark_would_hang() -> None:
    with pytest.raises(UsageError, match="for ever"):
        plan(cluster("local"), pins=(pin("spark.task.resource.gpu.amount", "1"),))


def test_two_gpus_an_executor_are_for_other_libraries_than_rapids() -> None:
    two = (pin("spark.executor.resource.gpu.amount", "2"),)
    with pytest.raises(UsageError, match="one GPU an executor"):
        plan(cluster(machines=machine()), pins=two)
    assert plan(cluster(machines=machine()), pins=two, rapids=False).executors.per_node == 2


@pytest.mark.parametrize("version", ["4.0.5", "4.1.4", "4.2.1", "4.3.0", "2.4.8"])
def test_versions_outside_the_table_are_refused_with_the_nearest_that_works(version: str) -> None:
    with pytest.raises(UsageError, match=r"Spark 4\.0\.4|Spark 3\.5\.9|nearest"):
        plan(cluster(machines=machine(), spark_version=version))


def test_an_unknown_model_needs_its_memory() -> None:
    with pytest.raises(UsageError, match="Z9"):
        plan(cluster(machines=machine("Z9")))
    own = nodes(1, 64, 512 * GB, gpu=Gpus(model="Z9", count=4, memory_mib=Mib(16_384)))
    assert value(plan(cluster(machines=own)), "spark.rapids.sql.concurrentGpuTasks") == "2"


def test_the_discovery_script_lists_what_nvidia_smi_lists(tmp_path: Path) -> None:
    tool = tmp_path / "nvidia-smi"
    tool.write_text("#!/bin/sh\nprintf '0\\n1\\n2\\n'\n")
    tool.chmod(0o755)
    path = f"{tmp_path}{os.pathsep}{os.environ['PATH']}"
    script = ROOT / "conf/gpu-discovery.sh"
    done = subprocess.run([script], env={"PATH": path}, capture_output=True, text=True, check=True)
    assert json.loads(done.stdout) == {"name": "gpu", "addresses": ["0", "1", "2"]}


PYTHON_PIN = pin("spark.executor.pyspark.memory", "4g")
OFF_HEAP_PINS = (pin("spark.memory.offHeap.enabled", "true"), pin("spark.memory.offHeap.size", "4g"))


@pytest.mark.parametrize("pins", [(PYTHON_PIN,), OFF_HEAP_PINS])
def test_what_pins_take_on_top_comes_out_of_a_gpus_share(pins):
    machines = nodes(1, 32, 48 * GB, gpu=Gpus(model="A100", count=2))
    made = plan(cluster("kubernetes", machines), pins=pins)
    one = made.executors
    assert one.pyspark_mib + one.offheap_mib == 4 * GB
    assert one.per_node == 2
    assert one.per_node * one.total_mib <= 48 * GB
    assert "executor-fits-no-node" not in {finding.id for finding in made.findings}


def test_memory_for_fewer_gpus_gives_their_executors_the_node():
    made = plan(cluster(machines=nodes(1, 48, 8 * GB, gpu=Gpus(model="V100", count=2))))
    one = made.executors
    assert (one.per_node, one.cores) == (1, 4)  # 750 MiB a core beside the pools, not 1 core of 48
    assert "1 of its GPUs; the rest idle" in reason(made, "spark.executor.resource.gpu.amount")


def test_a_gpu_executor_has_cores_for_one_task_at_least():
    machines = nodes(1, 8, 256 * GB, gpu=Gpus(model="T4", count=4))
    one = plan(cluster(machines=machines), pins=(pin("spark.task.cpus", "4"),)).executors
    assert (one.cores, one.per_node) == (4, 2)


EXPLAIN, PLUGIN = "spark.rapids.sql.explain", pin("spark.plugins", "com.nvidia.spark.SQLPlugin")


@pytest.mark.parametrize(
    ("where", "pins", "wanted"),
    [
        (cluster(machines=machine()), (), "NONE"),
        (cluster("local"), (PLUGIN,), "NONE"),
        (cluster("local"), (PLUGIN, pin("spark.rapids.sql.mode", "explainonly")), "NOT_ON_GPU"),
        (cluster("local"), (PLUGIN, pin(EXPLAIN, "ALL")), "ALL"),
        (cluster("local"), (), None),
    ],
)
def test_the_plugin_is_quiet_unless_somebody_asks_it_to_talk(where, pins, wanted):
    assert plan(where, pins=pins).value(EXPLAIN) == wanted
