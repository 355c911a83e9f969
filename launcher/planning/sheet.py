"""The settings of a plan as they are decided, one after the other. A pin always wins."""

from __future__ import annotations

from launcher.planning.defaults import SPARK_DEFAULTS
from launcher.planning.groups import Group
from launcher.planning.pinned import Pinned
from launcher.planning.setting import Setting
from launcher.spec.layer import Origin, Pin


class Sheet:
    """Collects settings.

    Args:
        pins: what somebody set; it replaces what is computed.
    """

    def __init__(self, pins: Pinned) -> None:
        self.pins = pins
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
        text = str(value).lower() if isinstance(value, bool) else str(value)
        pin = self.pins.get(key)
        if pin is None:
            self._add(Setting(key, text, Origin.COMPUTED, reason, source, group.value))
            return
        instead = f"the plan would have taken the same: {reason}"
        if pin.value != text:
            instead = f"the plan would have taken {text}: {reason}"
        self._add(Setting(key, pin.value, pin.origin, _because(pin, instead), source, group.value))

    def settings(self) -> tuple[Setting, ...]:
        """Every setting: those decided, in the order of the groups, then the pins of other keys."""
        for pin in self.pins:
            if pin.key not in self._settings:
                reason = _because(pin, "the plan has no rule for this key here and hands it on")
                self._add(Setting(pin.key, pin.value, pin.origin, reason, pin.place, Group.PINNED.value))
        order = {group.value: rank for rank, group in enumerate(Group)}
        return tuple(sorted(self._settings.values(), key=lambda setting: order[setting.group]))

    def _add(self, setting: Setting) -> None:
        default = SPARK_DEFAULTS.get(setting.key)
        self._settings[setting.key] = Setting(
            setting.key,
            setting.value,
            setting.origin,
            setting.reason,
            setting.source,
            setting.group,
            default,
        )


def _because(pin: Pin, instead: str) -> str:
    lost = "".join(f", over {other.place} ({other.value})" for other in pin.overridden)
    return f"{pin.place} says so{lost}; {instead}"
