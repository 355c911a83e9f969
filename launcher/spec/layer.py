"""Who asked for a value: one layer an origin, the highest first."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from enum import Enum


class Origin(str, Enum):
    """Where a value comes from, in the order of precedence: the first that has a key decides."""

    FLAG = "flag"
    JOB_FILE = "job file"
    PROPERTIES = "properties file"
    DEFAULTS = "spark-defaults"
    HISTORY = "history"
    PROFILE = "profile"
    COMPUTED = "computed"


@dataclass(frozen=True)
class Pin:
    """A value that somebody set.

    Attributes:
        key: the Spark key.
        value: its value.
        origin: who set it.
        place: where, for people: ``--executor-memory``, ``conf/jobs/daily.yaml:7``.
        overridden: pins of the same key from lower origins, the highest first.
        old_key: the key as it was written, where that is an old name of ``key``.
        why: of origin history: what earlier runs showed, in a sentence with its numbers.
    """

    key: str
    value: str
    origin: Origin
    place: str
    overridden: tuple[Pin, ...] = ()
    old_key: str | None = None
    why: str = ""


def resolve(pins: Iterable[Pin]) -> Mapping[str, Pin]:
    """One pin a key: the highest origin decides, within one origin the last; keys sorted."""
    ranks = {origin: rank for rank, origin in enumerate(Origin)}
    by_key: dict[str, list[Pin]] = {}
    for pin in pins:
        by_key.setdefault(pin.key, []).insert(0, pin)
    ordered = {key: sorted(same, key=lambda pin: ranks[pin.origin]) for key, same in by_key.items()}
    return {key: _over(same[0], same[1:]) for key, same in sorted(ordered.items())}


def repeated(decided: Mapping[str, Pin]) -> Mapping[str, str]:
    """The keys that one origin sets more than once, with every place.

    Args:
        decided: as ``resolve`` gives them.
    """
    same = {
        key: [other for other in pin.overridden if other.origin is pin.origin] for key, pin in decided.items()
    }
    return {
        key: f"it is set by {' and by '.join(one.place for one in reversed([decided[key], *others]))}"
        for key, others in same.items()
        if others
    }


def _over(winner: Pin, rest: list[Pin]) -> Pin:
    return replace(winner, overridden=tuple(rest))
