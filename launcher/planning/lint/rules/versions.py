"""Versions that do not fit one another, by the compatibility table."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from launcher.planning.lint.applied import comet, spark_version
from launcher.planning.lint.artifacts import Artifact, artifacts, of
from launcher.planning.lint.configuration import Configuration
from launcher.planning.lint.rule import Problem, rule

DELTA = ("delta-spark", "delta-core")
RAPIDS = ("rapids-4-spark",)
KAFKA = ("spark-sql-kafka-0-10", "spark-streaming-kafka-0-10")
_COMET = re.compile(r"comet-spark-spark[\d.]+")


@rule("versions-refused", "error", "Take versions of a set that works; docs/linter.md lists them.")
def refused(c: Configuration) -> Iterator[Problem]:
    """Versions that are known not to work together."""
    versions = _versions(c)
    for text in c.versions.refusals(versions):
        message, _, near = text.partition("; the nearest")
        yield Problem(_keys(c, versions), message, f"Change the versions: the nearest{near}.")


@rule("versions-unknown", "warning", "Take versions of a set that works; docs/linter.md lists them.")
def unknown(c: Configuration) -> Iterator[Problem]:
    """Versions of Spark with Delta or RAPIDS that the compatibility table does not hold."""
    versions = {part: v for part, v in _versions(c).items() if part in ("spark", "delta", "rapids")}
    if "spark" not in versions or len(versions) == 1 or c.versions.refusals(versions):
        return
    for text in c.versions.complaints(versions):
        message, _, near = text.partition("; the nearest")
        yield Problem(_keys(c, versions), message, f"Take versions that are known: the nearest{near}.")


@rule("scala-version", "error", "Take artifacts of the Scala version that Spark is built for.")
def other_scala(c: Configuration) -> Iterator[Problem]:
    """A jar is built for another Scala version than Spark, or than another jar."""
    jars = [artifact for artifact in artifacts(c) if artifact.scala and _named_by_user(artifact)]
    for artifact in jars:
        wrong = _scala_clash(c, artifact.scala or "") or _other_jar(artifact, jars[0])
        if wrong:
            yield Problem((artifact.key,), f"{artifact.shown} is built for Scala {artifact.scala}, {wrong}")
            return


@rule("delta-artifact", "error", "Take the artifact that is built for this Spark.")
def other_delta_artifact(c: Configuration) -> Iterator[Problem]:
    """Delta's artifact is not the one of its version and this Spark."""
    version = spark_version(c)
    for artifact in of(c, *DELTA):
        if version is None or artifact.scala is None:
            continue
        wanted = c.versions.delta_artifact(artifact.version, version, artifact.scala)
        if wanted is not None and wanted != artifact.suffixed:
            message = f"{artifact.shown} does not fit Delta {artifact.version} on Spark {version}"
            yield Problem((artifact.key,), message, f"Take {wanted}, version {artifact.version}.")


@rule("kafka-connector-version", "error", "Take the connector of exactly Spark's version.")
def other_kafka(c: Configuration) -> Iterator[Problem]:
    """The Kafka connector is of another version than Spark."""
    version = spark_version(c)
    for artifact in of(c, *KAFKA):
        if version is not None and not artifact.version.startswith(version):
            yield Problem((artifact.key,), f"{artifact.shown} is not of Spark {version}")


@rule("hadoop-aws-version", "warning", "Take hadoop-aws of the version of Spark's own Hadoop jars.")
def other_hadoop_aws(c: Configuration) -> Iterator[Problem]:
    """The hadoop-aws jar is of another version than the Hadoop that comes with Spark."""
    version = spark_version(c)
    # Platforms ship a Hadoop of their own.
    ours = c.cluster is None or c.cluster.platform == "onprem"
    for artifact in of(c, "hadoop-aws"):
        if version is None or not ours or not _named_by_user(artifact):
            continue
        for message in c.versions.refusals({"spark": version, "hadoop_aws": artifact.version}):
            yield Problem((artifact.key,), f"{artifact.shown}: {message.partition('; the nearest')[0]}")


def _versions(c: Configuration) -> Mapping[str, str]:
    parts = {"delta": of(c, *DELTA), "rapids": of(c, *RAPIDS)}
    found = {part: jars[0].version for part, jars in parts.items() if jars}
    named = {"spark": spark_version(c), "comet": _comet(c)}
    return {part: version for part, version in named.items() if version} | found


def _comet(c: Configuration) -> str | None:
    jars = (artifact.version for artifact in artifacts(c) if _COMET.fullmatch(artifact.name))
    return next(jars, "any" if comet(c) else None)


def _scala_clash(c: Configuration, scala: str) -> str:
    version, given = spark_version(c), re.search(r"\d+\.\d+", c.facts.get("scala_version", ""))
    if given:
        return f"Spark for {given[0]}" if given[0] != scala else ""
    if version is None or not c.versions.refusals({"spark": version, "scala": scala}):
        return ""
    return f"Spark {version} is not"


def _other_jar(artifact: Artifact, first: Artifact) -> str:
    return f"{first.shown} for {first.scala}" if artifact.scala != first.scala else ""


def _named_by_user(artifact: Artifact) -> bool:
    return artifact.key != "classpath"


def _keys(c: Configuration, versions: Mapping[str, str]) -> tuple[str, ...]:
    wanted = {"delta": DELTA, "rapids": RAPIDS}
    named = {artifact.key for part in versions for artifact in of(c, *wanted.get(part, ()))}
    return tuple(sorted(named - {"classpath"}))


RULES = (refused, unknown, other_scala, other_delta_artifact, other_kafka, other_hadoop_aws)
