"""A configuration as some file or command line tells it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from launcher.spec.layer import Pin, resolve


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
        damaged: why the settings are not known, when they are not.
    """

    kind: str
    values: Mapping[str, str] = field(default_factory=dict)
    places: Mapping[str, str] = field(default_factory=dict)
    facts: Mapping[str, str] = field(default_factory=dict)
    python: bool = True
    target: str | None = None
    notes: tuple[str, ...] = ()
    damaged: str | None = None


def of_pins(kind: str, pins: Iterable[Pin], notes: Iterable[str] = (), python: bool = True) -> Source:
    """A source of pins: the highest origin decides."""
    decided = resolve(pins)
    message = [
        f"{key} holds a variable, whose value is not known here"
        for key, pin in decided.items()
        if "$" in pin.value
    ]
    return Source(
        kind=kind,
        values={key: pin.value for key, pin in decided.items()},
        places={key: pin.place for key, pin in decided.items()},
        python=python,
        notes=(*notes, *message),
    )
