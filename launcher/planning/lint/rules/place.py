"""Where the application runs: local mode, deploy mode, YARN, the event log, the profile's own word."""

from __future__ import annotations

from collections.abc import Iterator

from launcher.planning.lint.applied import cluster_mode
from launcher.planning.lint.configuration import Configuration
from launcher.planning.lint.rule import Problem, rule
from launcher.planning.lint.values import integer, names, shown
from launcher.redact import masked
from launcher.spec.config.layers import differs, enforced_pins
from launcher.spec.layer import Origin, Pin

MODE, MASTER = "spark.submit.deployMode", "spark.master"
ATTEMPTS = "spark.yarn.maxAppAttempts"
LOG, LOG_DIR = "spark.eventLog.enabled", "spark.eventLog.dir"
UPLOAD = "spark.kubernetes.file.upload.path"
EXECUTOR_KEYS = (
    "spark.executor.memory",
    "spark.executor.cores",
    "spark.executor.instances",
    "spark.dynamicAllocation.enabled",
)
FILES = ("spark.jars", "spark.submit.pyFiles", "spark.files", "spark.archives")


@rule("python-in-standalone-cluster-mode", "error", f"Set {MODE}=client, or take a jar.")
def python_on_standalone(c: Configuration) -> Iterator[Problem]:
    """A Python application is to run its driver on a standalone cluster, which cannot."""
    if c.python and c.manager == "standalone" and cluster_mode(c):
        yield Problem(
            (MODE, MASTER), f"{shown(c, MODE)} with master {c.master}: spark-submit refuses it for Python"
        )


@rule("local-ignores-executors", "info", "Size local mode by its threads (local[N]) and spark.driver.memory.")
def executors_in_local_mode(c: Configuration) -> Iterator[Problem]:
    """Executors are asked for in local mode, which has none."""
    keys = tuple(key for key in EXECUTOR_KEYS if c.values.get(key, "false").strip().lower() != "false")
    if keys and c.manager == "local":
        yield Problem(
            (*keys, MASTER), f"{shown(c, *keys)} with master {c.master}: the driver does all the work"
        )


@rule(
    "local-files-without-upload-path",
    "error",
    f"Set {UPLOAD} to a folder that the pods reach, such as s3a://...",
)
def nowhere_to_upload(c: Configuration) -> Iterator[Problem]:
    """Files of this machine are to reach a driver in a pod, and there is no place to upload them."""
    if c.manager != "kubernetes" or not cluster_mode(c) or UPLOAD in c.values:
        return
    if c.cluster is not None and c.cluster.kubernetes is not None and c.cluster.kubernetes.file_upload_path:
        return
    for key in FILES:
        here = [path for path in names(c, key) if "://" not in path or path.startswith("file:")]
        if here:
            yield Problem((key, UPLOAD), f"{key} names {here[0]} of this machine, and {shown(c, UPLOAD)}")


@rule("yarn-repeats-application", "warning", f"Set {ATTEMPTS}=1 and let what submits it try again.")
def attempts(c: Configuration) -> Iterator[Problem]:
    """YARN starts a failed application again, after it may have written."""
    count = integer(c, ATTEMPTS, 2)
    if c.manager == "yarn" and cluster_mode(c) and count is not None and count > 1:
        message = shown(c, ATTEMPTS)
        if ATTEMPTS not in c.values:
            message += ", and YARN makes 2 attempts unless its administrator says otherwise"
        yield Problem((ATTEMPTS, MODE), f"{message}: what the first has written, the next writes again")


@rule("event-log-without-folder", "warning", f"Set {LOG_DIR} to a folder that exists.")
def log_without_folder(c: Configuration) -> Iterator[Problem]:
    """An event log is written to a folder that nobody named."""
    if c.on(LOG) and LOG_DIR not in c.values:
        message = "the folder is /tmp/spark-events, and Spark refuses to start where it does not exist"
        yield Problem((LOG, LOG_DIR), f"{shown(c, LOG, LOG_DIR)}: {message}")


@rule("enforced-value-differs", "error", "Remove it, or ask the operator of the cluster.")
def differs_from_enforced(c: Configuration) -> Iterator[Problem]:
    """A value differs from one that the cluster's profile enforces."""
    for wanted in enforced_pins(c.cluster) if c.cluster is not None else ():
        key, value = wanted.key, c.get(wanted.key)
        if value is not None and differs(Pin(key, value, Origin.COMPUTED, ""), wanted):
            name = c.cluster.name if c.cluster else ""
            yield Problem((key,), f"{shown(c, key)}, but {name} enforces {masked(key, wanted.value)}")


RULES = (
    python_on_standalone,
    executors_in_local_mode,
    nowhere_to_upload,
    attempts,
    log_without_folder,
    differs_from_enforced,
)
