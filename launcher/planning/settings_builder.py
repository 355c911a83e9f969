"""The settings of a plan as they are decided, one after the other. A pin always wins."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType

from launcher.planning.defaults import SPARK_DEFAULTS
from launcher.planning.pinned import Pinned
from launcher.planning.setting import Group, Setting
from launcher.redact import masked
from launcher.spec.layer import Origin, Pin

_NOTHING: Mapping[str, Setting] = MappingProxyType({})


class SettingsBuilder:
    """Collects settings.

    Args:
        pins: what somebody set; it replaces what is computed.
        without: the settings of the same plan without any pin; reasons tell what a pin replaces.
    """

    def __init__(self, pins: Pinned, without: Mapping[str, Setting] = _NOTHING) -> None:
        self.pins = pins
        self._without = without
        self._settings: dict[str, Setting] = {}

    def put(self, group: Group, key: str, value: object, reason: str, source: str) -> None:
        """Decide a key, unless somebody pinned it.

        Args:
            group: the heading.
            key: the Spark key.
            value: the computed value; booleans are written as Spark writes them.
            reason: why, in one sentence with its numbers.
            source: what the reason rests on.
        """
        pin = self.pins.get(key)
        if pin is None:
            text = str(value).lower() if isinstance(value, bool) else str(value)
            self._add(key, text, Origin.COMPUTED, reason, source, group)
        else:
            self._add(key, pin.value, pin.origin, self._because(pin), source, group)

    def extend(
        self, group: Group, key: str, items: Sequence[str], separator: str, reason: str, source: str
    ) -> None:
        """Decide a list; what is in it already, or somebody pinned, stays in front; what it lacks is added.

        Args:
            group: the heading.
            key: the Spark key.
            items: what the plan needs in the list.
            separator: what stands between items.
            reason: why the plan needs them.
            source: what the reason rests on.
        """
        pin, begun = self.pins.get(key), self._settings.get(key)
        there = begun.value if begun else pin.value if pin else None
        missing = [item for item in items if there is None or item not in there.split(separator)]
        value = separator.join(missing if there is None else [there, *missing])
        if pin is not None and missing:
            reason = f"the plan adds {separator.join(missing)}: {reason}"
        if begun is not None:
            message = f"{begun.reason}; {reason}" if missing else begun.reason
            self._settings[key] = replace(begun, value=value, reason=message)
        elif pin is None:
            self._add(key, value, Origin.COMPUTED, reason, source, group)
        else:
            message = f"{_pin_text(pin)}; {reason}" if missing else self._because(pin)
            self._add(key, value, pin.origin, message, source, group)

    def value(self, key: str) -> str | None:
        """What is decided of a key so far."""
        setting = self._settings.get(key)
        return setting.value if setting else None

    def settings(self) -> tuple[Setting, ...]:
        """Every setting: those decided, in the order of the groups, then the pins of other keys."""
        for pin in self.pins:
            if pin.key not in self._settings:
                self._add(pin.key, pin.value, pin.origin, self._because(pin), pin.place, Group.PINNED)
        order = {group.value: rank for rank, group in enumerate(Group)}
        return tuple(sorted(self._settings.values(), key=lambda setting: order[setting.group]))

    def _add(self, key: str, value: str, origin: Origin, reason: str, source: str, group: Group) -> None:
        default = SPARK_DEFAULTS.get(key)
        self._settings[key] = Setting(key, value, origin, reason, source, group.value, default)

    def _because(self, pin: Pin) -> str:
        free = self._without.get(pin.key)
        if free is None:
            return f"{_pin_text(pin)}; the plan itself leaves this key alone"
        value = "the same" if free.value == pin.value else free.value
        return f"{_pin_text(pin)}; without pins the plan takes {value}: {free.reason}"


def _pin_text(pin: Pin) -> str:
    lost = "".join(f", over {other.place} ({masked(other.key, other.value)})" for other in pin.overridden)
    return f"{pin.place}: {pin.why}{lost}" if pin.why else f"{pin.place} says so{lost}"
