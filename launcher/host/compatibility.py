"""The table of versions that work together, and what it says about the versions at hand.

``conf/compatibility.yaml`` holds the data and explains its patterns.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import groupby
from pathlib import Path

import msgspec
import yaml

from launcher.host.patterns import matches
from sparkjobs.errors import UsageError

TABLE_NAME = "compatibility.yaml"
# The parts that a row can speak about, in the order in which messages name them.
TITLES = {
    "spark": "Spark",
    "scala": "Scala",
    "java": "Java",
    "python": "Python",
    "delta": "Delta",
    "rapids": "RAPIDS",
    "comet": "Comet",
    "hadoop_aws": "hadoop-aws",
    "kafka": "the Kafka connector",
}


class VersionSet(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Versions that are known to work together."""

    name: str
    spark: str
    scala: str
    java: tuple[int, ...]
    python: str
    delta: str
    delta_artifact: str
    hadoop_aws: str
    kafka: str
    rapids: str | None = None
    comet: str | None = None

    def has(self, part: str, version: str) -> bool:
        """Whether the set holds this version of a part."""
        if part == "java":
            return version in map(str, self.java)
        if part == "python":
            return matches(self.python, version)
        return bool(getattr(self, part) == version)


class Bound(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What one version of a part is built for."""

    part: str
    version: str
    to: dict[str, str]


class Refused(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Versions that are known to fail together; a part left out may be anything, or absent."""

    reason: str
    spark: str | None = None
    delta: str | None = None
    rapids: str | None = None
    comet: str | None = None

    def parts(self) -> dict[str, str]:
        """The patterns by part."""
        return {part: pattern for part in TITLES if (pattern := getattr(self, part, None)) is not None}


class DeltaArtifact(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What Delta's artifact is called."""

    delta: str
    artifact: str


class Compatibility(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The whole table."""

    sets: tuple[VersionSet, ...]
    refused: tuple[Refused, ...]
    bound: tuple[Bound, ...] = ()
    delta_artifacts: tuple[DeltaArtifact, ...] = ()

    def complaints(self, versions: Mapping[str, str]) -> list[str]:
        """What is wrong with ``versions`` (part -> version; absent parts left out), in sentences.

        Versions that no set holds are a complaint as well, with the nearest set.
        """
        known = self.refusals(versions)
        if known or any(self._holds(entry, versions) for entry in self.sets):
            return known
        return [f"{named(versions)} is no combination that we know; {self.nearest(versions)}"]

    def refusals(self, versions: Mapping[str, str]) -> list[str]:
        """What is known to fail among ``versions``, in sentences; a broken bound that a refusal names is not
        told twice."""
        failing = [rule for rule in self.refused if _all_match(rule.parts(), versions)]
        refused = [set(rule.parts()) for rule in failing]
        broken = [
            rows for rows in self._broken(versions) if not _parts(rows) & set().union(*refused) - {"spark"}
        ]
        near = self.nearest(versions)
        return [f"{_refusal(rule, versions)}; {near}" for rule in failing] + [
            f"{_unbound(rows, versions)}; {near}" for rows in broken
        ]

    def nearest(self, versions: Mapping[str, str]) -> str:
        """The set that shares most with ``versions``, in words."""
        entry = max(self.sets, key=lambda entry: _closeness(entry, versions))
        rapids = f" and RAPIDS {entry.rapids}" if "rapids" in versions and entry.rapids else ""
        return (
            f"the nearest that works is Spark {entry.spark} with Delta {entry.delta}{rapids} ({entry.name})"
        )

    def delta_artifact(self, delta: str, spark: str, scala: str) -> str | None:
        """The name of Delta's artifact; ``None`` for a version that the table does not know."""
        rows = (row for row in self.delta_artifacts if matches(row.delta, delta))
        minor = ".".join(spark.split(".")[:2])
        return next((row.artifact.format(spark=minor, scala=scala) for row in rows), None)

    def _broken(self, versions: Mapping[str, str]) -> Iterator[list[Bound]]:
        """The groups of rows of which one must hold and none does."""
        at_hand = [row for row in self.bound if row.part in versions and versions.keys() >= row.to.keys()]
        fitting = [row for row in at_hand if matches(row.version, versions[row.part])]
        for _, group in groupby(sorted(fitting, key=_about), key=_about):
            rows = list(group)
            if not any(_all_match(row.to, versions) for row in rows):
                yield rows

    @staticmethod
    def _holds(entry: VersionSet, versions: Mapping[str, str]) -> bool:
        return all(entry.has(part, version) for part, version in versions.items() if part != "comet")


def read_table(path: Path) -> Compatibility:
    """Read the table.

    Raises:
        UsageError: it is no YAML, or has an unknown key or a wrong type.
    """
    try:
        plain = yaml.load(path.read_text(encoding="utf-8"), Loader=_Versions)
        return msgspec.convert(plain, Compatibility)
    except (yaml.YAMLError, msgspec.ValidationError) as error:
        raise UsageError(f"{path}: {error}") from error


class _Versions(yaml.SafeLoader):
    """YAML in which 4.0 stays text: as a number, 4.10 would become 4.1."""


_Versions.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:float"]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def named(versions: Mapping[str, str]) -> str:
    """Versions for people: ``Spark 4.0.4 and Delta 4.0.1``."""
    return " and ".join(f"{title} {versions[part]}" for part, title in TITLES.items() if part in versions)


def _all_match(patterns: Mapping[str, str], versions: Mapping[str, str]) -> bool:
    return all(part in versions and matches(pattern, versions[part]) for part, pattern in patterns.items())


def _refusal(rule: Refused, versions: Mapping[str, str]) -> str:
    return f"{named({part: versions[part] for part in rule.parts()})} do not work together: {rule.reason}"


def _unbound(rows: list[Bound], versions: Mapping[str, str]) -> str:
    part, others = rows[0].part, rows[0].to
    wanted = " or ".join(named({other: _in_words(row.to[other]) for other in others}) for row in rows)
    ours = named({other: versions[other] for other in others})
    return f"{TITLES[part]} {versions[part]} is made for {wanted}, not for {ours}"


def _in_words(pattern: str) -> str:
    words = {">=": "from ", "<=": "to ", "<": "below ", ">": "above "}
    parts = [
        next((w + part[len(o) :] for o, w in words.items() if part.startswith(o)), part)
        for part in pattern.split()
    ]
    return " ".join(parts).replace(".*", ".x")


def _about(row: Bound) -> tuple[str, ...]:
    return (row.part, *sorted(row.to))


def _parts(rows: list[Bound]) -> set[str]:
    return {rows[0].part, *rows[0].to}


def _closeness(entry: VersionSet, versions: Mapping[str, str]) -> tuple[int, ...]:
    spark = versions.get("spark", "")
    equal = sum(entry.has(part, version) for part, version in versions.items())
    wants_gpu = "rapids" in versions and entry.rapids is not None
    same_minor = entry.spark.split(".")[:2] == spark.split(".")[:2]
    same_major = entry.spark.split(".")[0] == spark.split(".")[0]
    return wants_gpu, entry.spark == spark, same_minor, same_major, equal
