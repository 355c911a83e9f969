"""Cases of the rules about values: what Spark's own entries refuse, limits, sizes and spellings."""

from __future__ import annotations

from launcher.spec.cluster import Limits
from tests.unit.lint.case import CLUSTER_MODE, K8S, LOCAL, STANDALONE, YARN, Case, cluster

DA = "spark.dynamicAllocation."
ZONE, SERIALIZER = "spark.sql.session.timeZone", "spark.serializer"
DRIVER, RAPIDS_SLIP = "spark.driver.memory", "spark.rapids.sql.concurentGpuTasks"

# Key, a value that Spark refuses, one like it that it takes.
REFUSED = (
    ("spark.master", "mesos://host:5050", "local[2]"),
    ("spark.master", "yarn-cluster", "yarn"),
    ("spark.master", "yarn-client", "yarn"),
    ("spark.master", "local[0]", "local[*]"),
    ("spark.master", "local[x]", "local[4, 3]"),
    ("spark.master", "spark://host", "spark://host:7077,other:7077"),
    ("spark.master", "k8s:/host", "k8s://https://host:6443"),
    ("spark.submit.deployMode", "Cluster", "client"),
    (SERIALIZER, "KryoSerializer", "org.apache.spark.serializer.KryoSerializer"),
    ("spark.shuffle.manager", "hash", "Sort"),
    ("spark.io.compression.codec", "gzip", "LZ4"),
    (ZONE, "Mars/Base", "Europe/Berlin"),
    (ZONE, "utc", "UTC"),
    (ZONE, "+19:00", "+7:30"),
    (f"{DA}schedulerBacklogTimeout", "0s", "1s"),
    (f"{DA}sustainedSchedulerBacklogTimeout", "500ms", "1500ms"),
    (f"{DA}executorIdleTimeout", "-1s", "0s"),
    ("spark.master", "spark://host:99999", "spark://host:65535"),
    ("spark.master", "spark://host:7077,other:0", "spark://host:7077,other:1"),
    ("spark.kubernetes.executor.request.cores", "some", "1500m"),
    ("spark.kubernetes.executor.limit.cores", "1.5.2", "1.5"),
    ("spark.kubernetes.driver.request.cores", "2 cores", "2e0"),
    ("spark.kubernetes.driver.limit.cores", "-", "1k"),
    ("spark.sql.files.maxPartitionBytes", "0", "1"),
    ("spark.sql.files.maxPartitionBytes", "-1", "128m"),
    ("spark.scheduler.mode", "FAIRR", "fair"),
    ("spark.rpc.askTimeout", "soon", "120"),
    ("spark.rpc.lookupTimeout", "2 min", "2min"),
    ("spark.shuffle.mapStatus.compression.codec", "gzip", "zstd"),
    (
        "spark.storage.replication.policy",
        "RandomBlockReplicationPolicy",
        "org.apache.spark.storage.RandomBlockReplicationPolicy",
    ),
    ("spark.driver.port", "80", "0"),
    ("spark.driver.port", "65536", "65535"),
    ("spark.shuffle.service.port", "70000", "7337"),
    ("spark.cores.max", "0", "1"),
    ("spark.task.maxFailures", "four", " 4 "),
    ("spark.sql.adaptive.skewJoin.skewedPartitionFactor", "-1", "0.5"),
    ("spark.sql.shuffle.partitions", "0", "1"),
    ("spark.sql.ansi.enabled", "1", "TRUE"),
    ("spark.sql.parquet.compression.codec", "zip", "ZSTD"),
    ("spark.sql.sources.partitionOverwriteMode", "dinamic", "dynamic"),
    ("spark.sql.legacy.timeParserPolicy", "old", "legacy"),
    ("spark.broadcast.blockSize", "4 m", "4m"),
    ("spark.speculation.interval", "1.5s", "1500ms"),
    ("spark.redaction.regex", "(secret", "(?i)secret|token"),
    ("spark.yarn.executor.memoryOverhead", "0.5g", "512"),
    ("spark.blacklist.enabled", "yes", "true"),
    ("spark.rapids.sql.concurrentGpuTasks", "two", "2"),
    ("spark.rapids.sql.enabled", "on", "true"),
    ("spark.rapids.memory.gpu.allocFraction", "1.5", "0.9"),
    ("spark.rapids.sql.mode", "explain", "explainOnly"),
    ("spark.rapids.sql.exec.FilterExec", "off", "false"),
    ("spark.executor.resource.fpga.amount", "many", "2"),
    ("spark.kubernetes.executor.podNamePrefix", "My_Job", "my-job"),
)
VALUES = tuple(Case("invalid-value", {key: wrong}, {key: right}) for key, wrong, right in REFUSED)
SMALL = {"cluster": cluster("yarn", limits=Limits(max_executors=2))}

CASES = (
    *VALUES,
    Case(
        "invalid-value",
        {"spark.master": "mesos://host:5050"},
        {},
        harmless={"facts": {"spark_version": "3.5.9"}},
    ),
    Case("variable-not-read", {DRIVER: "$MEM"}, {DRIVER: "${env:MEM}"}, words="$MEM"),
    Case("variable-not-read", {"spark.app.name": "x-${NAME}"}, {"spark.app.name": "Outer$Inner"}),
    Case(
        "key-set-twice",
        {DRIVER: "2g"},
        {},
        given={"repeated": {DRIVER: "it is set by a.conf:1 and by a.conf:3"}},
        harmless={"repeated": {}},
        words="a.conf:1 and by a.conf:3",
    ),
    Case("driver-memory-spelling", {DRIVER: "2gb"}, {DRIVER: "2G"}, both=LOCAL, words="-Xmx2gb"),
    Case("driver-memory-spelling", {DRIVER: "1073741824b"}, {DRIVER: "1048576k"}, both=STANDALONE),
    Case("driver-memory-spelling", {DRIVER: "4"}, {DRIVER: "4g"}, words="-Xmx4"),
    Case("driver-memory-spelling", {DRIVER: "4096"}, CLUSTER_MODE, both=YARN),
    Case("driver-memory-spelling", {DRIVER: "2gb", **CLUSTER_MODE}, {DRIVER: "2g"}, both=K8S),
    Case("driver-memory-spelling", {DRIVER: "2gb"}, {}, harmless={"facts": {"source": "event log"}}),
    Case("heap-below-minimum", {"spark.executor.memory": "4"}, {"spark.executor.memory": "4g"}),
    Case(
        "dynamic-allocation-bounds-unused",
        {f"{DA}maxExecutors": "8"},
        {f"{DA}enabled": "true"},
        both=YARN,
    ),
    Case("dynamic-allocation-bounds-unused", {f"{DA}minExecutors": "1"}, LOCAL, both=YARN),
    Case("dynamic-allocation-bounds-unused", {f"{DA}minExecutors": "1"}, {f"{DA}enabled": "false"}),
    Case(
        "two-masters-of-executors", {f"{DA}enabled": "true"}, {f"{DA}enabled": "false"}, both=YARN,
        given={"facts": {"max_latency": "20 seconds"}}, words="beside --max-latency 20 seconds",
    ),
    Case(
        "two-masters-of-executors", {f"{DA}enabled": "true"}, {}, both=YARN,
        given={"facts": {"max_latency": "20 seconds"}}, harmless={"facts": {}},
    ),
    Case(
        "max-latency-in-local-mode", LOCAL, YARN, given={"facts": {"max_latency": "20 seconds"}},
        words="--max-latency 20 seconds with local[2]",
    ),
    Case(
        "bounds-at-rest-out-of-order", {f"{DA}minExecutors": "5"}, {f"{DA}minExecutors": "4"},
        both={**YARN, f"{DA}enabled": "false", f"{DA}maxExecutors": "4"}, words="refuses to start",
    ),
    Case(
        "bounds-at-rest-out-of-order", {f"{DA}initialExecutors": "5"}, {f"{DA}enabled": "true"},
        both={**YARN, f"{DA}enabled": "false", f"{DA}maxExecutors": "4"}, words="the start is outside",
    ),
    Case(
        "cores-max-caps-executors", {"spark.cores.max": "4"}, {"spark.cores.max": "8"},
        both={**STANDALONE, f"{DA}enabled": "false", f"{DA}maxExecutors": "4", "spark.executor.cores": "2"},
        words="never more than 2",
    ),
    Case(
        "above-limit", {"spark.executor.instances": "3"}, {"spark.executor.instances": "2"}, given=SMALL,
        words="limits.max_executors of small is 2",
    ),
    Case(
        "above-limit", {f"{DA}enabled": "true"}, {f"{DA}maxExecutors": "2"}, given=SMALL,
        words="without bound",
    ),
    Case("above-limit", {"spark.executor.instances": "3"}, {}, given=SMALL, harmless={"cluster": cluster()}),
    Case("misspelt-key", {RAPIDS_SLIP: "2"}, {RAPIDS_SLIP: None}, words="concurrentGpuTasks"),
    Case(
        "pod-limit-below-request",
        {"spark.kubernetes.executor.limit.cores": "1500m"},
        {"spark.kubernetes.executor.request.cores": "1500m"},
        both={**K8S, "spark.executor.cores": "2"},
        words="limit.cores=1500m",
    ),
    Case(
        "pod-limit-below-request",
        {"spark.kubernetes.driver.limit.cores": "1", "spark.driver.cores": "2"},
        {"spark.driver.cores": None},
        both={**K8S, **CLUSTER_MODE},
    ),
    Case("pod-limit-below-request", {"spark.kubernetes.driver.limit.cores": "500m"},
         {"spark.submit.deployMode": "client"}, both={**K8S, **CLUSTER_MODE}),
    Case(
        "executor-fits-no-node",
        {"spark.kubernetes.executor.request.cores": "9"},
        {"spark.kubernetes.executor.request.cores": "7500m"},
        both={**K8S, "spark.executor.cores": "2"},
        given={"cluster": cluster("kubernetes")},
    ),
)  # fmt: skip
