"""What Spark refuses although its entry takes it, or it has none: checks that stand elsewhere in its code.

Pure; the types are those of ``launcher.spec.value_types``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from launcher.spec.value_types import parse

_DYNAMIC = "spark.dynamicAllocation."
_FREE_PORT = "int[0,0]|[1024,65535]"
# Each with the class that refuses.
TYPES: Mapping[str, str] = {
    # SparkSubmitArguments.validateSubmitArguments
    "spark.driver.memory": "size:m[1,]",
    "spark.executor.memory": "size:m[1,]",
    "spark.executor.cores": "int[1,]",
    "spark.cores.max": "int[1,]",
    "spark.executor.instances": "int[0,]",
    "spark.driver.cores": "int[1,]",
    # ResourceProfile, TaskSchedulerImpl
    "spark.task.cpus": "int[1,]",
    "spark.executor.memoryOverhead": "size:m[0,]",
    "spark.driver.memoryOverhead": "size:m[0,]",
    "spark.executor.minMemoryOverhead": "size:m[0,]",
    "spark.driver.minMemoryOverhead": "size:m[0,]",
    "spark.executor.pyspark.memory": "size:m[0,]",
    # ExecutorAllocationManager.validateSettings
    f"{_DYNAMIC}schedulerBacklogTimeout": "time:s[1,]",
    f"{_DYNAMIC}sustainedSchedulerBacklogTimeout": "time:s[1,]",
    f"{_DYNAMIC}executorAllocationRatio": "double(0,1]",
    # UnifiedMemoryManager
    "spark.memory.fraction": "double(0,1]",
    # KryoSerializer
    "spark.kryoserializer.buffer.max": "size:m[0,2047]",
    # HashPartitioner, YARN's client
    "spark.default.parallelism": "int[1,]",
    # FilePartition, PartitionedFileUtil.splitFiles: steps of 0 fail, and below 0 no file is read at all
    "spark.sql.files.maxPartitionBytes": "size:b[1,]",
    # TaskSchedulerImpl, RpcUtils, RateEstimator.create
    "spark.scheduler.mode": "any-case:FAIR|FIFO",
    "spark.rpc.askTimeout": "time:s",
    "spark.rpc.lookupTimeout": "time:s",
    "spark.streaming.backpressure.rateEstimator": "one-of:pid",
    "spark.yarn.maxAppAttempts": "int[0,]",
    # Utils.startServiceOnPort
    "spark.driver.port": _FREE_PORT,
    "spark.blockManager.port": _FREE_PORT,
    "spark.driver.blockManager.port": _FREE_PORT,
    "spark.ui.port": _FREE_PORT,
    # SparkSubmit.prepareSubmitEnvironment
    "spark.submit.deployMode": "one-of:client|cluster",
    # Entries that take one text
    "spark.kubernetes.pyspark.pythonVersion": "one-of:3",
    "spark.sql.hive.version": "one-of:2.3.10",
}
# Keys of any name: the pattern decides. RAPIDS makes a switch for each of its operators as it starts.
PATTERNS: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"spark\.(executor|driver)\.resource\.[^.]+\.amount"), "int[1,]"),
    (
        re.compile(r"spark\.rapids\.sql\.(exec|expression|input|output|partitioning|command|scan)\.\w+"),
        "flag",
    ),
    (re.compile(r"spark\.(.+\.)?port"), "int[0,65535]"),
)
# Loaded by Utils.classForName or loadExtensions: without a package Spark finds none of its own.
CLASSES = frozenset({
    "spark.serializer", "spark.plugins", "spark.extraListeners", "spark.kryo.registrator",
    "spark.sql.extensions", "spark.sql.queryExecutionListeners", "spark.sql.cache.serializer",
    "spark.sql.streaming.streamingQueryListeners", "spark.resources.discoveryPlugin",
    "spark.sql.streaming.stateStore.providerClass", "spark.sql.sources.commitProtocolClass",
    "spark.sql.streaming.commitProtocolClass", "spark.sql.parquet.output.committer.class",
    "spark.shuffle.sort.io.plugin.class", "spark.sql.catalog.spark_catalog",
    "spark.storage.replication.policy", "spark.storage.replication.topologyMapper", "spark.ui.filters",
    "spark.sql.adaptive.customCostEvaluatorClass", "spark.sql.sources.outputCommitterClass",
    "spark.sql.extendedExplainProviders", "spark.kubernetes.driver.pod.featureSteps",
    "spark.kubernetes.executor.pod.featureSteps", "spark.streaming.driver.writeAheadLog.class",
    "spark.streaming.receiver.writeAheadLog.class",
})  # fmt: skip
_CODECS = ("lz4", "lzf", "snappy", "zstd")  # CompressionCodec.shortCompressionCodecNames
SHORT_NAMES: Mapping[str, tuple[str, ...]] = {
    "spark.shuffle.manager": ("sort", "tungsten-sort"),
    "spark.io.compression.codec": _CODECS,
    "spark.eventLog.compression.codec": _CODECS,
    "spark.shuffle.mapStatus.compression.codec": _CODECS,
    "spark.sql.streaming.stateStore.compression.codec": _CODECS,
    "spark.kubernetes.allocation.pods.allocator": ("direct", "statefulset"),
}
_TASK_AMOUNT = re.compile(r"spark\.task\.resource\.[^.]+\.amount")
_POD_PREFIX = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*")
_LOCAL = re.compile(r"local(\[(\*|\d+)(\s*,\s*\d+)?\]|-cluster\[\s*\d+\s*,\s*\d+\s*,\s*\d+\s*\])?")
_STANDALONE = re.compile(r"spark://[^:,/\s]+:\d+(,[^:,/\s]+:\d+)*|spark://\[[0-9A-Fa-f:]+\]:\d+")
_PORT = re.compile(r":(\d+)(?=,|$)")
# Quantity of Kubernetes' API, also what nobody writes for cores.
_QUANTITY = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([numkMGTPE]|[KMGTPE]i|[eE][+-]?\d+)?")


def strict(key: str, text: str) -> None:
    """Check what no entry checks.

    Args:
        key: the key.
        text: its value.

    Raises:
        ValueError: Spark refuses it.
    """
    kind = TYPES.get(key) or next((kind for form, kind in PATTERNS if form.fullmatch(key)), None)
    if kind is not None:
        parse(kind, text)
    if key in CLASSES or key in SHORT_NAMES:
        _classes(key, text)
    check = _OWN.get(key) or (_task_share if _TASK_AMOUNT.fullmatch(key) else None)
    if check is not None:
        check(text)


def master(text: str, mesos: bool = False) -> None:
    """Check a master.

    Args:
        text: the URL.
        mesos: this Spark still knows Mesos, as before 4.0.

    Raises:
        ValueError: spark-submit knows none such.
    """
    start = text.partition(":")[0].partition("[")[0]
    good = {"spark": _STANDALONE, "local": _LOCAL, "local-cluster": _LOCAL}.get(start)
    if text.startswith("local[0"):
        raise ValueError(f"{text!r} has no thread")
    if good is not None and good.fullmatch(text):
        _ports(text)
        return
    if (
        text == "yarn"
        or re.fullmatch(r"k8s://\S+", text)
        or (mesos and text.startswith(("mesos://", "zk://")))
    ):
        return
    raise ValueError(f"{text!r} is no master: local[N], spark://HOST:PORT, yarn or k8s://URL")


def _ports(text: str) -> None:
    # java.net.InetSocketAddress refuses others; nothing listens on 0.
    for port in _PORT.findall(text):
        if not 1 <= int(port[:9]) <= 65535:
            raise ValueError(f"{text!r}: {port} is no port from 1 to 65535")


def _quantity(text: str) -> None:
    if not _QUANTITY.fullmatch(text):
        raise ValueError(f"{text!r} is no number of cores such as 3 or 2500m")


def _classes(key: str, text: str) -> None:
    short = SHORT_NAMES.get(key, ())
    for name in filter(None, (part.strip() for part in text.split(","))):
        if "." not in name and name.lower() not in short:
            words = f"; its short names are {', '.join(short)}" if short else ""
            raise ValueError(f"{name!r} is a class without its package{words}")


def _task_share(text: str) -> None:
    value = parse("double", text)
    assert isinstance(value, float)
    # ResourceUtils: a share up to a whole one, or whole ones.
    if not (0 <= value <= 1 or (value > 1 and value == value // 1)):
        raise ValueError(f"{text!r} is neither a share up to 1 nor a whole number")


def _pod_prefix(text: str) -> None:
    if not _POD_PREFIX.fullmatch(text) or len(text) > 237:
        raise ValueError(f"{text!r} is no beginning of a pod's name: small letters, digits, - and .")


def _folder(text: str) -> None:
    if not text.endswith("/"):
        raise ValueError(f"{text!r} does not end with /")


def _no_blank(text: str) -> None:
    if any(character.isspace() for character in text):
        raise ValueError(f"{text!r} has a blank")


_OWN: Mapping[str, Callable[[str], None]] = {
    "spark.deploy.appIdPattern": _no_blank,
    "spark.deploy.driverIdPattern": _no_blank,
    "spark.worker.idPattern": _no_blank,
    "spark.kubernetes.executor.podNamePrefix": _pod_prefix,
    "spark.storage.decommission.fallbackStorage.path": _folder,
    **{
        f"spark.kubernetes.{role}.{kind}.cores": _quantity
        for role in ("driver", "executor")
        for kind in ("request", "limit")
    },
}
