"""The table of bad rows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sparkjobs.context import JobContext
from sparkjobs.phases import phase
from sparkjobs.result import QuarantineResult
from sparkjobs.run import Run
from sparkjobs.tables import commit as committing
from sparkjobs.tables.commit import Write
from sparkjobs.tables.log import read_log

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession


@phase("quarantine")
def write_quarantine(spark: SparkSession, run: Run, context: JobContext) -> QuarantineResult | None:
    """Write the bad rows before the tables, so that a finished table never lacks its bad rows.

    With ``--mode overwrite`` the quarantine is that of this run alone: an old one is emptied.
    """
    path = run.quarantine
    bad = _bad_rows(context)
    history = read_log(spark, path)
    mode = "overwrite" if run.params.mode == "overwrite" else "append"
    if bad is None:
        if mode == "append" or not history.exists:
            return None
        bad = _no_bad_rows(spark)
    # Its columns are ours and not the user's: --schema is not about them.
    write = Write(
        path, "quarantine", mode, schema="evolve", force=run.params.force, begun_at=run.begun_at.get(path)
    )
    committing.inspect(spark, bad, write)
    return QuarantineResult(path, committing.commit(spark, bad, write, run.identity).version)


def _bad_rows(context: JobContext) -> DataFrame | None:
    tables = [intake.bad for intake in context.intakes if intake.bad is not None]
    if not tables:
        return None
    rows = tables[0]
    for table in tables[1:]:
        rows = rows.unionByName(table)
    return rows


def _no_bad_rows(spark: SparkSession) -> DataFrame:
    return spark.createDataFrame([], "file string, line bigint, offset bigint, reason string, raw string")
