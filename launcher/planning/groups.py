"""The headings of a plan."""

from __future__ import annotations

from enum import Enum


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
