"""The table of versions that work together, and what it says about the versions at hand.

``conf/compatibility.yaml`` holds the data and explains its patterns.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

import msgspec
import yaml

from sparkjobs.errors import UsageError

TABLE_NAME = "compatibility.yaml"
# The parts that a pattern can speak about, in the order in which messages name them.
PARTS = ("spark", "delta", "rapids", "comet")


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
    rapids: str | None = None


class Refused(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Versions that are known to fail together; a part left out may be anything, or absent."""

    reason: str
    spark: str | None = None
    delta: str | None = None
    rapids: str | None = None
    comet: str | None = None


class Compatibility(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The whole table."""

    sets: tuple[VersionSet, ...]
    refused: tuple[Refused, ...]

    def complaints(self, versions: Mapping[str, str]) -> list[str]:
        """What is wrong with ``versions`` (part -> version; absent parts left out), in sentences."""
        known = [_refusal(rule, versions) for rule in self.refused if _applies(rule, versions)]
        if known or any(_holds(entry, versions) for entry in self.sets):
            return known
        return [f"{_named(versions)} is no combination that we know; {self._nearest(versions)}"]

    def _nearest(self, versions: Mapping[str, str]) -> str:
        same_spark = [entry for entry in self.sets if entry.spark == versions.get("spark")]
        entry = (same_spark or list(self.sets))[0]
        return f"the nearest that works is Spark {entry.spark} with Delta {entry.delta} ({entry.name})"


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


def matches(pattern: str, version: str) -> bool:
    """Whether ``version`` fits every part of ``pattern``."""
    return all(_fits(part, version) for part in pattern.split())


def _fits(part: str, version: str) -> bool:
    if part == "*":
        return True
    if part.endswith(".*"):
        return version.startswith(part[:-1])
    match = re.fullmatch(r"(<=|>=|<|>)?(.+)", part)
    assert match is not None  # "(.+)" takes any text that split() leaves
    operator, bound = match.groups()
    ours, theirs = _numbers(version), _numbers(bound)
    return {
        "<": ours < theirs,
        "<=": ours <= theirs,
        ">": ours > theirs,
        ">=": ours >= theirs,
        None: version == bound,
    }[operator]


def _numbers(version: str) -> tuple[int, ...]:
    numbers = [int(number) for number in re.findall(r"\d+", version)]
    while numbers and numbers[-1] == 0:  # 4.3 and 4.3.0 are the same bound
        numbers.pop()
    return tuple(numbers)


def _applies(rule: Refused, versions: Mapping[str, str]) -> bool:
    asked = {part: getattr(rule, part) for part in PARTS if getattr(rule, part) is not None}
    return all(part in versions and matches(pattern, versions[part]) for part, pattern in asked.items())


def _refusal(rule: Refused, versions: Mapping[str, str]) -> str:
    asked = {part: versions[part] for part in PARTS if getattr(rule, part) is not None}
    return f"{_named(asked)} do not work together: {rule.reason}"


def _holds(entry: VersionSet, versions: Mapping[str, str]) -> bool:
    return all(getattr(entry, part, None) == version for part, version in versions.items() if part != "comet")


def _named(versions: Mapping[str, str]) -> str:
    titles = {"rapids": "RAPIDS"}
    return " and ".join(
        f"{titles.get(part, part.capitalize())} {versions[part]}" for part in PARTS if part in versions
    )
