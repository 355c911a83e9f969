"""Reading a table's log: in milliseconds by ``deltalake`` where it can, else through the session.

A bare spark-submit has no ``deltalake``, and it does not know every scheme and every table feature;
Spark's own reader knows them all and takes a Spark job for each look.
"""

from __future__ import annotations

import logging
import os
import re
from typing import TYPE_CHECKING, Any

from sparkjobs import paths
from sparkjobs.ingest.storage import S3Settings
from sparkjobs.jvm import delta_table, delta_table_exists, jvm_of
from sparkjobs.tables.history import Commit, TableLog, read_metadata
from sparkjobs.tables.snapshot import java_snapshot

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

LIGHT_SCHEMES = ("file", "s3a")
# deltalake opens another folder (%20 is a space to it, a backslash a slash) or finds no history (# and ?).
MISREAD = re.compile(r"%[0-9A-Fa-f]{2}|[\\#?\x00-\x1f]")
_LOG = logging.getLogger(__name__)


def read_log(spark: SparkSession, path: str, newest: int | None = None) -> TableLog:
    """A table's commits and transaction versions; an empty log where there is no table.

    Args:
        spark: the session.
        path: the table.
        newest: only so many commits, for who writes often and needs no more; all by default.
    """
    light = read_light(path, newest)
    return read_by_spark(spark, path, newest) if light is None else light


def read_light(path: str, newest: int | None = None) -> TableLog | None:
    """The same without a JVM; ``None`` where only Spark can tell."""
    try:
        from deltalake.exceptions import DeltaError, TableNotFoundError
    except ImportError:
        return None
    try:
        table = _opened(path)
        if table is None:
            return None
        commits = tuple(_commit(entry) for entry in table.history(newest))
    except TableNotFoundError:
        return TableLog()
    except (DeltaError, OSError) as error:
        _LOG.debug("reading the log of %s by Spark: %s", path, error)
        return None
    return TableLog(commits, table.transaction_version, exists=True)


def light_table(path: str) -> Any | None:
    """``deltalake``'s table; ``None`` where only Spark can open it, and where there is none."""
    try:
        from deltalake.exceptions import DeltaError
    except ImportError:
        return None
    try:
        return _opened(path)
    except (DeltaError, OSError) as error:
        _LOG.debug("reading the log of %s by Spark: %s", path, error)
        return None


def _opened(path: str) -> Any | None:
    if paths.scheme_of(path) not in LIGHT_SCHEMES or MISREAD.search(path):
        return None
    from deltalake import DeltaTable

    return DeltaTable(path.replace("s3a://", "s3://", 1), storage_options=storage_options(path))


def read_by_spark(spark: SparkSession, path: str, newest: int | None = None) -> TableLog:
    """The same by Spark's own reader, for every scheme and table feature."""
    place = paths.hadoop(path)
    if not delta_table_exists(spark, place):
        return TableLog()
    commits = _commits(spark, delta_table(spark, place), newest)
    return TableLog(commits, _transactions(spark, path).get, exists=True)


def storage_options(path: str) -> dict[str, str] | None:
    """What ``deltalake`` must be told to reach the path."""
    if paths.is_local(path):
        return None
    return S3Settings.from_environment(os.environ).deltalake_options()


def _commit(entry: dict[str, Any]) -> Commit:
    return Commit(
        version=entry["version"],
        operation=entry.get("operation", ""),
        metadata=read_metadata(entry.get("userMetadata")),
        metrics=entry.get("operationMetrics") or {},
        parameters=entry.get("operationParameters") or {},
    )


def _commits(spark: SparkSession, table: Any, newest: int | None) -> tuple[Commit, ...]:
    from pyspark.sql import DataFrame

    history = DataFrame(table.history() if newest is None else table.history(newest), spark)
    rows = history.select("version", "operation", "userMetadata", "operationMetrics", "operationParameters")
    return tuple(_commit(row.asDict()) for row in rows.collect())


def _transactions(spark: SparkSession, path: str) -> dict[str, int]:
    """The snapshot that Delta itself compares a write's transaction version with."""
    snapshot = java_snapshot(spark, path)
    # A Scala Map, which py4j does not show as a Python mapping.
    found = jvm_of(spark).scala.jdk.javaapi.CollectionConverters.asJava(snapshot.transactions())
    return {str(key): int(found[key]) for key in found}
