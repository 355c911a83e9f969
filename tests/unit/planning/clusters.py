"""Requests for the planner's tests: plain ones by hand, random ones by hypothesis."""

from __future__ import annotations

from pathlib import Path

from hypothesis import strategies as st

from launcher.host.compatibility import read_table
from launcher.planning.make import make_plan
from launcher.planning.plan_request import Machine, PlanRequest
from launcher.planning.result import Plan
from launcher.spec.application import UNKNOWN_INPUT, Application, InputSize
from launcher.spec.cluster import Cluster, Gpus, Kubernetes, Limits, Nodes, Yarn
from launcher.spec.layer import Origin, Pin
from launcher.spec.units import GIB, Mib

ROOT = Path(__file__).parents[3]
VERSIONS = read_table(ROOT / "conf/compatibility.yaml")
MACHINE = Machine(8, 32 * 1024)
GB = 1024  # MiB
ADDRESSES = {"standalone": "spark://host:7077", "kubernetes": "k8s://https://host:6443"}


def nodes(count: int | None = 4, cores: int = 16, memory_mib: int = 64 * GB, **more: object) -> Nodes:
    return Nodes(count=count, cores=cores, memory_mib=Mib(memory_mib), **more)


def cluster(manager: str = "standalone", machines: Nodes | None = None, **more: object) -> Cluster:
    if manager == "kubernetes":
        more.setdefault("kubernetes", Kubernetes(image="image:1", file_upload_path="s3a://b/up"))
    if manager == "yarn":
        more.setdefault("yarn", Yarn(hadoop_conf_dir="/etc/hadoop/conf"))
    if machines is None and manager != "local":
        machines = nodes()
    address = ADDRESSES.get(manager)
    return Cluster(name="target", manager=manager, address=address, nodes=machines, **more)


def application(size: InputSize = UNKNOWN_INPUT, streaming: bool = False) -> Application:
    return Application("app", "script", "app.py", (), size, writes_delta=True, streaming=streaming)


def known(size_bytes: int, files: int | None = 1, splittable: bool = True) -> InputSize:
    return InputSize(size_bytes, files, "listed", splittable)


def pin(key: str, value: str, origin: Origin = Origin.FLAG, place: str = "--flag") -> Pin:
    return Pin(key, value, origin, place)


def plan(where: Cluster, app: Application | None = None, **more: object) -> Plan:
    more.setdefault("machine", MACHINE)
    return make_plan(PlanRequest(app or application(), where, versions=VERSIONS, **more))


def value(of: Plan, key: str) -> str:
    found = of.value(key)
    assert found is not None, key
    return found


def reason(of: Plan, key: str) -> str:
    return next(setting.reason for setting in of.settings if setting.key == key)


GPU_MODELS = ["T4", "L4", "A10G", "A100", "V100", "H100"]
gpus = st.builds(Gpus, model=st.sampled_from(GPU_MODELS), count=st.integers(1, 8))
sizes = st.integers(4 * GB, 2048 * GB)
some = st.none() | st.integers(1, 64)


@st.composite
def node_pools(draw: st.DrawFn) -> Nodes:
    few = draw(st.integers(0, 20))
    scales = draw(st.booleans())
    return Nodes(
        count=None if scales else few + 1,
        min=few if scales else None,
        max=few + draw(st.integers(1, 200)) if scales else None,
        cores=draw(st.integers(1, 256)),
        memory_mib=Mib(draw(sizes)),
        own_reserved_cores=draw(st.none() | st.just(0)),
        own_reserved_mib=draw(st.none() | st.integers(0, 2048).map(Mib)),
        reserved_share=draw(st.none() | st.sampled_from([0.0, 0.1, 0.25])),
        gpu=draw(st.none() | gpus),
        spot=draw(st.booleans()),
    )


def _mib(least: int) -> st.SearchStrategy[Mib | None]:
    return st.none() | st.integers(least, 1024 * GB).map(Mib)


limits = st.builds(
    Limits,
    max_executors=some,
    max_executor_cores=some,
    max_executor_memory_mib=_mib(8 * GB),
    max_total_cores=st.none() | st.integers(2, 512),
    max_total_memory_mib=_mib(16 * GB),
    max_driver_memory_mib=_mib(2 * GB),
)
platforms = st.sampled_from(["onprem", "dataproc", "emr", "databricks-aws", "databricks-azure"])


@st.composite
def clusters(draw: st.DrawFn) -> Cluster:
    return cluster(
        draw(st.sampled_from(["standalone", "yarn", "kubernetes"])),
        draw(node_pools()),
        platform=draw(platforms),
        shuffle_service=draw(st.booleans()),
        limits=draw(limits),
        secure=draw(st.booleans()),
        event_log=draw(st.none() | st.just("hdfs:///log")),
    )


inputs = st.builds(
    InputSize,
    size_bytes=st.none() | st.integers(0, 200_000 * GIB),
    files=st.none() | st.integers(1, 100_000),
    how=st.just("listed"),
    splittable=st.booleans(),
)
pins = st.lists(
    st.sampled_from(
        [
            pin("spark.executor.cores", "3"),
            pin("spark.executor.cores", "8"),
            pin("spark.executor.memory", "2g"),
            pin("spark.executor.memory", "12g"),
            pin("spark.executor.memoryOverhead", "3g"),
            pin("spark.executor.pyspark.memory", "2g"),
            pin("spark.driver.memory", "3g"),
            pin("spark.task.cpus", "2"),
            pin("spark.sql.shuffle.partitions", "7"),
            pin("spark.dynamicAllocation.enabled", "false"),
            pin("spark.dynamicAllocation.maxExecutors", "1", Origin.JOB_FILE, "job.yaml:3"),
            pin("spark.executor.instances", "1"),
            pin("spark.sql.ansi.enabled", "true", Origin.PROFILE, "profile"),
        ]
    ),
    max_size=3,
    unique_by=lambda one: one.key,
).map(tuple)


@st.composite
def requests(draw: st.DrawFn) -> PlanRequest:
    where = draw(clusters())
    modes = ["client"] if where.manager == "standalone" else ["client", "cluster"]
    return PlanRequest(
        application(draw(inputs), streaming=draw(st.booleans())),
        where,
        machine=Machine(draw(st.integers(1, 64)), draw(sizes)),
        versions=VERSIONS,
        pins=draw(pins),
        deploy_mode=draw(st.sampled_from(modes)),
        gpu=draw(st.sampled_from(["auto", "off"])),
        rapids=draw(st.booleans()),
    )
