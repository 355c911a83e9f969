"""One Spark setting of a plan, with the reason for it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from launcher.spec.layer import Origin


class Group(str, Enum):
    """A heading, in the order of showing."""

    PLACE = "Where it runs"
    EXECUTORS = "Executors"
    DRIVER = "Driver"
    SCALING = "Scaling"
    SQL = "Partitions and scheduling"
    GPU = "GPU"
    DELTA = "Delta and jars"
    SITE = "Security and logs"
    PINNED = "Set by hand"


@dataclass(frozen=True)
class Setting:
    """A setting.

    Attributes:
        key: the Spark key.
        value: its value.
        origin: who decided.
        reason: why, in one sentence with its numbers.
        source: what the reason rests on: a Spark class, a page of documentation, a measurement.
        group: the heading under which it is shown.
        default: what Spark takes when nobody sets it; ``None`` when it has none.
    """

    key: str
    value: str
    origin: Origin
    reason: str
    source: str
    group: str
    default: str | None = None

    @property
    def differs(self) -> bool:
        """It changes what Spark would do by itself."""
        return self.value != self.default
