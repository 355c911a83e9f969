"""A configuration as some file or command line tells it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from launcher.spec.known_keys import pins_of_today
from launcher.spec.layer import Pin, repeated, resolve


@dataclass(frozen=True)
class Source:
    """What was read.

    Attributes:
        kind: what it is, for people: ``event log``, ``spark-submit command line``.
        values: settings by key.
        places: where each was set.
        facts: what it tells beside settings, see ``Configuration.facts``.
        python: the application is a Python one.
        target: the cluster profile that it names.
        notes: what people should know: parts that could not be read, lines that are passed over.
        repeated: keys that one place sets more than once, with the places.
        damaged: why the settings are not known, when they are not.
    """

    kind: str
    values: Mapping[str, str] = field(default_factory=dict)
    places: Mapping[str, str] = field(default_factory=dict)
    facts: Mapping[str, str] = field(default_factory=dict)
    python: bool = True
    target: str | None = None
    notes: tuple[str, ...] = ()
    repeated: Mapping[str, str] = field(default_factory=dict)
    damaged: str | None = None


def of_pins(kind: str, pins: Iterable[Pin], notes: Iterable[str] = (), python: bool = True) -> Source:
    """A source of pins: the highest origin decides."""
    given = tuple(pins)
    decided = resolve(given)
    return Source(
        kind=kind,
        values={key: pin.value for key, pin in decided.items()},
        places={key: pin.place for key, pin in decided.items()},
        python=python,
        notes=tuple(notes),
        repeated=repeated(resolve(pins_of_today(given))),
    )
