"""Cases of the rules about names and values, dynamic allocation, executors, and running."""

from __future__ import annotations

from tests.unit.lint.case import CLUSTER_MODE, DYNAMIC, K8S, LOCAL, STANDALONE, YARN, Case, cluster

DA = "spark.dynamicAllocation."
KEEPING = {f"{DA}shuffleTracking.timeout": "30min"}

CASES = (
    Case(
        "invalid-value", {"spark.executor.memory": "1.5g"}, {"spark.executor.memory": "1536m"}, words="'1.5g'"
    ),
    Case(
        "invalid-value", {"spark.speculation": "yes"}, {"spark.speculation": " True "}, words="neither true"
    ),
    Case(
        "invalid-value", {"spark.sql.adaptive.enabled": "ture"}, {"spark.sql.adaptive.enabled": "$ADAPTIVE"}
    ),
    Case("invalid-value", {f"{DA}maxExecutors": "infinity"}, {f"{DA}maxExecutors": "2147483647"}),
    Case("invalid-value", {"spark.task.resource.gpu.amount": "1.5"}, {"spark.task.resource.gpu.amount": "2"}),
    Case("invalid-value", {"spark.memory.fraction": "1.5"}, {"spark.memory.fraction": "0.6"}),
    Case("invalid-value", {"spark.executor.cores": "0"}, {"spark.executor.cores": "1"}),
    Case("invalid-value", {"spark.executor.memory": "4 g"}, {"spark.executor.memory": " 4G "}),
    Case("invalid-value", {"spark.network.timeout": "60 s"}, {"spark.network.timeout": "60s"}),
    Case(
        "invalid-value",
        {"spark.kryoserializer.buffer.max": "2g"},
        {"spark.kryoserializer.buffer.max": "2047m"},
        words="not from 0 to 2047 (MiB)",
    ),
    Case("invalid-value", {"spark.memory.storageFraction": "1"}, {"spark.memory.storageFraction": "0"}),
    Case(
        "unknown-dynamic-allocation-key",
        {f"{DA}maxExecutor": "8"},
        {f"{DA}maxExecutor": None, f"{DA}maxExecutors": "8"},
        words="did you mean spark.dynamicAllocation.maxExecutors",
    ),
    Case(
        "misspelt-key",
        {"spark.executor.memoryoverhead": "2g"},
        {"spark.executor.memoryoverhead": None, "spark.executor.memoryOverheadOfOurOwn": "2g"},
        words="did you mean spark.executor.memoryOverhead",
    ),
    Case("misspelt-key", {"spark.sql.shuffle.partition": "8"}, {"spark.sql.shuffle.partition": None}),
    # A plan has a value of its own for the key that was meant.
    Case(
        "misspelt-key",
        {"spark.sql.shuffle.partition": "8", "spark.sql.shuffle.partitions": "64"},
        {"spark.sql.shuffle.partition": None},
    ),
    Case(
        "renamed-key",
        {"spark.yarn.executor.memoryOverhead": "2g"},
        {"spark.yarn.executor.memoryOverhead": None, "spark.executor.memoryOverhead": "2g"},
        words="spark.executor.memoryOverhead",
    ),
    Case(
        "renamed-key",
        {"spark.blacklist.enabled": "true"},
        {},
        given={"facts": {"spark_version": "3.1.1"}},
        harmless={"facts": {"spark_version": "3.0.3"}},
    ),
    Case("dead-key", {"spark.shuffle.memoryFraction": "0.3"}, {"spark.shuffle.memoryFraction": None}),
    Case(
        "removed-key",
        {"spark.sql.hive.verifyPartitionPath": "true"},
        {"spark.sql.hive.verifyPartitionPath": "false"},
    ),
    Case(
        "dynamic-allocation-bounds",
        {f"{DA}minExecutors": "9"},
        {f"{DA}minExecutors": "8"},
        both=DYNAMIC,
        words="minExecutors=9",
    ),
    Case(
        "dynamic-allocation-bounds",
        {f"{DA}initialExecutors": "9"},
        {f"{DA}initialExecutors": "8"},
        both=DYNAMIC,
    ),
    Case(
        "dynamic-allocation-bounds",
        {f"{DA}initialExecutors": "1"},
        {f"{DA}initialExecutors": "2"},
        both={**DYNAMIC, f"{DA}minExecutors": "2"},
    ),
    Case("dynamic-allocation-bounds", {f"{DA}maxExecutors": "0"}, LOCAL, both=DYNAMIC),
    Case("dynamic-allocation-unbounded", {f"{DA}enabled": "true"}, {f"{DA}maxExecutors": "8"}),
    Case(
        "dynamic-allocation-unbounded",
        {f"{DA}enabled": "true", f"{DA}maxExecutors": "infinity"},
        {f"{DA}maxExecutors": "$MOST"},
    ),
    Case(
        "dynamic-allocation-without-shuffle",
        {f"{DA}shuffleTracking.enabled": "false"},
        {"spark.shuffle.service.enabled": "true"},
        both={**DYNAMIC, **YARN},
    ),
    Case(
        "dynamic-allocation-without-shuffle",
        YARN,
        {},
        both=DYNAMIC,
        words="by default in Spark 3.3.0",
        given={"facts": {"spark_version": "3.3.0-amzn-0"}},
        harmless={"facts": {"spark_version": "3.4.0"}},
    ),
    Case(
        "dynamic-allocation-without-shuffle",
        {f"{DA}shuffleTracking.enabled": "false"},
        {"spark.decommission.enabled": "true"},
        both=DYNAMIC,
    ),
    Case(
        "shuffle-service-on-kubernetes",
        K8S,
        {"spark.kubernetes.executor.podTemplateFile": "with-service.yaml"},
        both={**DYNAMIC, "spark.shuffle.service.enabled": "true"},
        words="in its pod",
    ),
    Case("shuffle-service-on-kubernetes", K8S, YARN, both={"spark.shuffle.service.enabled": "true"}),
    Case("shuffle-tracking-keeps-executors", YARN, KEEPING, both=DYNAMIC),
    Case("shuffle-tracking-keeps-executors", YARN, {"spark.shuffle.service.enabled": "true"}, both=DYNAMIC),
    Case(
        "decommission-with-shuffle-tracking",
        {"spark.decommission.enabled": "true"},
        {f"{DA}shuffleTracking.enabled": "false"},
        both={**DYNAMIC, **KEEPING},
        words="by default",
    ),
    Case(
        "decommission-without-migration",
        {"spark.decommission.enabled": "true"},
        {"spark.storage.decommission.enabled": "true"},
    ),
    Case(
        "executor-instances-with-dynamic-allocation",
        {"spark.executor.instances": "4"},
        {f"{DA}initialExecutors": "4"},
        both=DYNAMIC,
    ),
    Case(
        "standalone-without-executor-cores",
        STANDALONE,
        {"spark.executor.cores": "4"},
        both=DYNAMIC,
    ),
    Case(
        "standalone-takes-workers",
        STANDALONE,
        {"spark.executor.cores": "4"},
        words="every core of every worker",
    ),
    Case(
        "task-cpus-above-executor-cores",
        {"spark.task.cpus": "4"},
        {"spark.executor.cores": "4"},
        both={**YARN, "spark.executor.cores": "2"},
    ),
    Case(
        "task-cpus-above-executor-cores", {"spark.task.cpus": "3"}, {"spark.master": "local[*]"}, both=LOCAL
    ),
    Case(
        "cores-max-below-executor",
        {"spark.cores.max": "3"},
        {"spark.cores.max": "4"},
        both={**STANDALONE, "spark.executor.cores": "4"},
    ),
    Case(
        "cores-max-caps-executors",
        {"spark.cores.max": "16"},
        {"spark.cores.max": "32"},
        both={**STANDALONE, **DYNAMIC, "spark.executor.cores": "4"},
        words="never more than 4 executors",
    ),
    Case("executor-instances-ignored", {"spark.executor.instances": "4"}, DYNAMIC, both=STANDALONE),
    Case(
        "executor-instances-ignored",
        {"spark.cores.max": "8"},
        {"spark.cores.max": "16"},
        both={**STANDALONE, "spark.executor.instances": "4", "spark.executor.cores": "4"},
    ),
    Case(
        "executor-fits-no-node",
        {"spark.executor.memory": "30g"},
        {"spark.executor.memory": "28g"},
        given={"cluster": cluster()},
        words="takes 33g",
    ),
    Case(
        "executor-fits-no-node",
        {"spark.executor.cores": "9"},
        {"spark.executor.cores": "8"},
        given={"cluster": cluster()},
    ),
    Case(
        "executor-fits-no-node",
        {"spark.executor.resource.gpu.amount": "1"},
        {"spark.executor.resource.gpu.amount": None},
        given={"cluster": cluster()},
        words="has 0",
    ),
    Case(
        "more-executors-than-fit",
        {"spark.executor.instances": "5"},
        {"spark.executor.instances": "4"},
        both={"spark.executor.cores": "4", "spark.executor.memory": "8g"},
        given={"cluster": cluster()},
        words="hold 2 each, 4 in all",
    ),
    Case(
        "heartbeat-above-timeout",
        {"spark.executor.heartbeatInterval": "120s"},
        # A bare number counts milliseconds for the one key, seconds for the other.
        {"spark.executor.heartbeatInterval": "119999", "spark.network.timeout": "120"},
    ),
    Case(
        "files-left-out",
        {"spark.sql.files.ignoreCorruptFiles": "true"},
        {"spark.sql.files.ignoreCorruptFiles": "false"},
    ),
    Case(
        "adaptive-execution-off",
        {"spark.sql.adaptive.enabled": "false"},
        {"spark.sql.adaptive.enabled": "true"},
    ),
    Case(
        "shuffle-partitions-below-slots",
        {"spark.sql.adaptive.enabled": "false"},
        {"spark.sql.shuffle.partitions": "256"},
        both={**YARN, "spark.executor.instances": "32", "spark.executor.cores": "8"},
        words="56 idle",
    ),
    Case("speculation-repeats-effects", {"spark.speculation": "true"}, {"spark.speculation": "false"}),
    Case(
        "jvm-timezones-differ",
        {"spark.driver.extraJavaOptions": "-Xss4m -Duser.timezone=UTC"},
        {"spark.executor.extraJavaOptions": "-Duser.timezone=UTC"},
        both={"spark.executor.extraJavaOptions": "-Duser.timezone=Europe/Paris"},
        words="UTC for the driver and Europe/Paris",
    ),
    Case(
        "session-timezone-differs",
        {"spark.sql.session.timeZone": "Europe/Paris"},
        {"spark.sql.session.timeZone": "Etc/UTC"},
        both={"spark.driver.extraJavaOptions": "-Duser.timezone=UTC"},
    ),
    Case("python-in-standalone-cluster-mode", CLUSTER_MODE, {}, both=STANDALONE, harmless={"python": False}),
    Case("local-ignores-executors", {"spark.executor.cores": "4"}, YARN, both=LOCAL),
    Case("local-ignores-executors", {f"{DA}enabled": "true"}, {f"{DA}enabled": "false"}, both=LOCAL),
    Case(
        "local-files-without-upload-path",
        {"spark.submit.pyFiles": "dist/sparkjobs.zip"},
        {"spark.submit.pyFiles": "local:///opt/sparkjobs.zip"},
        both={**K8S, **CLUSTER_MODE},
    ),
    Case(
        "yarn-repeats-application",
        {"spark.yarn.maxAppAttempts": "4"},
        {"spark.yarn.maxAppAttempts": "1"},
        both={**YARN, **CLUSTER_MODE},
    ),
    Case("yarn-repeats-application", CLUSTER_MODE, {"spark.submit.deployMode": "client"}, both=YARN),
    Case(
        "event-log-without-folder",
        {"spark.eventLog.enabled": "true"},
        {"spark.eventLog.dir": "hdfs:///spark-history"},
    ),
    Case(
        "enforced-value-differs",
        {"spark.executor.memory": "4g"},
        {"spark.executor.memory": "2048m"},
        given={"cluster": cluster(enforced={"spark.executor.memory": "2g"})},
        words="small enforces 2g",
    ),
)
