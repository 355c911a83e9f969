"""The RAPIDS plugin and Comet."""

from __future__ import annotations

import re
from collections.abc import Iterator

from launcher.planning.lint.applied import GPU_AMOUNT, comet, gpus, rapids, spark_version
from launcher.planning.lint.artifacts import artifacts, knows_class_path
from launcher.planning.lint.configuration import Configuration
from launcher.planning.lint.rule import Problem, rule
from launcher.planning.lint.values import names, shown

PLUGINS, SHUFFLE = "spark.plugins", "spark.shuffle.manager"
SERIALIZER, REGISTRATOR = "spark.serializer", "spark.kryo.registrator"
GPU_REGISTRATOR = "com.nvidia.spark.rapids.GpuKryoRegistrator"
KRYO = "org.apache.spark.serializer.KryoSerializer"
JAR = "rapids-4-spark"
# The fact that tells what the jars hold: yes, no, unknown.
RAPIDS_JAR = "rapids_jar"
_SHUFFLE_CLASS = re.compile(r"com\.nvidia\.spark\.rapids\.spark(\w+)\.RapidsShuffleManager")


@rule("rapids-with-comet", "error", f"Keep one of the two in {PLUGINS}.")
def both(c: Configuration) -> Iterator[Problem]:
    """RAPIDS and Comet are both loaded, and both replace the shuffle manager."""
    if rapids(c) and comet(c):
        yield Problem(
            (PLUGINS, SHUFFLE), f"{shown(c, PLUGINS, SHUFFLE)}: RAPIDS and Comet exclude each other"
        )


@rule("rapids-with-many-gpus", "error", f"Set {GPU_AMOUNT}=1 and ask for more executors.")
def many_gpus(c: Configuration) -> Iterator[Problem]:
    """RAPIDS is given more than one GPU per executor."""
    if rapids(c) and gpus(c) > 1:
        yield Problem((GPU_AMOUNT, PLUGINS), f"{shown(c, GPU_AMOUNT)}: RAPIDS uses one GPU per executor")


@rule("rapids-shuffle-manager-version", "error", f"Name the class of the Spark that runs it in {SHUFFLE}.")
def other_shuffle_manager(c: Configuration) -> Iterator[Problem]:
    """The shuffle manager of RAPIDS is that of another Spark version."""
    match = _SHUFFLE_CLASS.fullmatch((c.get(SHUFFLE) or "").strip())
    version = spark_version(c)
    # Letters in the name mark the Spark of a vendor, whose versions are not Spark's.
    if match is None or version is None or not match[1].isdigit():
        return
    ours = version.replace(".", "")
    if match[1] != ours:
        fix = f"Set {SHUFFLE}=com.nvidia.spark.rapids.spark{ours}.RapidsShuffleManager."
        yield Problem((SHUFFLE,), f"{shown(c, SHUFFLE)}, but Spark is {version}", fix)


@rule("rapids-without-jar", "warning", "Name the jar with --jars, or put it on the cluster's class path.")
def no_jar(c: Configuration) -> Iterator[Problem]:
    """The RAPIDS plugin is set and no jar that is named holds it."""
    if rapids(c) and _without(c):
        where = "the class path" if knows_class_path(c) else "spark.jars, spark.jars.packages or a class path"
        yield Problem((PLUGINS, "spark.jars"), f"{shown(c, PLUGINS)}, but {where} names no jar that holds it")


@rule("rapids-from-packages", "warning", "Fetch the jar once and name the file with --jars.")
def from_packages(c: Configuration) -> Iterator[Problem]:
    """RAPIDS, a jar of about 1 GB, is resolved at each start."""
    for artifact in artifacts(c):
        if artifact.key == "spark.jars.packages" and artifact.name.startswith(JAR):
            message = f"{artifact.shown} is about 1 GB and is resolved anew at each start"
            yield Problem(("spark.jars.packages",), message)


@rule("kryo-without-rapids-registrator", "error", f"Add {GPU_REGISTRATOR} to {REGISTRATOR}.")
def no_registrator(c: Configuration) -> Iterator[Problem]:
    """Kryo serializes without the classes of RAPIDS."""
    kryo = (c.get(SERIALIZER) or "").strip() == KRYO
    if rapids(c) and kryo and GPU_REGISTRATOR not in names(c, REGISTRATOR):
        message = f"{shown(c, SERIALIZER, REGISTRATOR)}: batches of RAPIDS cannot be serialized"
        yield Problem((SERIALIZER, REGISTRATOR), message)


@rule(
    "rapids-settings-without-plugin", "info", f"Add com.nvidia.spark.SQLPlugin to {PLUGINS}, or remove them."
)
def settings_without_plugin(c: Configuration) -> Iterator[Problem]:
    """Settings of RAPIDS stand there without its plugin."""
    off = "spark.rapids.sql.enabled" in c.values and not c.on("spark.rapids.sql.enabled")
    keys = tuple(sorted(key for key in c.values if key.startswith("spark.rapids.")))
    if keys and not rapids(c) and not off:
        yield Problem((*keys, PLUGINS), f"{shown(c, *keys[:3])}: nothing reads it without the plugin")


def _without(c: Configuration) -> bool:
    """Whether no jar holds the plugin: by what was found in them, else by their names."""
    seen = c.facts.get(RAPIDS_JAR)
    if seen is not None:
        return seen == "no"
    return not any(a.name.startswith(JAR) for a in artifacts(c)) and not _hidden(c)


def _hidden(c: Configuration) -> bool:
    """Whether some class path names whole folders."""
    keys = (
        "spark.driver.extraClassPath",
        "spark.executor.extraClassPath",
        "spark.yarn.jars",
        "spark.yarn.archive",
    )
    places = " ".join(c.get(key) or "" for key in keys)
    return "*" in places or "spark.yarn.archive" in c.values


RULES = (
    both,
    many_gpus,
    other_shuffle_manager,
    no_jar,
    from_packages,
    no_registrator,
    settings_without_plugin,
)
