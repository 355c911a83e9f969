"""What a Parquet file's footer tells that its schema in Arrow no longer does."""

from __future__ import annotations

from typing import Any

# Written since Spark 3.0 where a site has set the rebase mode LEGACY (SPARK_LEGACY_DATETIME_METADATA_KEY
# and its twin, package object org.apache.spark.sql).
_LEGACY_KEYS = (b"org.apache.spark.legacyDateTime", b"org.apache.spark.legacyINT96")
_SPARK_VERSION = b"org.apache.spark.version"


def is_int96(metadata: Any) -> bool:
    """Whether a file stores timestamps as INT96, which count nanoseconds: most readers wrap them.

    Args:
        metadata: pyarrow's ``FileMetaData``.
    """
    schema = metadata.schema
    return any(schema.column(i).physical_type == "INT96" for i in range(len(schema)))


def is_julian(metadata: Any) -> bool:
    """Whether old days are counted by the Julian calendar, as Spark 2 did: other readers shift them.

    Args:
        metadata: pyarrow's ``FileMetaData``.
    """
    values = metadata.metadata or {}
    # As DataSourceUtils.datetimeRebaseSpec judges: below Spark 3.0 always, later by the key (SPARK-31361);
    # INT96 was counted so by Spark 3.0 as well, which wrote no key for it (SPARK-33160).
    writer = values.get(_SPARK_VERSION, b"4.")
    old = writer[:2] in (b"1.", b"2.") or (is_int96(metadata) and writer[:4] == b"3.0.")
    return old or any(key in values for key in _LEGACY_KEYS)


def has_days(metadata: Any) -> bool:
    """Whether a file has dates or timestamps at all."""
    schema = metadata.schema
    columns = [schema.column(i) for i in range(len(schema))]
    return any(c.physical_type == "INT96" or c.logical_type.type in ("DATE", "TIMESTAMP") for c in columns)
