"""How many executors there may be, read off Spark's settings. Pure.

The plan writes the bounds of dynamic allocation and turns it off; under a bare spark-submit a user does.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sparkjobs.errors import UsageError

DYNAMIC = "spark.dynamicAllocation"
ENABLED = f"{DYNAMIC}.enabled"
MIN, INITIAL, MAX = (f"{DYNAMIC}.{name}Executors" for name in ("min", "initial", "max"))
CORES, CORES_MAX = "spark.executor.cores", "spark.cores.max"
INSTANCES = "spark.executor.instances"
_START = 2


@dataclass(frozen=True)
class Bounds:
    """Executors of one application.

    Attributes:
        least: fewest.
        start: before the first batch.
        most: most.
    """

    least: int
    start: int
    most: int


def bounds_of(settings: Mapping[str, str]) -> Bounds:
    """The bounds that Spark's settings name.

    Raises:
        UsageError: they name none, or contradict each other.
    """
    most, place = _most(settings)
    least = _number(settings, MIN) or 1
    if least > most:
        raise UsageError(
            f"{MIN}={least} is above {place}={settings[place]}, which allows {most} executors",
            "Give bounds of which the first is the smaller.",
        )
    start = _number(settings, INITIAL) or _number(settings, INSTANCES) or _START
    return Bounds(least, min(most, max(least, start)), most)


def bounded(settings: Mapping[str, str]) -> bool:
    """Whether somebody gave bounds and said that Spark does not move between them."""
    if ENABLED not in settings or MAX not in settings or dynamic(settings):
        return False
    bounds = bounds_of(settings)
    return bounds.least < bounds.most


def dynamic(settings: Mapping[str, str]) -> bool:
    """Whether Spark's own dynamic allocation is on."""
    return settings.get(ENABLED, "false").strip().lower() == "true"


def _most(settings: Mapping[str, str]) -> tuple[int, str]:
    """The most, and the setting that says so."""
    found = [(number, MAX)] if (number := _number(settings, MAX)) else []
    total = _number(settings, CORES_MAX)
    if total is not None:
        cores = _number(settings, CORES)
        if cores is None:
            raise UsageError(
                f"{CORES} is not set, so an executor takes a whole worker and {CORES_MAX}={total} does not "
                "tell how many there may be",
                f"Set {CORES}.",
            )
        # Spark asks its master for more without a word and never gets them.
        found.append((total // cores, CORES_MAX))
    if not found and (instances := _number(settings, INSTANCES)):
        found.append((instances, INSTANCES))
    if not found:
        raise UsageError(
            "executors cannot follow the load: nothing says how many there may be",
            f"Set {MAX}, or {CORES_MAX} on a standalone cluster.",
        )
    return min(found)


def _number(settings: Mapping[str, str], key: str) -> int | None:
    text = settings.get(key, "").strip()
    if not text or text.lower() == "infinity" or text == str(2**31 - 1):
        return None
    try:
        return int(text)
    except ValueError:
        raise UsageError(f"{key}={text} is no whole number", "Give a whole number.") from None
