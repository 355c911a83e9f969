"""Variables that ``run --env`` gives to a driver, and the names that it may not give. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from fnmatch import fnmatchcase

from launcher.spec.cluster import Cluster, DeployMode
from sparkjobs.errors import UsageError

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
# What starts a driver reads these: each can load code, or another Spark, cluster or user than was planned.
REFUSED: Mapping[str, tuple[str, ...]] = {
    "Python runs code by it": ("PYTHON*", "PYSPARK_*", "HOME"),  # HOME: site-packages of the user, .pth files
    "Spark and Hadoop are set by flags and profiles": ("SPARK_*", "SPARKJOBS_*", "HADOOP_*", "YARN_*"),
    "the system's loader runs code by it": ("LD_*", "DYLD_*", "GCONV_PATH", "GLIBC_TUNABLES"),
    "Java runs code by it": ("JAVA_*", "_JAVA_*", "JDK_*", "CLASSPATH"),
    "shells run code by it": (
        "PATH", "ENV", "BASH*", "SHELLOPTS", "IFS", "PS4", "PROMPT_COMMAND", "CDPATH",
    ),
    "other programs run code by it": (
        "PERL5*", "RUBYOPT", "RUBYLIB", "NODE_OPTIONS", "NODE_PATH", "R_PROFILE*", "OPENSSL_CONF",
        "OPENSSL_MODULES", "OPENSSL_ENGINES", "CUDA_INJECTION64_PATH", "OMP_TOOL_LIBRARIES", "KUBECONFIG",
    ),
}  # fmt: skip


def why_refused(name: str) -> str | None:
    """Why nobody may give a variable to a driver; ``None`` for one that may be given."""
    return next((why for why, patterns in REFUSED.items() if _matches(name, patterns)), None)


def variables(
    given: Iterable[tuple[str, str | None]], environ: Mapping[str, str], flag: str = "--env"
) -> dict[str, str]:
    """The variables with their values.

    Args:
        given: names with values; ``None`` takes that of ``environ``.
        environ: of the launcher.
        flag: what they were given by, for people.

    Raises:
        UsageError: a name that is none, is refused, stands there twice, or has no value. No message holds
            a value.
    """
    found: dict[str, str] = {}
    for name, value in given:
        _check(name, flag)
        own = environ.get(name) if value is None else value
        if own is None:
            raise UsageError(f"{flag} {name}: this variable is not set here", f"Write {flag} {name}=VALUE.")
        if not isinstance(own, str):
            raise UsageError(f"{flag} {name} is {type(own).__name__}; a variable's value is text")
        if "\0" in own:
            raise UsageError(f"{flag} {name}: its value holds a NUL character, which no variable can carry")
        if name in found:
            raise UsageError(f"{flag} {name} stands there twice", "Keep one of them.")
        found[name] = own
    return found


def name_and_value(text: str) -> tuple[str, str | None]:
    """``NAME=VALUE`` or ``NAME`` alone."""
    name, equals, value = text.partition("=")
    return name, value if equals else None


def executor_settings(
    given: Mapping[str, str], cluster: Cluster, mode: DeployMode, settings: Mapping[str, str]
) -> dict[str, str]:
    """The Spark settings that carry variables to executors, and to a driver inside the cluster.

    Args:
        given: the variables.
        cluster: where the run goes; only ``executor_env: true`` lets them leave this machine.
        mode: where the driver runs.
        settings: of the run.

    Raises:
        UsageError: the driver runs in the cluster and the profile keeps variables here, or a setting of the
            run gives another value.
    """
    if given and mode == "cluster" and not cluster.executor_env:
        raise UsageError(
            f"--env {next(iter(given))}: the driver runs in the cluster, and {cluster.name} keeps variables "
            "on this machine",
            f"Run it in client mode, or let the operator write executor_env: true into {cluster.name}.",
        )
    if not cluster.executor_env or cluster.manager == "local":
        return {}
    drivers = {"yarn": "spark.yarn.appMasterEnv.", "kubernetes": "spark.kubernetes.driverEnv."}
    driver = drivers.get(cluster.manager) if mode == "cluster" else None
    prefixes = ("spark.executorEnv.", *([driver] if driver else ()))
    carried = {prefix + name: value for name, value in given.items() for prefix in prefixes}
    for name, value in given.items():
        _refuse_what_changes(name, value, cluster)
    for key, value in carried.items():
        if settings.get(key, value) != value:
            name = key.rpartition(".")[2]
            raise UsageError(f"--env {name}: {key} is set otherwise as well", "Keep one of the two.")
    return carried


def _refuse_what_changes(name: str, value: str, cluster: Cluster) -> None:
    """A value must arrive as it was given, or not be sent.

    Spark strips what it reads from a properties file (``Utils.trimExceptCRLF``); YARN writes variables into a
    shell script between double quotes (``ContainerLaunch``); Kubernetes expands ``$(NAME)``.
    """
    special = {"yarn": '"$`\\', "kubernetes": "$"}.get(cluster.manager, "")
    found = next((character for character in special if character in value), None)
    if found is not None or value != value.strip(" \t\f\v"):
        what = f"holds {found!r}" if found else "begins or ends with a blank"
        raise UsageError(
            f"--env {name}: its value {what}, which would not reach an executor on {cluster.name} as it is",
            "Hand such a value over in a file, or by the cluster's own store of secrets.",
        )


def redaction(names: Iterable[str]) -> str:
    """The pattern by which Spark hides these variables on its pages and in its event log."""
    return rf"^spark\.(?:executorEnv|yarn\.appMasterEnv|kubernetes\.driverEnv)\.(?:{'|'.join(names)})$"


def _check(name: str, flag: str) -> None:
    if not _NAME.fullmatch(name):
        # What stands there instead may be a secret whose name was forgotten.
        raise UsageError(
            f"{flag} takes the name of a variable first", f"Write {flag} NAME or {flag} NAME=VALUE."
        )
    why = why_refused(name)
    if why is not None:
        raise UsageError(f"{flag} {name}: {why}", "Set it where the launcher is started, if it must be.")


def _matches(name: str, patterns: Iterable[str]) -> bool:
    return any(fnmatchcase(name, pattern) for pattern in patterns)
