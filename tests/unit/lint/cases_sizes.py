"""Cases of the rules about memory, GPUs, versions, jars and security."""

from __future__ import annotations

from tests.unit.lint.case import (
    CLUSTER_MODE,
    GPU,
    K8S,
    LOCAL,
    RAPIDS,
    SPARK_404,
    STANDALONE,
    YARN,
    Case,
    cluster,
)

SHUFFLE = "com.nvidia.spark.rapids.spark{}.RapidsShuffleManager"
DELTA_JARS = "/jars/delta-spark_2.13-4.0.1.jar,/jars/delta-storage-4.0.1.jar"
DELTA = {
    "spark.sql.extensions": "io.delta.sql.DeltaSparkSessionExtension",
    "spark.sql.catalog.spark_catalog": "org.apache.spark.sql.delta.catalog.DeltaCatalog",
}
LIB = "spark.jars.packages"
FACTS = {"facts": SPARK_404}
SECRET = "spark.hadoop.fs.s3a.secret.key"
SECURE = {"cluster": cluster("standalone", secure=True)}

CASES = (
    Case("heap-below-minimum", {"spark.executor.memory": "449m"}, {"spark.executor.memory": "450m"}),
    Case(
        "size-without-unit", {"spark.executor.memory": "8"}, {"spark.executor.memory": "8192"}, words="8 MiB"
    ),
    Case("size-without-unit", {"spark.driver.memory": "4294967296"}, {"spark.driver.memory": "4g"}),
    Case(
        "size-without-unit",
        {"spark.memory.offHeap.size": "2048"},
        {"spark.memory.offHeap.size": "2147483648"},
    ),
    Case(
        "off-heap-without-size", {"spark.memory.offHeap.enabled": "true"}, {"spark.memory.offHeap.size": "1g"}
    ),
    Case(
        "off-heap-size-unused", {"spark.memory.offHeap.size": "1g"}, {"spark.memory.offHeap.enabled": "true"}
    ),
    Case(
        "python-memory-too-small",
        {"spark.executor.cores": "8"},
        {"spark.executor.memoryOverhead": "1g"},
        both=YARN,
        words="384m for 8 Python workers",
    ),
    Case("python-memory-too-small", {"spark.executor.cores": "8"}, {}, both=YARN, harmless={"python": False}),
    Case(
        # Spark takes 0.4 of the heap for Python on Kubernetes, when the driver runs there.
        "python-memory-too-small",
        {**K8S, "spark.executor.memory": "3g", "spark.executor.cores": "16"},
        {**CLUSTER_MODE},
    ),
    Case(
        "python-memory-too-small",
        {"spark.executor.pyspark.memory": "256m"},
        {"spark.executor.pyspark.memory": "2g"},
        both={**STANDALONE, "spark.executor.cores": "8"},
    ),
    Case(
        "pinned-above-overhead",
        {"spark.rapids.memory.pinnedPool.size": "8g"},
        {"spark.executor.memoryOverhead": "12g"},
        both={**YARN, **RAPIDS},
    ),
    Case("heap-loses-short-pointers", {"spark.executor.memory": "36g"}, {"spark.executor.memory": "31g"}),
    Case("heap-loses-short-pointers", {"spark.executor.memory": "32g"}, RAPIDS),
    Case("result-size-above-driver", {"spark.driver.maxResultSize": "2g"}, {"spark.driver.memory": "4g"}),
    Case(
        "result-size-above-driver", {"spark.driver.maxResultSize": "0"}, {"spark.driver.maxResultSize": "1g"}
    ),
    Case(
        "heap-in-java-options",
        {"spark.executor.extraJavaOptions": "-XX:+UseG1GC -Xmx4g"},
        {"spark.executor.extraJavaOptions": "-XX:+UseG1GC -Dname=-Xmx4g"},
    ),
    Case("gpu-in-local-mode", GPU, {"spark.master": "spark://master.example.com:7077"}, both=LOCAL),
    Case(
        "task-gpu-without-executor-gpu",
        {"spark.task.resource.gpu.amount": "1"},
        {"spark.executor.resource.gpu.amount": "1"},
    ),
    Case(
        "executor-gpu-without-task-gpu",
        {"spark.executor.resource.gpu.amount": "1"},
        {"spark.task.resource.gpu.amount": "0.25"},
    ),
    Case(
        "gpu-leaves-cores-idle",
        {"spark.executor.cores": "16"},
        {"spark.task.resource.gpu.amount": "0.001"},
        both=GPU,
        words="4 of 16 tasks",
    ),
    Case(
        "gpu-leaves-cores-idle",
        {"spark.task.resource.gpu.amount": "1"},
        {"spark.task.resource.gpu.amount": "0.1"},
        both={**GPU, "spark.executor.cores": "10"},
    ),
    Case(
        "gpu-without-discovery-script",
        GPU,
        {"spark.executor.resource.gpu.discoveryScript": "./gpus.sh"},
        both=YARN,
    ),
    Case("gpu-without-vendor", GPU, {"spark.executor.resource.gpu.vendor": "nvidia.com"}, both=K8S),
    Case("locality-wait-with-gpu", GPU, {"spark.locality.wait": "0s"}, both=YARN, words="3s by default"),
    Case(
        "rapids-with-comet",
        {"spark.plugins": "com.nvidia.spark.SQLPlugin, org.apache.spark.CometPlugin"},
        {"spark.plugins": "org.apache.spark.CometPlugin"},
    ),
    Case(
        "rapids-with-many-gpus",
        {**GPU, "spark.executor.resource.gpu.amount": "2"},
        {"spark.plugins": "x"},
        both=RAPIDS,
    ),
    Case(
        "rapids-shuffle-manager-version",
        {"spark.shuffle.manager": SHUFFLE.format("403")},
        {"spark.shuffle.manager": SHUFFLE.format("404")},
        both=RAPIDS,
        given=FACTS,
        words="Spark is 4.0.4",
    ),
    Case(
        "rapids-shuffle-manager-version",
        {"spark.shuffle.manager": SHUFFLE.format("332")},
        {"spark.shuffle.manager": SHUFFLE.format("332db")},
        given={"facts": {"spark_version": "3.3.0"}},
    ),
    Case("rapids-without-jar", RAPIDS, {"spark.jars": "/jars/rapids-4-spark_2.13-26.08.1-cuda12.jar"}),
    Case("rapids-without-jar", RAPIDS, {"spark.executor.extraClassPath": "/opt/rapids/*"}),
    Case(
        "rapids-from-packages",
        {LIB: "com.nvidia:rapids-4-spark_2.13:26.08.1"},
        {LIB: None, "spark.jars": "/jars/rapids-4-spark_2.13-26.08.1.jar"},
    ),
    Case(
        "kryo-without-rapids-registrator",
        {"spark.serializer": "org.apache.spark.serializer.KryoSerializer"},
        {"spark.kryo.registrator": "com.nvidia.spark.rapids.GpuKryoRegistrator"},
        both=RAPIDS,
    ),
    Case("rapids-settings-without-plugin", {"spark.rapids.sql.concurrentGpuTasks": "2"}, RAPIDS),
    Case(
        "rapids-settings-without-plugin",
        {"spark.rapids.sql.batchSizeBytes": "1g"},
        {"spark.rapids.sql.enabled": "false"},
    ),
    Case(
        "versions-refused",
        {LIB: "io.delta:delta-spark_4.0_2.13:4.4.1,com.nvidia:rapids-4-spark_2.13:26.08.1"},
        {LIB: "io.delta:delta-spark_2.13:4.0.1,com.nvidia:rapids-4-spark_2.13:26.08.1"},
        words="RAPIDS does not know Delta 4.4",
    ),
    Case(
        "versions-refused",
        {LIB: "com.nvidia:rapids-4-spark_2.13:26.08.1"},
        {},
        given={"facts": {"spark_version": "4.1.0"}},
        harmless={"facts": {"spark_version": "4.1.1"}},
        words="not for Spark 4.1.0",
    ),
    Case(
        "versions-unknown",
        {LIB: "io.delta:delta-spark_4.0_2.13:4.2.0"},
        {LIB: "io.delta:delta-spark_2.13:4.0.1"},
        given=FACTS,
    ),
    Case(
        "scala-version", {LIB: "org.example:tool_2.12:1.0"}, {LIB: "org.example:tool_2.13:1.0"}, given=FACTS
    ),
    Case(
        "scala-version",
        {LIB: "org.example:tool_2.12:1.0,org.example:other_2.13:1.0"},
        {LIB: "org.example:tool_2.12:1.0,org.example:other_2.12:1.0"},
    ),
    Case(
        "scala-version",
        {"spark.jars": "a_2.13-1.0.jar"},
        {"spark.jars": "a_2.12-1.0.jar"},
        given={"facts": {"spark_version": "3.5.3", "scala_version": "version 2.12.18"}},
    ),
    Case(
        "delta-artifact",
        {LIB: "io.delta:delta-spark_2.13:4.4.1"},
        {LIB: "io.delta:delta-spark_4.0_2.13:4.4.1"},
        given=FACTS,
    ),
    Case(
        "delta-artifact",
        {LIB: "io.delta:delta-core_2.12:3.3.2"},
        {LIB: "io.delta:delta-spark_2.12:3.3.2"},
        given={"facts": {"spark_version": "3.5.9"}},
    ),
    Case(
        "kafka-connector-version",
        {LIB: "org.apache.spark:spark-sql-kafka-0-10_2.13:4.0.1"},
        {LIB: "org.apache.spark:spark-sql-kafka-0-10_2.13:4.0.4"},
        given=FACTS,
    ),
    Case(
        "hadoop-aws-version",
        {LIB: "org.apache.hadoop:hadoop-aws:3.3.4"},
        {LIB: "org.apache.hadoop:hadoop-aws:3.4.1"},
        given=FACTS,
    ),
    Case(
        # What a platform puts on the class path is the platform's own business.
        "hadoop-aws-version",
        {"spark.jars": "hadoop-aws-3.3.6.jar"},
        {"spark.jars": None},
        given={"facts": {"spark_version": "3.5.3", "classpath": "/usr/lib/hadoop-aws-3.3.6.jar"}},
    ),
    Case("jars-and-packages", {LIB: "a:b:1.0"}, {"spark.jars": ""}, both={"spark.jars": "a.jar"}),
    Case(
        "jar-in-two-versions",
        {"spark.jars": "/a/tool-1.0.jar,/b/tool-1.1.jar"},
        {"spark.jars": "/a/tool-1.0.jar,/b/tool-1.0.jar"},
    ),
    Case("delta-without-storage", {"spark.jars": DELTA_JARS.split(",")[0]}, {"spark.jars": DELTA_JARS}),
    Case("delta-half-configured", {"spark.sql.extensions": DELTA["spark.sql.extensions"]}, DELTA),
    Case(
        "delta-half-configured",
        {"spark.sql.catalog.spark_catalog": DELTA["spark.sql.catalog.spark_catalog"]},
        {"spark.sql.extensions": f"org.example.Mine,{DELTA['spark.sql.extensions']}"},
    ),
    Case(
        "secret-on-command-line",
        {SECRET: "abc"},
        {},
        given={"places": {SECRET: "--conf"}},
        harmless={"places": {SECRET: "spark-defaults.conf:3"}},
    ),
    Case(
        "secret-in-event-log",
        {SECRET: "abc"},
        {SECRET: "*********(redacted)"},
        given={"facts": {"source": "event log"}},
    ),
    Case(
        "encryption-without-authentication",
        {"spark.network.crypto.enabled": "true"},
        {"spark.authenticate": "true"},
    ),
    Case("authentication-off", {}, {"spark.authenticate": "true"}, given=SECURE),
    Case(
        "encryption-off",
        {"spark.io.encryption.enabled": "true"},
        {"spark.network.crypto.enabled": "true"},
        given=SECURE,
    ),
    Case(
        "rest-submission-open",
        {"spark.master.rest.enabled": "true"},
        {"spark.master.rest.filters": "org.example.Jws"},
    ),
)
