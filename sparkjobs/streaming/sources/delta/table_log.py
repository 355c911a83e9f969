"""The doors into Delta's own log of a table: files, commits, and the rows of some files."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from sparkjobs import paths
from sparkjobs.causes import with_root_cause
from sparkjobs.errors import DataError, one_line
from sparkjobs.jvm import delta_table, delta_table_exists, java_session, jvm_of
from sparkjobs.streaming.sources.delta.commits import Add, TableCommit
from sparkjobs.tables.snapshot import java_snapshot

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

# PROTOCOL.md, Column Mapping. It stays when a column is renamed, and is the column's own name until then.
_STORED_NAME = "delta.columnMapping.physicalName"


class TableReader:
    """A table that a stream reads.

    Args:
        spark: the session.
        path: the table.
    """

    def __init__(self, spark: SparkSession, path: str) -> None:
        self._spark = spark
        self._path = path
        self._jvm = jvm_of(spark)
        self._log = self._jvm.org.apache.spark.sql.delta.DeltaLog.forTable(
            java_session(spark), paths.hadoop(path)
        )

    def refuse_missing(self) -> None:
        """Refuse a path without a table.

        Raises:
            DataError: names it.
        """
        if not delta_table_exists(self._spark, paths.hadoop(self._path)):
            raise DataError(f"there is no Delta table at {self._path}", "Make it first, or mend the path.")

    def newest(self) -> tuple[int, str, dict[str, str]]:
        """The newest version, the table's id, and to each of its columns the name that files have for it."""
        snapshot = java_snapshot(self._spark, self._path)
        metadata = snapshot.metadata()
        fields = json.loads(metadata.schema().json())["fields"]
        columns = {field["name"]: field["metadata"].get(_STORED_NAME, field["name"]) for field in fields}
        return int(snapshot.version()), str(metadata.id()), columns

    def version_at(self, moment_ms: int) -> int | None:
        """The first version that was committed at a moment (ms from 1970) or later; ``None``: none yet."""
        from pyspark.sql import DataFrame
        from pyspark.sql import functions as F

        history = DataFrame(delta_table(self._spark, paths.hadoop(self._path)).history(), self._spark)
        later = history.where(F.col("timestamp") >= F.timestamp_millis(F.lit(moment_ms)))
        found = later.agg(F.min("version")).first()
        return None if found is None or found[0] is None else int(found[0])

    def files(self, version: int) -> list[Add]:
        """The files of a version, the oldest first."""
        from pyspark.sql import DataFrame

        files = DataFrame(self._snapshot(version).allFiles().toDF(), self._spark)
        found = [json.loads(line) for line in files.toJSON().collect()]
        return sorted(found, key=lambda add: (add.get("modificationTime", 0), add["path"]))

    def commits(self, version: int) -> Iterator[TableCommit]:
        """The commits from a version on, in their order.

        Raises:
            DataError: some of them have been cleaned up.
        """
        try:
            changes = self._log.getChanges(version, True)
            expected = version
            while changes.hasNext():
                pair = changes.next()
                commit = TableCommit(int(pair._1()), tuple(self._actions(pair._2())))
                if commit.version != expected:
                    raise self._lost(expected)
                expected += 1
                yield commit
        except DataError:
            raise
        except Exception as error:
            raise self._lost(version, one_line(str(with_root_cause(error)))[:200]) from error

    def _lost(self, version: int, why: str = "it was cleaned up") -> DataError:
        return DataError(
            f"version {version} of {self._path} cannot be read: {why}",
            "The stream was away for longer than delta.logRetentionDuration. Begin anew with a new --output.",
        )

    def _actions(self, found: Any) -> Iterator[dict[str, Any]]:
        actions = found.iterator()
        while actions.hasNext():
            action = actions.next()
            kind = str(action.getClass().getSimpleName())
            if kind == "CommitInfo":
                # What its json() gives is none where it was read from a log (its parameters are raw text).
                yield {"commitInfo": {"operation": action.operation()}}
            elif kind in ("AddFile", "RemoveFile"):
                yield json.loads(action.json())

    def frame(self, version: int, adds: Sequence[Add]) -> DataFrame:
        """The rows of some files, with the columns of a version."""
        from pyspark.sql import DataFrame

        make = self._jvm.org.apache.spark.sql.delta.actions.Action.fromJson
        files = self._jvm.java.util.ArrayList()
        for add in adds:
            files.add(make(json.dumps({"add": add})))
        scala = self._jvm.scala.jdk.javaapi.CollectionConverters.asScala(files).toSeq()
        none = self._jvm.scala.Option.empty()
        snapshot = self._columns_of(version)
        return DataFrame(self._log.createDataFrame(snapshot, scala, False, none), self._spark)

    def _columns_of(self, version: int) -> Any:
        """A version, or the newest where the log of that one was cleaned up: columns do not go."""
        from py4j.protocol import Py4JJavaError  # type: ignore[import-untyped]

        try:
            return self._snapshot(version)
        except Py4JJavaError:
            return java_snapshot(self._spark, self._path)

    def _snapshot(self, version: int) -> Any:
        none = self._jvm.scala.Option.empty()
        return self._log.getSnapshotAt(version, none, none)
