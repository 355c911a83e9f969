"""How the work of a run is laid out: cores of an executor, and partitions that somebody set. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from launcher.spec.units import counted, size_bytes

CORES = "spark.executor.cores"
PARTITION_KEYS = (
    "spark.sql.shuffle.partitions",
    "spark.default.parallelism",
    "spark.sql.files.maxPartitionBytes",
    "spark.sql.adaptive.advisoryPartitionSizeInBytes",
    "spark.sql.adaptive.coalescePartitions.initialPartitionNum",
)
LAYOUT_KEYS = (CORES, *PARTITION_KEYS)
_SIZES = ("spark.sql.files.maxPartitionBytes", "spark.sql.adaptive.advisoryPartitionSizeInBytes")


@dataclass(frozen=True)
class Layout:
    """What decides how much a task gets, and how many tasks there are.

    Attributes:
        cores: of one executor.
        partitions: settings that cut the work, where somebody set them, by key; those that a plan computes
            follow the input, so runs that differ in them alone are laid out alike.
    """

    cores: int
    partitions: tuple[tuple[str, str], ...] = ()

    @property
    def settings(self) -> Mapping[str, str]:
        """The Spark settings that make it so."""
        return {CORES: str(self.cores), **dict(self.partitions)}

    @property
    def text(self) -> str:
        """For people: ``2 cores an executor, spark.sql.shuffle.partitions=64``."""
        return ", ".join([f"{counted(self.cores, 'core')} an executor", *map("=".join, self.partitions)])


def plain(key: str, value: str) -> str:
    """A value of a partition setting as all that say the same: ``128m`` and ``134217728``."""
    if key not in _SIZES:
        return value.strip()
    try:
        return str(size_bytes(value, bare=1))
    except ValueError:
        return value
