"""A cluster profile: where an application may run. ``conf/clusters/NAME.yaml`` holds one.

Only data; ``launcher.spec.config`` reads, checks and names the line of a fault.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Literal

import msgspec

from launcher.spec.units import Mib

# MiB as the drivers report it; models that are sold in two sizes stand here with the smaller one.
GPU_MEMORY_MIB: Mapping[str, int] = {
    "T4": 15_109,
    "V100": 16_384,
    "P100": 16_384,
    "L4": 24_576,
    "A10": 24_576,
    "A10G": 24_576,
    "A100": 40_960,
    "L20": 49_152,
    "H100": 81_559,
    "H200": 143_771,
}


Manager = Literal["local", "standalone", "yarn", "kubernetes"]
Platform = Literal["onprem", "dataproc", "emr", "databricks-aws", "databricks-azure"]
DeployMode = Literal["client", "cluster"]


class Gpus(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The GPUs of one node.

    Attributes:
        model: such as ``A100``, ``T4``, ``L4``.
        count: how many a node has.
        memory_mib: memory of one; ``None`` takes the usual one of the model.
        discovery_script: path, on the nodes, of a script that lists the addresses; ``None`` takes ours.
    """

    model: str
    count: int
    memory_mib: Mib | None = msgspec.field(default=None, name="memory")
    discovery_script: str | None = None


class LocalDisks(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where a node keeps shuffle files and what spills.

    Attributes:
        size_mib: room on all of one node's local disks.
        paths: folders of the node, one a disk, that pods mount; other managers have a setting of their own.
    """

    size_mib: Mib = msgspec.field(name="size")
    paths: tuple[str, ...] = ()


class Nodes(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The worker nodes; they are alike.

    Attributes:
        count: how many there are; ``None`` when the cluster scales.
        min: fewest, when the cluster scales.
        max: most, when the cluster scales.
        cores: cores of one node.
        memory_mib: memory of one node.
        own_reserved_cores: cores left to the system and the manager's daemons, where the profile says it.
        own_reserved_mib: memory left to them, where the profile says it.
        reserved_share: share of the node's memory left to them, 0 to 1; ``None`` takes the platform's.
        gpu: its GPUs.
        local_disks: where shuffle files and spilled rows go; ``None`` = nobody says.
        spot: nodes may be taken away at short notice.
    """

    cores: int
    memory_mib: Mib = msgspec.field(name="memory")
    count: int | None = None
    min: int | None = None
    max: int | None = None
    own_reserved_cores: int | None = msgspec.field(default=None, name="reserved_cores")
    own_reserved_mib: Mib | None = msgspec.field(default=None, name="reserved_memory")
    reserved_share: float | None = None
    gpu: Gpus | None = None
    local_disks: LocalDisks | None = None
    spot: bool = False

    @property
    def reserved_cores(self) -> int:
        """Cores left to the system: what the profile says, else 1; small nodes need every core."""
        if self.own_reserved_cores is not None:
            return self.own_reserved_cores
        return 1 if self.cores >= 4 else 0

    @property
    def reserved_mib(self) -> int:
        """Memory left to the system: what the profile says, else 1 GiB, of small nodes a quarter."""
        if self.own_reserved_mib is not None:
            return self.own_reserved_mib
        return min(1024, self.memory_mib // 4)

    @property
    def most(self) -> int:
        """The most nodes there can be."""
        return self.count if self.count is not None else self.max or 0

    @property
    def fewest(self) -> int:
        """The fewest nodes there can be."""
        return self.count if self.count is not None else self.min or 0


class Yarn(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What YARN needs: configuration folder, containers, Kerberos, the Python of the executors.

    Attributes:
        hadoop_conf_dir: folder with yarn-site.xml.
        min_allocation_mib: memory of the smallest container, ``yarn.scheduler.minimum-allocation-mb``;
            ``None`` takes the platform's.
        allocation_step_mib: what larger containers are rounded up to multiples of, the fair scheduler's
            ``increment-allocation``; ``None`` = the smallest container.
        principal: Kerberos principal.
        keytab: its keytab.
        python_archive: archive with the Python of driver and executors.
    """

    hadoop_conf_dir: str
    min_allocation_mib: Mib | None = msgspec.field(default=None, name="min_allocation")
    allocation_step_mib: Mib | None = msgspec.field(default=None, name="allocation_step")
    principal: str | None = None
    keytab: str | None = None
    python_archive: str | None = None


class Kubernetes(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What Kubernetes needs."""

    image: str
    namespace: str = "default"
    service_account: str | None = None
    file_upload_path: str | None = None
    driver_pod_template: str | None = None
    executor_pod_template: str | None = None


class Limits(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The most that one application may ask for; ``None`` = as much as there is."""

    max_executors: int | None = None
    max_executor_cores: int | None = None
    max_executor_memory_mib: Mib | None = msgspec.field(default=None, name="max_executor_memory")
    max_total_cores: int | None = None
    max_total_memory_mib: Mib | None = msgspec.field(default=None, name="max_total_memory")
    max_driver_memory_mib: Mib | None = msgspec.field(default=None, name="max_driver_memory")


class Price(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What executors cost, in one currency; without any of it cost is told in executor-seconds.

    Attributes:
        core_hour: a core for an hour.
        gib_hour: a GiB of memory for an hour, of all that an executor is granted.
        gpu_hour: a GPU for an hour.
        executor_start: a start of an executor.
        currency: its name, for people.
    """

    core_hour: float = 0.0
    gib_hour: float = 0.0
    gpu_hour: float = 0.0
    executor_start: float = 0.0
    currency: str = ""

    def text(self, amount: float) -> str:
        """An amount for people: ``1,234.56 EUR``, and of less than 1 three digits that say something."""
        leading = math.floor(math.log10(amount)) if amount > 0 else 0
        return f"{amount:,.{min(12, max(2, 2 - leading))}f} {self.currency}".rstrip()


class Cluster(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One profile.

    Attributes:
        name: name of its file.
        manager: who hands out executors.
        address: ``spark://host:7077``, ``k8s://https://host:6443``; none for local and YARN.
        web: pages of a standalone master, such as ``http://host:8080``, one for each host of the address;
            ``None`` takes port 8080 of these hosts.
        nodes: the worker nodes; ``None`` for local: this machine.
        deploy_mode: where the driver runs.
        platform: sets the reserved share and I/O threads.
        spark_version: exact version of the cluster's Spark.
        shuffle_service: the external shuffle service runs on every node.
        queue: YARN's queue.
        event_log: folder of the event logs.
        webhdfs: web addresses of the NameNodes, ``http://host:9870``; none: hdfs-site.xml tells.
        secure: authentication and encryption are on.
        secret_file: path, here, of the secret that a secure standalone cluster shares with its applications.
        lock: URL where the locks of tables are kept (redis, rediss, s3a, file); ``None``: beside each table.
        multi_writer: the log store of the tables takes many writers at a time, so that they need no lock.
        conf: Spark settings of the operator.
        enforced: settings that nobody may set otherwise.
        limits: the most that one application may ask for.
        price: what executors cost; ``None``: cost is told in executor-seconds.
        trusted_confs: keys, or patterns with ``*``, that job files may set beyond the usual.
        on_failure: whether job files may have a command run, or an address called, when a run failed.
        executor_env: whether ``run --env`` gives its variables to executors, and to a driver in the cluster.
        places: ``file:line`` of each value by its key (``conf.spark.x``), given by the reader.
    """

    name: str
    manager: Manager
    address: str | None = None
    web: str | None = None
    description: str = ""
    nodes: Nodes | None = None
    deploy_mode: DeployMode = "client"
    platform: Platform = "onprem"
    spark_version: str = "4.0.4"
    shuffle_service: bool = False
    queue: str | None = None
    event_log: str | None = None
    webhdfs: tuple[str, ...] = ()
    secure: bool = False
    secret_file: str | None = None
    lock: str | None = None
    multi_writer: bool = False
    yarn: Yarn | None = None
    kubernetes: Kubernetes | None = None
    conf: dict[str, str] = {}
    enforced: dict[str, str] = {}
    limits: Limits = Limits()
    price: Price | None = None
    trusted_confs: tuple[str, ...] = ()
    on_failure: Literal["allow", "refuse"] = "refuse"
    executor_env: bool = False
    places: dict[str, str] = {}

    def place(self, key: str) -> str:
        """Where a value of the profile stands, for people."""
        return self.places.get(key, f"profile {self.name}")

    @property
    def master(self) -> str:
        """The value of ``--master``; local mode's carries the threads and is made by the plan."""
        return {"local": "local[*]", "yarn": "yarn"}.get(self.manager) or self.address or ""

    @property
    def on_loopback(self) -> bool:
        """Whether every master of a standalone cluster listens where only this machine reaches it."""
        hosts = (self.address or "").removeprefix("spark://").split(",")
        names = {host.rpartition(":")[0] for host in hosts}
        return self.manager == "standalone" and names <= {"127.0.0.1", "localhost"}

    @property
    def master_pages(self) -> tuple[str, ...]:
        """Where a standalone master shows its pages: one address a master, without a closing slash."""
        if self.web is not None:
            return tuple(page.rstrip("/") for page in self.web.split(","))
        hosts = (self.address or "").removeprefix("spark://").split(",")
        return tuple(f"http://{host.rpartition(':')[0]}:8080" for host in hosts)
