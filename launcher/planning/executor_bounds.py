"""Bounds of the number of executors that somebody gave, and what makes them impossible."""

from __future__ import annotations

from launcher.planning.capacity import Capacity
from launcher.planning.pinned import Pinned
from sparkjobs.errors import UsageError

DYNAMIC = "spark.dynamicAllocation"


def bound(pins: Pinned, key: str, least: int) -> tuple[int | None, str]:
    """A bound that somebody gave and its place; ``None`` and nothing where nobody did.

    Args:
        pins: what somebody set.
        key: the last word of the setting.
        least: the smallest number that makes sense.
    """
    pin = pins.get(f"{DYNAMIC}.{key}")
    return (None, "") if pin is None else (pins.number(pin.key, least), f"{pin.place}: {pin.key}={pin.value}")


def at_start(pins: Pinned) -> tuple[int | None, str]:
    """The start: Spark takes the larger of two settings (``Utils.getDynamicAllocationInitialExecutors``)."""
    first, place = bound(pins, "initialExecutors", 0)
    pin = pins.get("spark.executor.instances")
    if pin is None:
        return first, place
    instances = pins.number(pin.key) or 0
    return (instances, f"{pin.place}: {pin.key}={pin.value}") if instances > (first or 0) else (first, place)


def check_most(number: int, room: Capacity, what: str) -> None:
    """Refuse more executors than there is room for.

    Raises:
        UsageError: names what asks for them.
    """
    if number > room.executors:
        raise UsageError(
            f"{what}, but there is room for {room.executors}: {room.how}",
            hint=f"ask for at most {room.executors}, or for smaller executors",
        )


def check_order(least: tuple[int, str], first: tuple[int, str], most: tuple[int, str]) -> None:
    """Refuse bounds that contradict each other; each comes with its place, empty where it is computed.

    Raises:
        UsageError: names the two.
    """
    for (low, low_place), (high, high_place) in ((least, most), (least, first), (first, most)):
        if low > high:
            raise UsageError(
                f"{low_place or f'the start of {low}'} is above {high_place or f'the start of {high}'}",
                hint="Spark wants minExecutors <= initialExecutors <= maxExecutors",
            )
