"""The settings that Spark knows by name, from ``spark-keys.txt`` beside this file."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

# Spark does not read these any more, without a word.
DEAD: Mapping[str, str] = {
    "spark.cache.class": "0.8",
    "spark.shuffle.consolidateFiles": "1.6",
    "spark.shuffle.spill": "1.6",
    "spark.executor.port": "2.0",
    "spark.yarn.am.port": "2.0",
    "spark.rpc.numRetries": "2.2",
    "spark.rpc.retry.wait": "2.2",
    "spark.shuffle.service.index.cache.entries": "2.3",
    "spark.yarn.credentials.file.retention.count": "2.4",
    "spark.yarn.credentials.file.retention.days": "2.4",
    "spark.executor.plugins": "3.0",
    "spark.memory.useLegacyMode": "3.0",
    "spark.shuffle.memoryFraction": "3.0",
    "spark.storage.memoryFraction": "3.0",
    "spark.storage.unrollFraction": "3.0",
    "spark.yarn.services": "3.0",
}


@dataclass(frozen=True)
class Known:
    """What Spark knows.

    Attributes:
        names: every setting, old names too.
        flags: those that take true or false.
        renamed: old name -> (since which Spark, new name).
        removed: name -> (since which Spark, the one value that it may have).
    """

    names: frozenset[str]
    flags: frozenset[str]
    renamed: Mapping[str, tuple[str, str]]
    removed: Mapping[str, tuple[str, str]]


@cache
def known() -> Known:
    """The list; it is read once."""
    rows = tuple(_rows())
    return Known(
        names=frozenset(row[0] for row in rows) | DEAD.keys(),
        flags=frozenset(key for key, state, *_ in rows if state == "flag"),
        renamed={key: (since, new) for key, state, since, new in rows if state == "renamed"},
        removed={key: (since, value) for key, state, since, value in rows if state == "removed"},
    )


def _rows() -> Iterator[tuple[str, str, str, str]]:
    text = files(__package__).joinpath("spark-keys.txt").read_text(encoding="utf-8")
    for line in text.splitlines():
        if not line.startswith("#"):
            key, state, since, rest, *_ = [*line.split(" "), "", "", ""]
            yield key, state, since, rest
