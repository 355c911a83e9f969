"""The settings that Spark and RAPIDS know by name, and the types of their values.

``spark-keys.txt`` and ``rapids-keys.txt`` beside this file are asked from their entries by the scripts
``scripts/spark_keys.py`` and ``scripts/rapids_keys.py``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files

from launcher.spec.layer import Pin

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
_FACTOR = re.compile(r"x(\d+)([a-z]*)")


@dataclass(frozen=True)
class Renamed:
    """A setting's new name.

    Attributes:
        since: the Spark that knows the new name.
        key: the new name.
        factor: the new setting's number is so many times the old one's.
        unit: and has this unit.
    """

    since: str
    key: str
    factor: int = 1
    unit: str = ""

    def value(self, old: str) -> str:
        """What the new setting says in place of ``old``."""
        try:
            return old if self.factor == 1 else f"{int(float(old) * self.factor)}{self.unit}"
        except (ValueError, OverflowError):
            return old  # no number for Spark either; who reads the new setting says so


@dataclass(frozen=True)
class Known:
    """What Spark and RAPIDS know.

    Attributes:
        names: every setting, old names too.
        types: the type of each setting whose values are checked, in the words of ``value_types``.
        renamed: by old name.
        removed: name -> (since which Spark, the one value that it may have).
    """

    names: frozenset[str]
    types: Mapping[str, str]
    renamed: Mapping[str, Renamed]
    removed: Mapping[str, tuple[str, str]]


@cache
def known() -> Known:
    """The lists; they are read once."""
    rows = (*_rows("spark-keys.txt"), *_rows("rapids-keys.txt"))
    states = ("renamed", "removed", "")
    renamed = {key: _renamed(since, *rest) for key, state, since, *rest in rows if state == "renamed"}
    return Known(
        # A new name may be that of a connector, whose entries are not Spark's own.
        names=frozenset(row[0] for row in rows) | DEAD.keys() | {found.key for found in renamed.values()},
        types={key: state for key, state, *_ in rows if state not in states},
        renamed=renamed,
        removed={key: (since, value) for key, state, since, value, _ in rows if state == "removed"},
    )


def todays(key: str, value: str, version: str | None = None) -> tuple[str, str]:
    """The key by its newest name, and what the value is there.

    Args:
        key: any key.
        value: its value.
        version: the Spark that reads it; ``None`` takes a new one.
    """
    found = known().renamed.get(key)
    if found is None or (version is not None and _numbers(version) < _numbers(found.since)):
        return key, value
    return todays(found.key, found.value(value), version)


def by_todays_names(
    values: Mapping[str, str], version: str | None = None
) -> tuple[dict[str, str], dict[str, str]]:
    """Settings by their newest names, and the newest name of each old one.

    Where both are set, Spark takes the newest name, wherever it stands (``SparkConf.getOption``).
    """
    new: dict[str, str] = {}
    old: dict[str, str] = {}
    for key, value in values.items():
        name, meant = todays(key, value, version)
        if name != key:
            old[key] = name
        if name == key or name not in values:
            new[name] = meant
    return new, old


def pins_of_today(pins: Iterable[Pin], version: str | None = None) -> tuple[Pin, ...]:
    """Pins by their newest names; the place of a renamed one tells the name that was written.

    Pins by old names come first: within one origin, Spark takes the newest name.
    """
    renamed = [(pin, *todays(pin.key, pin.value, version)) for pin in pins]
    first = [
        replace(pin, key=key, value=value, place=f"{pin.place} ({pin.key})", old_key=pin.key)
        for pin, key, value in renamed
        if key != pin.key
    ]
    return (*first, *(pin for pin, key, _ in renamed if key == pin.key))


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(number) for number in re.findall(r"\d+", version)[:3])


def _renamed(since: str, key: str, factor: str) -> Renamed:
    match = _FACTOR.fullmatch(factor)
    return Renamed(since, key, int(match[1]), match[2]) if match else Renamed(since, key)


def _rows(name: str) -> Iterator[tuple[str, str, str, str, str]]:
    text = files(__package__).joinpath(name).read_text(encoding="utf-8")
    for line in text.splitlines():
        if not line.startswith("#"):
            key, state, since, rest, factor, *_ = [*line.split(" "), "", "", "", ""]
            yield key, state, since, rest, factor
