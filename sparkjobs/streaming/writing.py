"""Writing one table of a batch: once, and believed only when the table's log shows it.

The Delta transaction carries the query's id and the batch's number, so a batch that is repeated after
a crash changes nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from sparkjobs import paths
from sparkjobs.errors import StaleWriteError
from sparkjobs.identity import RunIdentity
from sparkjobs.jvm import delta_table, java_map
from sparkjobs.sql import quoted
from sparkjobs.streaming.event_time.watermark import Cut
from sparkjobs.streaming.job import GONE, Change, StreamTable
from sparkjobs.streaming.progress.reporter import Measured
from sparkjobs.streaming.settings import setting
from sparkjobs.tables.commit import commit_confs
from sparkjobs.tables.history import Commit, TableLog
from sparkjobs.tables.log import read_log

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

    from sparkjobs.ingest.reading import Source
    from sparkjobs.streaming.stop import StopRequest

_PRECISION_LOSS = "spark.sql.decimalOperations.allowPrecisionLoss"
# Commits looked at after a write: ours, and what the table's own upkeep may add after it.
_NEWEST = 5


@dataclass(frozen=True)
class Batch:
    """A batch of a stream.

    Attributes:
        spark: the stream's own session, in which its batches run.
        query_id: the id in the checkpoint.
        number: the batch's number in the checkpoint.
        identity: the run that does it.
        measured: where its time goes.
        cut: what its rows are divided by; ``None``: all come in time.
        ignore_extra: whether unknown fields are passed over where it was begun before; ``None``: as the flags
            say now.
        stop: whether it shall wait no longer; ``None``: nobody asks.
    """

    spark: SparkSession
    query_id: str
    number: int
    identity: RunIdentity
    measured: Measured
    cut: Cut | None = None
    ignore_extra: bool | None = None
    stop: StopRequest | None = None

    def reading(self, source: Source) -> Source:
        """How it is read: rows that are in one of its tables must be the same rows for the others."""
        return source if self.ignore_extra is None else replace(source, ignore_extra=self.ignore_extra)


def holds(batch: Batch, path: str) -> bool:
    """Whether a table has taken the batch in."""
    with batch.measured.phase("commit"):
        return _holds(read_log(batch.spark, path, newest=1), batch)


def write(batch: Batch, table: StreamTable, path: str) -> Commit | None:
    """Write a table of a batch.

    Returns:
        The commit; ``None`` when the table held the batch before.

    Raises:
        StaleWriteError: the table's log does not show the write.
    """
    with batch.measured.phase("commit"):
        before = read_log(batch.spark, path, newest=1)
    if _holds(before, batch):
        return None
    with batch.measured.phase("work"):
        _take_in(batch, table, path, before.exists)
    with batch.measured.phase("commit"):
        return _verified(batch, path, read_log(batch.spark, path, newest=_NEWEST), before)


def _holds(log: TableLog, batch: Batch) -> bool:
    last = log.last_version(batch.query_id)
    return last is not None and last >= batch.number


def _verified(batch: Batch, path: str, after: TableLog, before: TableLog) -> Commit:
    last = max((commit.version for commit in before.commits), default=-1)
    mine = batch.identity.run_id
    for commit in after.commits:
        if commit.version > last and commit.metadata.get("run_id") == mine and _holds(after, batch):
            return commit
    raise StaleWriteError(
        f"the table {path} shows no commit of batch {batch.number} of run {mine}",
        "Another writer was at the table. Look at its history, then start the stream again.",
    )


def _take_in(batch: Batch, table: StreamTable, path: str, exists: bool) -> None:
    rows = table.rows()
    if isinstance(rows, Change):
        if exists:
            _merge(batch, table, rows, path)
        else:
            _save(batch, table, rows.rows.where(f"NOT {quoted(GONE)}").drop(GONE), "append", path)
    elif table.how == "merge":
        raise TypeError(f"the rows to merge into {table.name} are no Change")
    elif table.how == "add" and exists:
        _add(batch, table, rows, path)
    else:
        _save(batch, table, rows, "overwrite" if table.how == "complete" else "append", path)


def _save(batch: Batch, table: StreamTable, rows: DataFrame, mode: str, path: str) -> None:
    writer = (
        rows.write.format("delta")
        .option("txnAppId", batch.query_id)
        .option("txnVersion", str(batch.number))
        .option("userMetadata", batch.identity.metadata())
    )
    if table.partition_by:
        writer = writer.partitionBy(*table.partition_by)
    writer.mode(mode).save(paths.hadoop(path))


def _add(batch: Batch, table: StreamTable, rows: DataFrame, path: str) -> None:
    """MERGE that adds the sums of equal keys up; the table has one row for each key."""
    sums = {quoted(name): f"t.{quoted(name)} + s.{quoted(name)}" for name in table.sums}
    # Else the sum of two decimal(38,9) is a decimal(38,8), which lost a digit (DecimalPrecision).
    exact = setting(batch.spark, _PRECISION_LOSS, "false")
    with exact, _merging(batch, rows, _same(table), path) as merge:
        updated = merge.whenMatched().updateExpr(java_map(batch.spark, sums))
        updated.whenNotMatched().insertAll().execute()


def _merge(batch: Batch, table: StreamTable, change: Change, path: str) -> None:
    """MERGE that puts rows in the place of those with equal keys, and takes some away."""
    rows, gone = change.rows, f"s.{quoted(GONE)}"
    cells = {quoted(name): f"s.{quoted(name)}" for name in rows.columns if name != GONE}
    with _merging(batch, rows, f"{_same(table)} AND {change.near}", path) as merge:
        changed = merge.whenMatched(gone).delete()
        changed = changed.whenMatched().updateExpr(java_map(batch.spark, cells))
        changed.whenNotMatched(f"NOT {gone}").insertExpr(java_map(batch.spark, cells)).execute()


def _same(table: StreamTable) -> str:
    """Equal keys; a null key is one."""
    return " AND ".join(f"t.{quoted(key)} <=> s.{quoted(key)}" for key in table.keys)


@contextmanager
def _merging(batch: Batch, rows: DataFrame, condition: str, path: str) -> Iterator[Any]:
    """A MERGE of the rows ``s`` into the table ``t``."""
    # `as` is a keyword of Python, hence getattr.
    target = getattr(delta_table(batch.spark, paths.hadoop(path)), "as")("t")
    with commit_confs(batch.spark, batch.identity, batch.query_id, batch.number):
        yield target.merge(getattr(rows._jdf, "as")("s"), condition)
