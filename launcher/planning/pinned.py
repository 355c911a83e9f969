"""Values that somebody set, read as numbers, sizes and switches; a bad one is named with its place."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from launcher.redact import masked
from launcher.spec.cluster import Cluster
from launcher.spec.config.layers import differs, enforced_pins
from launcher.spec.known_keys import pins_of_today
from launcher.spec.layer import Pin, resolve
from launcher.spec.units import MIB, size_bytes
from sparkjobs.errors import UsageError

# Java's largest whole number, which Spark counts in.
INT_MAX = 2**31 - 1
# Python refuses to read thousands of digits, and nobody reads them in a message.
_MOST_DIGITS, _SHOWN = 18, 40


class Pinned:
    """The pins of one plan, one a key.

    Args:
        pins: by key, as ``resolve`` gives them.
    """

    def __init__(self, pins: Mapping[str, Pin]) -> None:
        self._pins = pins

    def __iter__(self) -> Iterator[Pin]:
        """Every pin, keys in order."""
        return iter(self._pins.values())

    def get(self, key: str) -> Pin | None:
        """Who set ``key``; ``None`` when nobody did."""
        return self._pins.get(key)

    def number(self, key: str, least: int = 1) -> int | None:
        """A whole number.

        Raises:
            UsageError: it is none, or below ``least``.
        """
        pin = self.get(key)
        if pin is None:
            return None
        text = pin.value.strip()
        number = int(text) if text.isdecimal() and len(text) <= _MOST_DIGITS else -1
        if not least <= number <= INT_MAX:
            raise UsageError(
                f"{pin.place}: {key}={text[:_SHOWN]} is no whole number from {least} to {INT_MAX}"
            )
        return number

    def fraction(self, key: str) -> float | None:
        """A number above 0.

        Raises:
            UsageError: it is none.
        """
        pin = self.get(key)
        if pin is None:
            return None
        try:
            value = float(pin.value)
        except ValueError:
            value = 0.0
        if not 0 < value < float("inf"):
            raise UsageError(f"{pin.place}: {key}={pin.value} is no number above 0")
        return value

    def mib(self, key: str, bare: int = MIB) -> int | None:
        """A size in MiB, rounded up, so that what is counted is never too little.

        Args:
            key: the key.
            bare: bytes of a number without a unit: most memory keys of Spark mean MiB, some bytes.

        Raises:
            UsageError: it is no size.
        """
        pin = self.get(key)
        if pin is None:
            return None
        try:
            size = size_bytes(pin.value, bare)
        except ValueError as error:
            raise UsageError(f"{pin.place}: {key}: {error}") from error
        if size < 0:
            raise UsageError(f"{pin.place}: {key}={pin.value} is below 0")
        return -(-size // MIB)

    def places(self, keys: Iterable[str]) -> str:
        """Which of the keys somebody set, each with its place, for the beginning of a message."""
        found = (pin for key in keys if (pin := self.get(key)))
        return ", ".join(f"{pin.place}: {pin.key}={masked(pin.key, pin.value)}" for pin in found)

    def switch(self, key: str) -> bool | None:
        """``true`` or ``false``.

        Raises:
            UsageError: it is neither.
        """
        pin = self.get(key)
        if pin is None:
            return None
        value = pin.value.strip().lower()
        if value not in ("true", "false"):
            raise UsageError(f"{pin.place}: {key}={pin.value} is neither true nor false")
        return value == "true"


def pinned(pins: Iterable[Pin], cluster: Cluster) -> Pinned:
    """The pins that hold, the profile's enforced values among them.

    Raises:
        UsageError: a pin differs from a value that the profile enforces.
    """
    resolved = dict(resolve(pins_of_today(pins, cluster.spark_version)))
    for wanted in enforced_pins(cluster):
        key, against = wanted.key, resolved.get(wanted.key)
        if against is not None and differs(against, wanted):
            raise UsageError(
                f"{against.place}: {key}={masked(key, against.value)}, "
                f"but {wanted.place} enforces {masked(key, wanted.value)}",
                hint=f"leave {key} out, or choose another target than {cluster.name}",
            )
        resolved[key] = replace(wanted, place=f"{wanted.place} (enforced)")
    return Pinned(dict(sorted(resolved.items())))
