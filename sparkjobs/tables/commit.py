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
from sparkjobs.phases import phase
from sparkjobs.sql import quoted
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
from sparkjobs.tables.parquet import parquet_confs
from sparkjobs.tables.partitions import refuse_unpartitionable
from sparkjobs.tables.schema import fit
from sparkjobs.tables.snapshot import Layout, layout

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

# A text is compared as the time that it tells; one that tells none ends the run.
_TIMES = ("timestamp", "timestamp_ntz", "date", "string")
# As session confs these reach MERGE, UPDATE and DELETE, whose builders take no options
# (DeltaSQLConf.DELTA_IDEMPOTENT_DML_TXN_APP_ID).
_APP_ID = "spark.databricks.delta.write.txnAppId"
_APP_VERSION = "spark.databricks.delta.write.txnVersion"
METADATA = "spark.databricks.delta.commitInfo.userMetadata"


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
        schema: ``refuse`` rows with other columns than the table's, or ``evolve``; ``overwrite`` always
            takes the columns of the rows.
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
    schema: str = "refuse"
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


@phase("inspecting the rows")
def inspect(spark: SparkSession, rows: DataFrame, write: Write) -> None:
    """Refuse, before a run writes anything, rows that the table cannot take as they are.

    Reads the rows where the mode or a partition column makes it necessary.

    Raises:
        WriteError: columns or types do not fit, keys are not unique, a row lies outside the interval, the
            place holds files of others.
        DataError: a value that a partition column cannot hold.
    """
    table = layout(spark, write.path)
    if table is None:
        refuse_foreign_folder(write.path)
    elif write.mode == "merge":
        _refuse_new_keys(write, table)
    fitted = _fitted(rows, write, table)
    refuse_unpartitionable(fitted, _partition_columns(write, table), write.path)
    if write.mode == "merge":
        _refuse_double_keys(fitted, write)
    elif write.mode == "replace":
        _refuse_timeless(fitted, write)
        _refuse_outside(fitted, write)


def _fitted(rows: DataFrame, write: Write, table: Layout | None) -> DataFrame:
    if table is None or write.mode == "overwrite":
        return rows
    return fit(rows, table.schema, write.path, write.schema)


def _partition_columns(write: Write, table: Layout | None) -> tuple[str, ...]:
    return write.partition_by if table is None or write.mode == "overwrite" else table.partition_by


def commit(spark: SparkSession, rows: DataFrame, write: Write, identity: RunIdentity) -> Commit:
    """Write rows that passed ``inspect`` and return the commit that the table's history shows for this work.

    It is another attempt's commit (see its ``run_id``) when that one was first: the log from which the
    transaction's version is taken is the log in which finished work is looked for, so of two equal
    runs at the same time one finds the other, or Delta drops its write.

    Raises:
        WriteError: the interval is there with another configuration, the columns have changed since, ...
        StaleWriteError: the write left no commit and no equal run did either, or another run took over
            the table's lock and has written.
    """
    fitted = rows if write.mode == "overwrite" else _fitted(rows, write, layout(spark, write.path))
    # Nothing slow may lie between the log and the write.
    log = read_log(spark, write.path)
    done = None if write.force else find_done(log, identity)
    if done is not None:
        return done
    refuse_newer_holder(log, identity, write.begun_at)
    if write.mode == "append":
        refuse_other_config(log, identity)
    app_id, version = transaction(log, identity, write.mode)
    with phase(f"write {write.name}"), parquet_confs(spark):
        if write.mode == "merge" and log.exists:
            _merge(spark, fitted, write, identity, app_id, version)
        else:
            _write(fitted, write, identity, log, app_id, version)
    with phase(f"verify {write.name}"):
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
        # Without it an overwrite keeps the table's columns and partitioning (ImplicitMetadataOperation).
        writer = writer.mode("overwrite").option("overwriteSchema", "true")
    elif write.mode == "replace":
        writer = writer.mode("overwrite").option("replaceWhere", _inside(write))
    else:
        writer = writer.mode("append")
    if write.schema == "evolve" and log.exists and write.mode != "overwrite":
        writer = writer.option("mergeSchema", "true")
    writer.save(paths.hadoop(write.path))


def _inside(write: Write) -> str:
    """The interval as a predicate; the column passed ``check`` and the times are ours."""
    assert write.interval is not None
    assert write.interval.end is not None
    column = quoted(str(write.interval_column))
    start, end = write.interval.start, write.interval.end
    # With an offset: Spark reads a literal without one in spark.sql.session.timeZone.
    return (
        f"{column} >= timestamp'{start:%Y-%m-%d %H:%M:%S.%f}+00:00' "
        f"AND {column} < timestamp'{end:%Y-%m-%d %H:%M:%S.%f}+00:00'"
    )


def _refuse_new_keys(write: Write, table: Layout) -> None:
    """Rows cannot be found by a column that the table does not have yet."""
    known = {field.name.lower() for field in table.schema}
    new = [key for key in write.keys if key.lower() not in known]
    if new:
        raise WriteError(
            f"--mode merge: the table {write.path} has no column {new[0]!r} to find rows by",
            f"It has {', '.join(field.name for field in table.schema)}.",
        )


def _refuse_timeless(rows: DataFrame, write: Write) -> None:
    kinds = {name.lower(): kind for name, kind in rows.dtypes}
    kind = kinds[str(write.interval_column).lower()]
    if kind not in _TIMES:
        raise WriteError(
            f"--mode replace: {write.interval_column} of {write.name} is {kind}, which lies in no interval",
            "Name a column of times with --interval-column.",
        )


def _refuse_outside(rows: DataFrame, write: Write) -> None:
    from pyspark.sql import functions as F

    # Delta refuses such rows too (DELTA_REPLACE_WHERE_MISMATCH), but when the tables before are written.
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

    keys = [F.col(quoted(key)).alias(f"key {i}") for i, key in enumerate(write.keys)]
    double = rows.groupBy(*keys).agg(F.count(F.lit(1)).alias("rows")).where("rows > 1").limit(1).collect()
    if double:
        *values, count = double[0]
        shown = ", ".join(f"{key} = {value!r}" for key, value in zip(write.keys, values, strict=True))
        raise WriteError(
            f"--mode merge: {count} rows of {write.name} have {shown}",
            "Name keys that identify a row with --keys.",
        )


def _merge(
    spark: SparkSession, rows: DataFrame, write: Write, identity: RunIdentity, app_id: str, version: int
) -> None:
    # <=>, because = is null for a null key: each run would insert that row again.
    condition = " AND ".join(f"t.{quoted(key)} <=> s.{quoted(key)}" for key in write.keys)
    table = delta_table(spark, paths.hadoop(write.path))
    # `as` is a keyword of Python, hence getattr.
    merge = getattr(table, "as")("t").merge(getattr(rows._jdf, "as")("s"), condition)
    if write.schema == "evolve":
        # Of this merge alone: spark.databricks.delta.schema.autoMerge.enabled would rule later writes as
        # well.
        merge = merge.withSchemaEvolution()
    with commit_confs(spark, identity, app_id, version):
        merge.whenMatched().updateAll().whenNotMatched().insertAll().execute()


@contextmanager
def commit_confs(spark: SparkSession, identity: RunIdentity, app_id: str, version: int) -> Iterator[None]:
    """MERGE, UPDATE and DELETE take identity from session confs, which must not leak into later commits."""
    confs: dict[str, Any] = {
        _APP_ID: app_id,
        _APP_VERSION: str(version),
        METADATA: identity.metadata(),
    }
    for key, value in confs.items():
        spark.conf.set(key, value)
    try:
        with parquet_confs(spark):
            yield
    finally:
        # Delta leaves them set, unless spark.databricks.delta.write.txnVersion.autoReset.enabled.
        for key in confs:
            spark.conf.unset(key)
