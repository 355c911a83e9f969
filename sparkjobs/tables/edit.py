"""Writing, merging, deleting and updating Delta tables from your own Python, as the jobs do it.

Each call is one verified commit that says who made it. With an ``interval`` a call is done once: the
same job, interval and arguments a second time find the first commit and change nothing.

    from sparkjobs.tables import edit

    edit.write(spark, rows, "/lake/sales", mode="append", job="import_sales", interval="2026-01-31")
    edit.delete_where(spark, "/lake/sales", "amount <= 0", job="clean_sales", interval="2026-01-31")

Conditions and assigned values are SQL of the caller's own program: they may do what the session may.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any

from sparkjobs import identity, paths
from sparkjobs.errors import StaleWriteError, UsageError, WriteError, one_line
from sparkjobs.job import MODES
from sparkjobs.jvm import delta_table, java_map
from sparkjobs.tables import commit as committing
from sparkjobs.tables.history import Commit, TableLog, find_done, find_own, refuse_other_config, transaction
from sparkjobs.tables.log import read_log
from sparkjobs.tables.nesting import refuse_nested
from sparkjobs.tables.partitions import refuse_unpartitionable
from sparkjobs.tables.schema import SCHEMAS
from sparkjobs.tables.snapshot import layout

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

JOB = "edit"


@dataclass(frozen=True)
class Edited:
    """What a call did.

    Attributes:
        commit: the commit in the table's history; ``None`` when no row was concerned, for which Delta
            makes no commit.
        skipped: whether an earlier call with the same identity had made it.
    """

    commit: Commit | None
    skipped: bool


def write(
    spark: SparkSession,
    rows: DataFrame,
    path: str,
    *,
    mode: str = "overwrite",
    keys: Sequence[str] = (),
    interval_column: str | None = None,
    partition_by: Sequence[str] = (),
    schema: str = "refuse",
    job: str = JOB,
    interval: str | None = None,
) -> Edited:
    """Write rows to a table, which is made when it is not there.

    Args:
        spark: the session; its Delta jars are needed.
        rows: what to write.
        path: the table, local or with a scheme.
        mode: ``overwrite``; ``append`` (needs ``interval``); ``merge`` (needs ``keys``: rows with equal
            keys are replaced, others added); ``replace`` (needs ``interval`` and ``interval_column``:
            the interval's rows are replaced).
        keys: the columns that identify a row.
        interval_column: the time column of ``replace``.
        partition_by: partition columns of a new table.
        schema: ``refuse`` rows whose columns are not the table's, or ``evolve``: new columns are added,
            missing ones are null. ``overwrite`` always takes the columns of the rows.
        job: whose work this is; part of the identity.
        interval: its logical time, such as ``2026-01-31``; left out, each call is work of its own.

    Raises:
        UsageError: arguments that contradict each other.
        WriteError: the interval is there with other arguments, keys are not unique, columns or types do not
            fit the table, the place lies in another table, ...
        DataError: a value that a partition column cannot hold.
    """
    if schema not in SCHEMAS:
        raise UsageError(f"schema {schema!r} is not known", f"It is one of {', '.join(SCHEMAS)}.")
    if mode not in MODES:
        raise UsageError(f"mode {mode!r} is not known", f"It is one of {', '.join(MODES)}.")
    if mode == "append" and interval is None:
        raise UsageError("mode append needs an interval", "Without it a retry would add the rows again.")
    arguments = {"mode": mode, "keys": list(keys), "interval_column": interval_column}
    who, when = _identity(job, interval, arguments)
    place = paths.normalise(path)
    target = committing.Write(
        path=place,
        name=place.rsplit("/", 1)[-1],
        mode=mode,
        keys=tuple(keys),
        interval_column=interval_column,
        interval=when,
        partition_by=tuple(partition_by),
        schema=schema,
    )
    committing.check(target, rows.columns)
    done = _done(read_log(spark, place), who, interval, append=mode == "append")
    if done is not None:
        return done
    refuse_nested(spark, place)
    committing.inspect(spark, rows, target)
    return Edited(committing.commit(spark, rows, target, who), skipped=False)


def merge(
    spark: SparkSession,
    rows: DataFrame,
    path: str,
    keys: Sequence[str],
    *,
    schema: str = "refuse",
    job: str = JOB,
    interval: str | None = None,
) -> Edited:
    """Replace the rows with equal keys and add the others: ``write`` with ``mode="merge"``."""
    return write(spark, rows, path, mode="merge", keys=keys, schema=schema, job=job, interval=interval)


def delete_where(
    spark: SparkSession, path: str, condition: str, *, job: str = JOB, interval: str | None = None
) -> Edited:
    """Delete the rows for which a SQL condition is true.

    Args:
        spark: the session.
        path: the table.
        condition: such as ``amount <= 0``. It cannot be empty; ``true`` deletes all rows.
        job: whose work this is.
        interval: its logical time; with it, the same call is done once.

    Raises:
        UsageError: no condition, or one that Spark cannot read.
        WriteError: there is no table.
    """
    return _change(
        spark,
        path,
        {"delete_where": _given(condition, "condition")},
        lambda table: table.delete(condition),
        job=job,
        interval=interval,
    )


def update_where(
    spark: SparkSession,
    path: str,
    assignments: Mapping[str, str],
    condition: str,
    *,
    job: str = JOB,
    interval: str | None = None,
) -> Edited:
    """Set columns of the rows for which a SQL condition is true.

    Args:
        spark: the session.
        path: the table.
        assignments: column to SQL expression of its new value, such as ``{"amount": "amount * 2"}``.
        condition: which rows; ``true`` for all.
        job: whose work this is.
        interval: its logical time; with it, the same call is done once. Without it a retry of
            ``amount * 2`` doubles again.

    Raises:
        UsageError: nothing to set, no condition, or SQL that Spark cannot read.
        WriteError: there is no table.
    """
    if not assignments:
        raise UsageError("update_where has nothing to set", 'Such as {"amount": "amount * 2"}.')
    return _change(
        spark,
        path,
        {"update_where": _given(condition, "condition"), "set": dict(assignments)},
        lambda table: _update(spark, table, paths.normalise(path), assignments, condition),
        job=job,
        interval=interval,
    )


def _update(
    spark: SparkSession, table: Any, place: str, assignments: Mapping[str, str], condition: str
) -> None:
    from pyspark.sql import functions as F

    found = layout(spark, place)
    # Delta finds `town` and TOWN too.
    assigned = {name.strip("`").replace("``", "`").lower(): value for name, value in assignments.items()}
    known = () if found is None else found.partition_by
    partitions = {name: assigned[name.lower()] for name in known if name.lower() in assigned}
    if partitions:
        rows = spark.read.format("delta").load(paths.hadoop(place)).where(condition)
        values = [F.expr(value).cast("string").alias(name) for name, value in partitions.items()]
        refuse_unpartitionable(rows.select(*values), tuple(partitions), place)
    table.updateExpr(condition, java_map(spark, assignments))


def _change(
    spark: SparkSession,
    path: str,
    arguments: Mapping[str, Any],
    change: Callable[[Any], Any],
    *,
    job: str,
    interval: str | None,
) -> Edited:
    who, _ = _identity(job, interval, arguments)
    place = paths.normalise(path)
    log = read_log(spark, place)
    if not log.exists:
        raise WriteError(f"{place} is not a Delta table", "Make it with edit.write.")
    done = _done(log, who, interval, append=False)
    if done is not None:
        return done
    app_id, version = transaction(log, who, "change")
    with committing.commit_confs(spark, who, app_id, version):
        _run(change, delta_table(spark, paths.hadoop(place)), place)
    return Edited(_verified(read_log(spark, place), who, app_id, version), skipped=False)


def _run(change: Callable[[Any], Any], table: Any, place: str) -> None:
    """Do the change; SQL that Spark cannot read is the caller's mistake."""
    from pyspark.errors import AnalysisException, ParseException

    try:
        change(table)
    except (AnalysisException, ParseException) as error:
        raise UsageError(f"the change of {place} cannot be done: {one_line(str(error))}") from error


def _verified(log: TableLog, who: identity.RunIdentity, app_id: str, version: int) -> Commit | None:
    """Our commit; ``None`` when no row was concerned.

    Raises:
        StaleWriteError: a newer transaction is there, because of which Delta passed the change over.
    """
    own = find_own(log, who)
    # DELETE and UPDATE of no row end without a commit (OptimisticTransactionImpl.commitIfNeeded).
    if own is None and (log.last_version(app_id) or 0) >= version:
        raise StaleWriteError(
            f"the table shows no commit of {who.run_id}: Delta passed the change over",
            "Another writer with a newer transaction was first. Look at the table's history, then try again.",
        )
    return own


def _identity(
    job: str, interval: str | None, arguments: Mapping[str, Any]
) -> tuple[identity.RunIdentity, identity.Interval]:
    started = datetime.now(timezone.utc)
    when = identity.start_interval(started) if interval is None else identity.parse_interval(interval)
    run_id = identity.run_id(job, started, uuid.uuid4().hex)
    return identity.RunIdentity(job, when.text, identity.config_hash(arguments), run_id), when


def _done(log: TableLog, who: identity.RunIdentity, interval: str | None, *, append: bool) -> Edited | None:
    """What an earlier call with the same identity did.

    Raises:
        WriteError: an append of an interval that is there with other arguments.
    """
    if interval is None:
        return None
    earlier = find_done(log, who)
    if earlier is None and append:
        refuse_other_config(log, who)
    return Edited(earlier, skipped=True) if earlier else None


def _given(text: str, what: str) -> str:
    if not text.strip():
        raise UsageError(f"the {what} is empty", "Write true for all rows.")
    return text
