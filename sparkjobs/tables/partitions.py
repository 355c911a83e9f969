"""What a partition column cannot hold."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from sparkjobs.errors import DataError, WriteError
from sparkjobs.sql import quoted

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

# Delta keeps the empty text as null (PROTOCOL.md, "Partition Value Serialization"), and Spark reads the
# name of Hive's folder of nulls back as null (ExternalCatalogUtils.DEFAULT_PARTITION_NAME).
UNHOLDABLE = ("", "__HIVE_DEFAULT_PARTITION__")
# In any other Delta 4.0 writes the local time and calls it UTC (DelayedCommitProtocol.parsePartitions).
_UTC = ("UTC", "Etc/UTC", "GMT", "Z")
HINT = "Give the row another value, or null, or partition by another column."


def refuse_unpartitionable(rows: DataFrame, columns: Sequence[str], path: str) -> None:
    """Refuse values that would become null, so that a merge would add their row each time.

    Raises:
        DataError: names the column.
        WriteError: a column of a kind by which Delta does not partition.
    """
    from pyspark.sql import functions as F
    from pyspark.sql.types import (
        ArrayType,
        BinaryType,
        MapType,
        StringType,
        StructType,
        TimestampType,
        VariantType,
    )

    kinds = {field.name.lower(): field.dataType for field in rows.schema}
    for name in columns:
        kind = kinds.get(name.lower())
        if isinstance(kind, ArrayType | MapType | StructType | VariantType):
            raise WriteError(f"{path}: a {kind.typeName()} cannot be a partition column: {name}")
        zone = rows.sparkSession.conf.get("spark.sql.session.timeZone")
        if isinstance(kind, TimestampType) and zone not in _UTC:
            raise WriteError(
                f"{path}: the moments of the partition column {name} would be moved by the offset of {zone}",
                "Write in the time zone UTC, or partition by a date.",
            )
    texts = [n for n in columns if isinstance(kinds.get(n.lower()), StringType | BinaryType)]
    if not texts:
        return
    lost = {name: F.col(quoted(name)).cast("string").isin(*UNHOLDABLE) for name in texts}
    seen = rows.select(*[F.max(expression).alias(name) for name, expression in lost.items()]).first()
    wrong = [name for name in texts if seen is not None and seen[name]]
    if wrong:
        raise DataError(
            f"{path}: a row has {' and '.join(wrong)} = '' (or {UNHOLDABLE[1]}), which a partition column "
            "cannot hold: it would become null",
            HINT,
        )
