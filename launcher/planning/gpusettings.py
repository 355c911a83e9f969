"""The settings of GPU executors: scheduling, and the RAPIDS plugin."""

from __future__ import annotations

import re

from launcher.planning.gpu import AMOUNT, POOL, SPILL, GpuUse, Pools
from launcher.planning.javaoptions import additions
from launcher.planning.plan_request import PlanRequest
from launcher.planning.setting import Group
from launcher.planning.settings_builder import SettingsBuilder
from launcher.planning.shape import Shape
from launcher.spec.cluster import Cluster
from launcher.spec.units import counted, mib_text
from sparkjobs.strategies import PLUGINS, RAPIDS_PLUGIN

TUNER = "AutoTuner"
EXPLAIN = "RAPIDS: Configuration"
SCHEDULING = "Spark: Custom Resource Scheduling"
REGISTRATOR = "com.nvidia.spark.rapids.GpuKryoRegistrator"
GPU_MIB_PER_TASK, MOST_GPU_TASKS = 7500, 4
TASK_SHARE = "0.001"
SPLIT_MIB = 512
ADVISORY_MIB = {"A100": 64, "T4": 32}
USUAL_ADVISORY_MIB = 128
# Where Spark's own images and archives keep such a script.
IMAGE_SCRIPT = "/opt/spark/examples/src/main/scripts/getGpusResources.sh"


def advisory_mib(use: GpuUse) -> int:
    """The size that AQE joins partitions up to."""
    return ADVISORY_MIB.get(use.gpus.model.upper(), USUAL_ADVISORY_MIB)


def gpu_tasks(memory_mib: int) -> int:
    """Tasks that share one GPU."""
    return max(1, min(MOST_GPU_TASKS, memory_mib // GPU_MIB_PER_TASK))


def read_threads(cores: int, cloud: bool) -> int:
    """Threads that fetch small files of one executor."""
    if cores < 4 or (cloud and cores < 8):
        return 20
    if cloud and cores < 20:
        return 40 if cores < 16 else 80
    return max(20, min(1000, 2 * cores))


def shuffle_threads(cores: int, cloud: bool) -> int | None:
    """Threads that write or read shuffle files; ``None`` leaves the plugin's default."""
    if cores < 4:
        return None
    if cores < 16:
        return 20
    return 28 if cloud and cores < 20 else cores * 3 // 2


def put_scheduling(builder: SettingsBuilder, request: PlanRequest, use: GpuUse, shape: Shape) -> None:
    """How executors and tasks come to their GPUs."""
    builder.put(Group.GPU, AMOUNT, shape.gpus, _held(use, shape), SCHEDULING)
    if use.rapids:
        share = TASK_SHARE
        cores = counted(shape.cores, "core")
        why = f"small, so that {cores} alone bound the tasks; the plugin itself admits them to the GPU"
    else:
        share = _share(shape)
        why = (
            f"{counted(shape.gpus, 'GPU')} for {counted(shape.cores, 'core')}, so that every core has a task"
        )
    builder.put(Group.GPU, "spark.task.resource.gpu.amount", share, why, TUNER if use.rapids else SCHEDULING)
    _put_discovery(builder, request, use)


def put_rapids(
    builder: SettingsBuilder, request: PlanRequest, use: GpuUse, shape: Shape, pools: Pools, version: str
) -> None:
    """The plugin's settings."""
    put, cluster = builder.put, request.cluster
    why = f"RAPIDS {version} runs SQL operators on the GPU"
    builder.extend(Group.GPU, PLUGINS, [RAPIDS_PLUGIN], ",", why, "RAPIDS: Getting Started")
    manager = f"com.nvidia.spark.rapids.spark{_digits(cluster.spark_version)}.RapidsShuffleManager"
    why = f"the class is bound to the exact Spark {cluster.spark_version}"
    put(Group.GPU, "spark.shuffle.manager", manager, why, "RAPIDS: Shuffle Manager")
    _put_memory(builder, shape, pools)
    _put_tasks(builder, use, version)
    _put_threads(builder, cluster, shape.cores)
    _put_sql(builder, use)
    _put_agreement(builder)


def _held(use: GpuUse, shape: Shape) -> str:
    held, there = shape.per_node * shape.gpus, f"{use.gpus.count} x {use.gpus.model}"
    if held < use.gpus.count:
        return f"a node ({there}) has cores and memory for executors with {held} of its GPUs; the rest idle"
    if shape.gpus > 1:
        return f"an executor holds {shape.gpus} GPUs of a node ({there})"
    return f"one executor holds each GPU of a node ({there})"


def _put_discovery(builder: SettingsBuilder, request: PlanRequest, use: GpuUse) -> None:
    cluster, key = request.cluster, "spark.executor.resource.gpu.discoveryScript"
    if cluster.manager == "standalone":
        return  # the worker lists its GPUs by a script of its own and hands out addresses
    own = use.gpus.discovery_script
    if cluster.manager == "kubernetes":
        why = "a script of the image that lists the GPUs of the pod"
        builder.put(Group.GPU, key, own or IMAGE_SCRIPT, why, SCHEDULING)
        why = "pods ask for nvidia.com/gpu"
        builder.put(Group.GPU, "spark.executor.resource.gpu.vendor", "nvidia.com", why, SCHEDULING)
    elif own or request.discovery_script is None:
        why = "a script on the nodes that lists the GPUs of the container"
        builder.put(Group.GPU, key, own or IMAGE_SCRIPT, why, SCHEDULING)
    else:
        name = request.discovery_script.rpartition("/")[2]
        why = "the script that lists the GPUs comes with the application into every container"
        script = [request.discovery_script]
        builder.extend(Group.GPU, "spark.yarn.dist.files", script, ",", why, "Spark: Running on YARN")
        builder.put(Group.GPU, key, f"./{name}", why, SCHEDULING)


def _put_memory(builder: SettingsBuilder, shape: Shape, pools: Pools) -> None:
    why = (
        f"half of what heap and 10 % of it leave of {shape.room.mib // shape.per_node} MiB for each GPU, "
        "between 2g and 8g: page-locked memory is copied to the GPU fastest"
    )
    builder.put(Group.GPU, POOL, mib_text(pools.pinned), why, TUNER)
    why = "as much again takes what spills from the GPU before it goes to disk"
    builder.put(Group.GPU, SPILL, mib_text(pools.spill), why, TUNER)


def _put_tasks(builder: SettingsBuilder, use: GpuUse, version: str) -> None:
    tasks = gpu_tasks(use.memory_mib)
    why = (
        f"one {use.gpus.model} has {use.memory_mib} MiB, a task {GPU_MIB_PER_TASK}; {MOST_GPU_TASKS} at most"
    )
    if _numbers(version) >= (25, 6):
        why += f"; RAPIDS {version} could choose by itself and takes it as the start"
    builder.put(Group.GPU, "spark.rapids.sql.concurrentGpuTasks", tasks, why, TUNER)
    why = "1 GiB batches fill the GPU and leave room for several tasks"
    builder.put(Group.GPU, "spark.rapids.sql.batchSizeBytes", "1g", why, TUNER)


def _put_threads(builder: SettingsBuilder, cluster: Cluster, cores: int) -> None:
    cloud = cluster.platform != "onprem"
    where = f"{counted(cores, 'core')} {f'on {cluster.platform}' if cloud else 'on premises'}"
    threads = read_threads(cores, cloud)
    why = f"{where}: small files are fetched side by side while the GPU works"
    builder.put(Group.GPU, "spark.rapids.sql.multiThreadedRead.numThreads", threads, why, TUNER)
    number = shuffle_threads(cores, cloud)
    if number is None:
        return
    for role, work in (("reader", "unpack"), ("writer", "pack")):
        why = f"{where}: threads that {work} shuffle data beside the tasks"
        builder.put(Group.GPU, f"spark.rapids.shuffle.multiThreaded.{role}.threads", number, why, TUNER)


def _put_sql(builder: SettingsBuilder, use: GpuUse) -> None:
    size = advisory_mib(use)
    key = "spark.sql.adaptive.advisoryPartitionSizeInBytes"
    why = f"the size of shuffle partitions that suits the {use.gpus.model}; Spark's 64m suits cores"
    if size == 64:
        why = f"the size of shuffle partitions that suits the {use.gpus.model}"
    builder.put(Group.SQL, key, mib_text(size), why, TUNER)
    why = "a task costs more to start on a GPU, so tiny partitions are joined up to 4m at least"
    builder.put(Group.SQL, "spark.sql.adaptive.coalescePartitions.minPartitionSize", "4m", why, TUNER)
    why = f"true would cut partitions below {mib_text(size)} to occupy every core"
    builder.put(Group.SQL, "spark.sql.adaptive.coalescePartitions.parallelismFirst", False, why, TUNER)


def put_explain(builder: SettingsBuilder) -> None:
    """The plugin's talk of each operator, whoever asked for the plugin: 100 kB for a job by its default."""
    pin = builder.pins.get(PLUGINS)
    plugins = builder.value(PLUGINS) or (pin.value if pin else "")
    if RAPIDS_PLUGIN not in [name.strip() for name in plugins.split(",")]:
        return
    key, mode = "spark.rapids.sql.explain", builder.pins.get("spark.rapids.sql.mode")
    if mode is not None and mode.value.strip().lower() == "explainonly":
        why = f"{mode.place} asks to explain only, where NONE would tell of every operator"
        builder.put(Group.GPU, key, "NOT_ON_GPU", why, EXPLAIN)
    else:
        why = "the plugin would tell of every operator that stays on the CPU; sparkjob qualify tells it too"
        builder.put(Group.GPU, key, "NONE", why, EXPLAIN)


def _put_agreement(builder: SettingsBuilder) -> None:
    why = "RAPIDS wants driver and executors in one time zone"
    for role in ("driver", "executor"):
        key = f"spark.{role}.extraJavaOptions"
        pin = builder.pins.get(key)
        zone = additions(pin.value if pin else None, ["-Duser.timezone=UTC"])
        if zone:
            builder.extend(Group.GPU, key, zone, " ", why, "RAPIDS: Compatibility, timestamps")
    serializer = builder.pins.get("spark.serializer")
    if serializer is not None and "KryoSerializer" in serializer.value:
        why = f"{serializer.place} asks for Kryo, which must know the plugin's classes"
        builder.extend(Group.GPU, "spark.kryo.registrator", [REGISTRATOR], ",", why, TUNER)


def _share(shape: Shape) -> str:
    # Rounded down: Spark runs floor(1 / amount) tasks on a GPU, so a little too much costs a whole task.
    share = shape.gpus * 10_000 // shape.cores / 10_000
    return f"{share:g}" if share < 1 else "1"


def _digits(version: str) -> str:
    return "".join(re.findall(r"\d+", version)[:3])


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(number) for number in re.findall(r"\d+", version))
