"""Settings that only the operator may set: they run code, or change identity or jars. Pure.

A job file is input, often from somebody else's repository; the operator speaks by the profile and by flags.
"""

from __future__ import annotations

from collections.abc import Iterable
from fnmatch import fnmatchcase

from launcher.spec.cluster import Cluster
from launcher.spec.job_file import JobFile
from launcher.spec.known_keys import todays
from launcher.spec.layer import Origin, Pin
from sparkjobs.errors import UsageError

RUNS_CODE = (
    "*JavaOptions",
    "*LibraryPath",
    "spark.plugins*",
    "spark.extraListeners",
    "spark.sql.queryExecutionListeners",
    "spark.sql.streaming.streamingQueryListeners",
    "spark.ui.filters",
    "spark.*.param.*",  # parameters of UI filters
    "spark.pyspark.*python",
    "spark.python.*.module",
    "spark.r.*ommand",
    "spark.executorEnv.*",
    "spark.yarn.appMasterEnv.*",
    "spark.kubernetes.driverEnv.*",
    "*discoveryScript",
    "spark.resources.discoveryPlugin",
    "spark.kubernetes.*ontainer.image",
    "spark.kubernetes.*podTemplate*",
    "spark.kubernetes.*.pod.featureSteps",
    "spark.kubernetes.*.volumes.hostPath.*",
)
CHANGES_IDENTITY = (
    "spark.submit.proxyUser",
    "spark.authenticate*",
    "spark.acls.*",
    "spark.*.acls*",
    "spark.kerberos.*",
    "spark.yarn.principal",
    "spark.yarn.keytab",
    "spark.security.credentials.*",
    "spark.kubernetes.authenticate.*",
    "spark.kubernetes.namespace",
    "spark.kubernetes.*.secret*",
    "spark.hadoop.hadoop.security.*",
    "spark.hadoop.hadoop.proxyuser.*",
    "spark.hadoop.fs.s3a.*access.key",
    "spark.hadoop.fs.s3a.*secret.key",
    "spark.hadoop.fs.s3a.*session.token",
    "spark.hadoop.fs.s3a.*assumed.role.*",
    "spark.hadoop.*credential*",
    "spark.hadoop.fs.azure.account.*",
    "spark.hadoop.*google.cloud.auth.*",
)
CHANGES_JARS = (
    "*xtraClassPath",
    "*serClassPathFirst",
    "spark.jars*",
    "spark.yarn.jar*",
    "spark.yarn.archive",
    "spark.yarn.dist.jars",
    "spark.sql.hive.metastore.jars*",
)
WHY = {"runs code": RUNS_CODE, "changes identity": CHANGES_IDENTITY, "changes jars": CHANGES_JARS}


def why_guarded(key: str) -> str | None:
    """What makes a key the operator's alone; ``None`` for one that job files may set."""
    names = {key, todays(key, "")[0]}
    found = (why for why, patterns in WHY.items() if any(_matches(name, patterns) for name in names))
    return next(found, None)


def refuse_guarded(pins: Iterable[Pin], cluster: Cluster) -> None:
    """Refuse what a job file may not set, unless the profile's ``trusted_confs`` allow it.

    Args:
        pins: of every origin; only those of job files are looked at.
        cluster: the profile.

    Raises:
        UsageError: ``file:line`` of each, one a line.
    """
    requested = [pin for pin in pins if pin.origin is Origin.JOB_FILE]
    faults = [
        f"{pin.place}: {pin.key} {why_guarded(pin.key)}; a job file may not set it"
        for pin in requested
        if why_guarded(pin.key) and not _matches(pin.key, cluster.trusted_confs)
    ]
    if faults:
        raise UsageError(
            "\n".join(faults),
            f"Set it by a flag, or let the operator add it to trusted_confs of {cluster.name}.",
        )


def refuse_on_failure(job_file: JobFile, cluster: Cluster) -> None:
    """Refuse to run a command, or to call an address, that a job file names, unless the profile allows it.

    Raises:
        UsageError: with the line of the job file.
    """
    if job_file.on_failure is not None and cluster.on_failure != "allow":
        raise UsageError(
            f"{job_file.place('on_failure')}: on_failure runs a command or calls an address, "
            f"and {cluster.name} does not allow that",
            f"Leave it out, or let the operator write on_failure: allow into {cluster.name}.",
        )


def _matches(key: str, patterns: Iterable[str]) -> bool:
    return any(fnmatchcase(key, pattern) for pattern in patterns)
