"""Writing one table of a run: once, in one commit, and believed only when the history shows it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sparkjobs import paths
from sparkjobs.errors import StaleWriteError, UsageError, WriteError
from sparkjobs.identity import Interval, RunIdentity
from sparkjobs.jvm import delta_table
from sparkjobs.tables.folder import refuse_foreign_folder
from sparkjobs.tables.history import (
    Commit,
    TableLog,
    find_done,
    find_own,
    refuse_newer_holder,
    refuse_other_config,
    transaction,
)
from sparkjobs.tables.log import read_log

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

_APP_ID = "spark.databricks.delta.write.txnAppId"
_APP_VERSION = "spark.databricks.delta.write.txnVersion"
_METADATA = "spark.databricks.delta.commitInfo.userMetadata"


@dataclass(frozen=True)
class Write:
    """How to write a table.

    Attributes:
        path: the table.
        name: its short name.
        mode: ``overwrite``, ``append``, ``merge`` or ``replace``.
        keys: the columns that identify a row (merge).
        interval_column: the time column whose interval is replaced (replace).
        interval: the interval to replace.
        partition_by: partition columns.
        force: write although a run of the same identity has written.
        begun_at: the table's newest version when the run began; -1 without a table, ``None`` unknown.
    """

    path: str
    name: str
    mode: str
    keys: tuple[str, ...] = ()
    interval_column: str | None = None
    interval: Interval | None = None
    partition_by: tuple[str, ...] = ()
    force: bool = False
    begun_at: int | None = None


def check(write: Write, columns: Sequence[str]) -> None:
    """Refuse, before anything is written, what the table's columns do not allow.

    Raises:
        UsageError: names the missing key or interval column.
    """
    if write.mode == "merge" and not write.keys:
        raise UsageError(f"--mode merge needs --keys for the table {write.name}")
    wanted = write.keys if write.mode == "merge" else ()
    if write.mode == "replace":
        if write.interval_column is None or write.interval is None or write.interval.end is None:
            raise UsageError("--mode replace needs --interval and --interval-column")
        wanted = (write.interval_column,)
    for column in wanted:
        if column not in columns:
            raise UsageError(
                f"the table {write.name} has no column {column!r}", f"It has {', '.join(columns)}."
            )


def commit(spark: SparkSession, rows: DataFrame, write: Write, identity: RunIdentity) -> Commit:
    """Write the rows and return the commit that the table's history shows for this work.

    It is another attempt's commit (see its ``run_id``) when that one was first: the log from which the
    transaction's version is taken is the log in which finished work is looked for, so of two equal
    runs at the same time one finds the other, or Delta drops its write.

    Raises:
        WriteError: the interval is there with another configuration, keys are not unique, ...
        StaleWriteError: the write left no commit and no equal run did either, or another run took over
            the table's lock and has written.
    """
    # These read the rows, which may take long; nothing slow may lie between the log and the write.
    if write.mode == "merge":
        _refuse_double_keys(rows, write)
    elif write.mode == "replace":
        _refuse_outside(rows, write)
    log = read_log(spark, write.path)
    done = None if write.force else find_done(log, identity)
    if done is not None:
        return done
    refuse_newer_holder(log, identity, write.begun_at)
    if write.mode == "append":
        refuse_other_config(log, identity)
    if not log.exists:
        refuse_foreign_folder(write.path)
    app_id, version = transaction(log, identity, write.mode)
    if write.mode == "merge" and log.exists:
        _merge(spark, rows, write, identity, app_id, version)
    else:
        _write(rows, write, identity, log, app_id, version)
    return _verified(read_log(spark, write.path), write, identity)


def _verified(log: TableLog, write: Write, identity: RunIdentity) -> Commit:
    own = find_own(log, identity)
    if own is not None:
        return own
    other = None if write.force else find_done(log, identity)
    if other is not None:
        return other
    raise StaleWriteError(
        f"the table {write.path} shows no commit of run {identity.run_id}: Delta passed the write over",
        "Another writer with a newer transaction was first. Look at the table's history, then run again.",
    )


def _write(
    rows: DataFrame, write: Write, identity: RunIdentity, log: TableLog, app_id: str, version: int
) -> None:
    writer = (
        rows.write.format("delta")
        .option("txnAppId", app_id)
        .option("txnVersion", str(version))
        .option("userMetadata", identity.metadata())
    )
    if write.partition_by:
        writer = writer.partitionBy(*write.partition_by)
    if write.mode == "overwrite" or (write.mode == "replace" and not log.exists):
        writer = writer.mode("overwrite").option("overwriteSchema", "true")
    elif write.mode == "replace":
        writer = writer.mode("overwrite").option("replaceWhere", _inside(write))
    else:
        writer = writer.mode("append")
    writer.save(paths.hadoop(write.path))


def _inside(write: Write) -> str:
    """The interval as a predicate; the column passed ``check`` and the times are ours."""
    assert write.interval is not None
    assert write.interval.end is not None
    column = "`" + str(write.interval_column).replace("`", "``") + "`"
    start, end = write.interval.start, write.interval.end
    return (
        f"{column} >= timestamp'{start:%Y-%m-%d %H:%M:%S.%f}+00:00' "
        f"AND {column} < timestamp'{end:%Y-%m-%d %H:%M:%S.%f}+00:00'"
    )


def _refuse_outside(rows: DataFrame, write: Write) -> None:
    from pyspark.sql import functions as F

    outside = rows.where(~F.coalesce(F.expr(_inside(write)), F.lit(False))).limit(1).collect()
    if outside:
        value = outside[0][str(write.interval_column)]
        assert write.interval is not None
        raise WriteError(
            f"--mode replace: a row of {write.name} has {write.interval_column} = {value}, "
            f"outside the interval {write.interval.text}",
            "Hand only the interval's rows to the job.",
        )


def _refuse_double_keys(rows: DataFrame, write: Write) -> None:
    """MERGE inserts rows with equal keys twice when the table has none of them."""
    from pyspark.sql import functions as F

    double = rows.groupBy(*[F.col(key) for key in write.keys]).count().where("count > 1").limit(1).collect()
    if double:
        shown = ", ".join(f"{key} = {double[0][key]!r}" for key in write.keys)
        raise WriteError(
            f"--mode merge: {double[0]['count']} rows of {write.name} have {shown}",
            "Name keys that identify a row with --keys.",
        )


def _merge(
    spark: SparkSession, rows: DataFrame, write: Write, identity: RunIdentity, app_id: str, version: int
) -> None:
    condition = " AND ".join(f"t.{_quoted(key)} <=> s.{_quoted(key)}" for key in write.keys)
    table = delta_table(spark, paths.hadoop(write.path))
    with commit_confs(spark, identity, app_id, version):
        (
            getattr(table, "as")("t")
            .merge(getattr(rows._jdf, "as")("s"), condition)
            .whenMatched()
            .updateAll()
            .whenNotMatched()
            .insertAll()
            .execute()
        )


@contextmanager
def commit_confs(spark: SparkSession, identity: RunIdentity, app_id: str, version: int) -> Iterator[None]:
    """MERGE, UPDATE and DELETE take identity from session confs, which must not leak into later commits."""
    confs: dict[str, Any] = {
        _APP_ID: app_id,
        _APP_VERSION: str(version),
        _METADATA: identity.metadata(),
    }
    for key, value in confs.items():
        spark.conf.set(key, value)
    try:
        yield
    finally:
        for key in confs:
            spark.conf.unset(key)


def _quoted(name: str) -> str:
    return "`" + name.replace("`", "``") + "`"
