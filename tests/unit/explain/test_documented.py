"""Causes that cannot be made on one machine: the texts in the sources of Spark, YARN and Kubernetes."""

from __future__ import annotations

import pytest

from launcher.runs.explain.causes import CAUSES
from launcher.runs.explain.explanation import explain

LOST = "Job aborted due to stage failure: Task 3 in stage 2.0 failed 4 times, most recent failure: "
LOST += "Lost task 3.3 in stage 2.0 (TID 41) (10.0.0.7 executor 5): "
LOST += "ExecutorLostFailure (executor 5 exited caused by one of the running tasks) Reason: "


def driver_log(message: str) -> str:
    """What a PySpark driver writes when a job is aborted."""
    return (
        'Traceback (most recent call last):\n  File "/app/daily.py", line 3, in <module>\n    rows.count()\n'
        f"py4j.protocol.Py4JJavaError: An error occurred while calling o44.count.\n"
        f": org.apache.spark.SparkException: {message}\nDriver stacktrace:\n"
        "\tat org.apache.spark.scheduler.DAGScheduler.abortStage(DAGScheduler.scala:2844)\n"
    )


# By the cause: log, diagnostics, exit code.
DOCUMENTED: list[tuple[str, str, str, int]] = [
    (
        "file-of-another-type",  # error-conditions.json
        driver_log(
            "Job aborted due to stage failure: Task 0 in stage 0.0 failed 1 times, most recent failure: Lost "
            "task 0.0 in stage 0.0 (TID 0) (h executor driver): org.apache.spark.SparkException: "
            "[FAILED_READ_FILE.PARQUET_COLUMN_DATA_TYPE_MISMATCH] Encountered error while reading file "
            "file:///p/part-0.parquet. Data type mismatches when reading Parquet column [a]. Expected Spark "
            "type string, actual Parquet type INT32."
        ),
        "",
        1,
    ),
    (
        "executor-container-memory",  # YarnAllocator.scala
        driver_log(
            f"{LOST}Container killed by YARN for exceeding physical memory limits. 5.5 GB of 5.5 GB physical "
            "memory used. Consider boosting spark.executor.memoryOverhead."
        ),
        "",
        1,
    ),
    (
        "executor-container-memory",  # ContainersMonitorImpl.java
        driver_log(
            f"{LOST}Container from a bad node: container_1_0001_01_000006 on host: node4. Exit status: 143. "
            "Diagnostics: [2026-11-20 10:00:00.000]Container "
            "[pid=815,containerID=container_1_0001_01_000006] is "
            "running 4096B beyond the 'PHYSICAL' memory limit. Current usage: 5.5 GB of "
            "5.5 GB physical memory "
            "used; 8.1 GB of 11.6 GB virtual memory used. Killing container."
        ),
        "",
        1,
    ),
    (
        "executor-container-memory",  # ExecutorPodsLifecycleManager.scala
        driver_log(
            f"{LOST}\nThe executor with id 5 exited with exit code 137(SIGKILL, possible container OOM).\n"
            "The API gave the following brief reason: N/A\nThe API gave the following message: N/A\n"
            "The API gave the following container statuses:\n\n\n"
            "\t container name: spark-kubernetes-executor\n\t container state: terminated\n"
            "\t exit code: 137\n\t termination reason: OOMKilled\n"
        ),
        "",
        1,
    ),
    (
        "driver-container-memory",  # yarn.Client report of the application master
        "",
        "Application application_1_0001 failed 1 times due to AM Container for "
        "appattempt_1_0001_000001 exited "
        "with exitCode: -104\nFailing this attempt.Diagnostics: [2026-11-20 10:00:00.000]Container "
        "[pid=1200,containerID=container_1_0001_01_000001] is running 122880B beyond the "
        "'PHYSICAL' memory limit. "
        "Current usage: 1.5 GB of 1.5 GB physical memory used; 3.0 GB of 3.1 GB virtual memory used.",
        1,
    ),
    ("driver-container-memory", "", "pod daily-driver Failed: OOMKilled, exit code 137", 0),
    (
        "queue-unknown",
        'Exception in thread "main" org.apache.hadoop.yarn.exceptions.YarnException: Failed to submit '
        "application_1_0002 to YARN : Application application_1_0002 submitted by user "
        "anna to unknown queue: nightly\n"
        "\tat "
        "org.apache.hadoop.yarn.client.api.impl.YarnClientImpl.submitApplication(YarnClientImpl.java:336)\n",
        "",
        1,
    ),
    (
        "application-killed",  # YarnClientSchedulerBackend.scala
        "26/11/20 10:00:00 ERROR YarnClientSchedulerBackend: YARN application has exited unexpectedly with "
        "state KILLED! Check the YARN application logs for more details.\n",
        "",
        1,
    ),
    ("driver-killed", "", "pod daily-driver Failed: container driver: Error, exit code 137", 0),
    (
        "executor-too-large",  # yarn.Client.verifyClusterResources
        'Exception in thread "main" java.lang.IllegalArgumentException: Required executor memory (20480 MB), '
        "offHeap memory (0) MB, overhead (2048 MB), and PySpark memory (0 MB) is above the max threshold "
        "(8192 MB) of this cluster! Please check the values of 'yarn.scheduler.maximum-allocation-mb'.\n"
        "\tat org.apache.spark.deploy.yarn.Client.verifyClusterResources(Client.scala:339)\n",
        "",
        1,
    ),
    (
        "broadcast-too-large",  # QueryExecutionErrors.cannotBroadcastTableOverMaxTableBytesError
        driver_log("Cannot broadcast the table that is larger than 8.0 GiB: 9.5 GiB."),
        "",
        1,
    ),
    (
        "authentication-failed",  # Hadoop's Client
        driver_log(
            "DestHost:destPort nn:8020. Failed on local exception: java.io.IOException: "
            "org.apache.hadoop.security.AccessControlException: Client cannot authenticate "
            "via:[TOKEN, KERBEROS]"
        ),
        "",
        1,
    ),
    (
        "permission-denied",  # HDFS
        driver_log('Permission denied: user=anna, access=WRITE, inode="/sales":hdfs:hdfs:drwxr-xr-x'),
        "",
        1,
    ),
    (
        "executor-lost",  # HeartbeatReceiver.scala
        driver_log(f"{LOST}Executor heartbeat timed out after 128734 ms"),
        "",
        1,
    ),
]


@pytest.mark.parametrize(("cause", "log", "diagnostics", "exit_code"), DOCUMENTED)
def test_the_managers_own_words_are_understood(
    cause: str, log: str, diagnostics: str, exit_code: int
) -> None:
    message = explain(log, exit_code=exit_code, diagnostics=diagnostics)
    assert message.cause == cause, message


def test_every_cause_without_a_recorded_log_has_a_documented_text() -> None:
    unrecorded = {cause.id for cause in CAUSES if not cause.recorded}
    assert unrecorded <= {cause for cause, *_ in DOCUMENTED}


def test_the_killing_signal_alone_is_no_sign_of_too_little_memory() -> None:
    message = explain(
        driver_log(f"{LOST}The executor with id 5 exited with exit code 137(SIGKILL, possible container OOM)")
    )
    assert message.cause == "executor-killed"


def test_a_kill_whose_log_tells_of_memory_is_one_for_want_of_memory() -> None:
    log = "26/11/20 10:00:00 WARN TaskSetManager: Lost task 3.0 in stage 2.0 (TID 38) (10.0.0.7 "
    log += "executor 5): x\n"
    log += "26/11/20 10:00:01 ERROR Executor: Exception in task 3.1 in stage 2.0 (TID 39)\n"
    log += "java.lang.OutOfMemoryError: Java heap space\n\tat java.util.Arrays.copyOf(Arrays.java:1)\n"
    log += driver_log(f"{LOST}Container from a bad node: container_1 on host: node4. Exit status: 143.")
    assert explain(log, exit_code=1).cause == "executor-heap"
