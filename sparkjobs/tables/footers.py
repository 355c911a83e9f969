"""What a Parquet file's footer tells that its schema in Arrow no longer does."""

from __future__ import annotations

from typing import Any

# Written since Spark 3.0 where a site has set the rebase mode LEGACY (ParquetUtils.SPARK_LEGACY_...).
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
    return any(key in values for key in _LEGACY_KEYS) or values.get(_SPARK_VERSION, b"3")[:2] in (
        b"1.",
        b"2.",
    )


def has_days(metadata: Any) -> bool:
    """Whether a file has dates or timestamps at all."""
    schema = metadata.schema
    columns = [schema.column(i) for i in range(len(schema))]
    return any(c.physical_type == "INT96" or c.logical_type.type in ("DATE", "TIMESTAMP") for c in columns)
