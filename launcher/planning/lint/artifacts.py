"""The jars that a configuration names, by file or by Maven coordinate."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from launcher.planning.lint.configuration import Configuration
from launcher.planning.lint.values import names

CLASS_PATH = "classpath"  # the fact of an event log: names of the jars that were there
_LISTS = ("spark.jars", "spark.yarn.dist.jars", "spark.repl.local.jars")
_PATHS = ("spark.driver.extraClassPath", "spark.executor.extraClassPath")
_NAME = r"(?P<name>[A-Za-z][\w.-]*?)"
_SUFFIXES = r"(?:_(?P<spark>[3-9]\.\d+))?(?:_(?P<scala>2\.1\d))?"
# A version has a dot, so that the 4 of rapids-4-spark is none.
_VERSION = r"(?P<version>\d+(?:\.\w+)+(?:-\w+)*?)"
_FILE = re.compile(rf"{_NAME}{_SUFFIXES}-{_VERSION}(?:-(?:tests|cuda\d+|shaded|slim))?\.jar")
_COORDINATE = re.compile(rf"(?P<group>[\w.-]+):{_NAME}{_SUFFIXES}:{_VERSION}")


@dataclass(frozen=True)
class Artifact:
    """One jar.

    Attributes:
        key: where it is named.
        shown: as it is named.
        name: of the artifact, without its suffixes: ``delta-spark``.
        spark: minor version of Spark in the name, or ``None``.
        scala: of Scala in the name, or ``None``.
        version: its version.
    """

    key: str
    shown: str
    name: str
    spark: str | None
    scala: str | None
    version: str

    @property
    def suffixed(self) -> str:
        """The name with its suffixes: ``delta-spark_4.0_2.13``."""
        return "_".join(part for part in (self.name, self.spark, self.scala) if part)


def artifacts(c: Configuration) -> tuple[Artifact, ...]:
    """Every jar whose name tells its version, one of each name and version."""
    found = {(a.suffixed, a.version): a for a in reversed(tuple(_all(c)))}
    return tuple(reversed(found.values()))


def of(c: Configuration, *wanted: str) -> tuple[Artifact, ...]:
    """The jars of these artifacts."""
    return tuple(artifact for artifact in artifacts(c) if artifact.name in wanted)


def knows_class_path(c: Configuration) -> bool:
    """Whether every jar is known, as an event log tells them."""
    return CLASS_PATH in c.facts


def _all(c: Configuration) -> Iterator[Artifact]:
    for coordinate in names(c, "spark.jars.packages"):
        yield from _parsed("spark.jars.packages", coordinate, _COORDINATE.fullmatch(coordinate))
    for key in _LISTS:
        yield from _files(key, names(c, key))
    for key in _PATHS:
        yield from _files(key, (c.get(key) or "").split(":"))
    yield from _files(CLASS_PATH, c.facts.get(CLASS_PATH, "").split(","))


def _files(key: str, paths: tuple[str, ...] | list[str]) -> Iterator[Artifact]:
    for path in paths:
        file = path.strip().rpartition("/")[2]
        yield from _parsed(key, file, _FILE.fullmatch(file))


def _parsed(key: str, shown: str, match: re.Match[str] | None) -> Iterator[Artifact]:
    if match:
        yield Artifact(key, shown, match["name"], match["spark"], match["scala"], match["version"])
