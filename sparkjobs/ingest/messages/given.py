"""Records that a source hands to the readers, in place of files. Pure but for ``load``."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

KEY, PARTITION, OFFSET, TIMESTAMP = "kafka_key", "kafka_partition", "kafka_offset", "kafka_timestamp"
# The one column of records that are text.
VALUE = "value"
# What every record has beside its value, as columns that a job may ask for by name.
PLACES = (KEY, PARTITION, OFFSET, TIMESTAMP)


@dataclass(frozen=True)
class Given:
    """Records with their places.

    Attributes:
        load: the records: ``value`` and ``key`` binary, ``partition`` int, ``offset`` bigint, ``micros``
            bigint (since 1970).
        place: what they come from; a partition's number follows it after a slash.
        fields: names of the fields of CSV records.
    """

    load: Callable[[SparkSession], DataFrame]
    place: str
    fields: tuple[str, ...] = ()
