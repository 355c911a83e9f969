"""Taking stock: what was read, what is bad, whether that is too much. Every row is counted once.

The counts are computed from the rows themselves and not by accumulators, which count twice when a
task is tried again (SPARK-58183, SPARK-56509).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import Enum
from fractions import Fraction
from typing import TYPE_CHECKING

from sparkjobs.errors import BadRowsError, DataError
from sparkjobs.ingest.missed import CutMissedError, missed_place
from sparkjobs.phases import phase

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, Row

# No column of the input has such a name: see ``refuse_reserved``.
BAD = "_sparkjobs_bad"
FATAL = "_sparkjobs_fatal"
# Of rows that stand for several: for how many.
ROWS = "_sparkjobs_rows"
SHOWN = 5
CHANGED = "The input has changed meanwhile: run again when it rests."


class Way(Enum):
    """How bad rows are found.

    Attributes:
        ONCE: a bad row ends the work that reads it, and what was written tells how many rows there were.
        CHECKED: the rows are checked and counted first and then read by the work; text, which is costly to
            read, is kept meanwhile.
        KEPT: every row is kept in memory and on disk, so that the input is read once.
    """

    ONCE = "once"
    CHECKED = "checked"
    KEPT = "kept"


@dataclass(frozen=True)
class Intake:
    """What a reader read, each number counted by itself: the run holds them against each other.

    ``bad`` holds the quarantined rows (file, line, offset, reason, raw); ``None`` when there are none.
    """

    rows_read: int
    rows_accepted: int
    rows_quarantined: int
    bad: DataFrame | None


@dataclass(frozen=True)
class Unsettled:
    """A reading by ``Way.ONCE``: input with rows, none of which was looked at yet.

    Attributes:
        rows_read: how many rows there are, where the files tell it; ``None`` where only reading does.
        check: reads the input to its end and counts.
    """

    rows_read: int | None
    check: Callable[[], Intake]

    def explain(self, max_bad_rows: str) -> None:
        """Say which rows are bad, after the work has met one.

        Raises:
            BadRowsError: says how many, and shows the first five.
            DataError: none is bad any more.
        """
        enforce(self.check(), max_bad_rows)
        raise DataError("the run met a bad row, and a second reading found none", CHANGED)


def refuse_reserved(names: Iterable[str]) -> None:
    """Refuse columns that would hide what a reader adds to them. Pure.

    Raises:
        DataError: names the first of them.
    """
    # Spark compares names without regard to case.
    for name in names:
        if name.lower() in (BAD, FATAL, ROWS):
            raise DataError(f"the input has a column {name!r}, which is a name of ours", "Rename it before.")


def way_of(mode: str, limit: str) -> Way:
    """How a run may find bad rows. Pure.

    One of them may end the write where that leaves nothing behind and the commit tells the count.

    Args:
        mode: ``--mode``.
        limit: ``--max-bad-rows``.
    """
    whole = mode in ("overwrite", "append")
    return Way.ONCE if whole and Fraction(limit.removesuffix("%")) == 0 else Way.CHECKED


def allowed(limit: str, rows_read: int) -> Fraction:
    """How many bad rows ``N`` or ``P%`` allows among ``rows_read``, without rounding. Pure."""
    if limit.endswith("%"):
        return Fraction(limit[:-1]) / 100 * rows_read
    return Fraction(limit)


def split_bad_rows(
    rows: DataFrame, max_bad_rows: str, kept: DataFrame | None = None
) -> tuple[DataFrame, Intake]:
    """Count a reader's rows, refuse too many bad ones, and part the good from the bad.

    Args:
        rows: columns of the job, ``BAD`` (a bad row, or null) and ``FATAL`` (why a file cannot be
            read, or null).
        max_bad_rows: ``N`` or ``P%``.
        kept: what ``rows`` are made of, a quicker form of them. It, or ``rows`` without it, is kept in
            memory and on disk, so that the input is read once.

    Raises:
        DataError: a file cannot be read, or more rows are bad than allowed (the first five are shown).
    """
    from pyspark import StorageLevel

    (rows if kept is None else kept).persist(StorageLevel.MEMORY_AND_DISK)
    intake = take_in(rows)
    enforce(intake, max_bad_rows)
    return good_rows(rows), intake


def good_rows(rows: DataFrame) -> DataFrame:
    """The rows that are not bad, with the job's columns."""
    from pyspark.sql import functions as F

    return rows.where(F.col(BAD).isNull() & F.col(FATAL).isNull()).drop(BAD, FATAL)


@phase("reading and counting")
def take_in(rows: DataFrame) -> Intake:
    """Count a reader's rows.

    Raises:
        DataError: a file cannot be read.
    """
    from pyspark.sql import functions as F

    # Each number is counted by itself: the run holds them against each other.
    weight = F.col(ROWS) if ROWS in rows.columns else F.lit(1)
    readable = F.col(FATAL).isNull()
    counts = rows.agg(
        F.coalesce(F.sum(F.when(readable, weight)), F.lit(0)).alias("read"),
        F.coalesce(F.sum(F.when(readable & F.col(BAD).isNull(), weight)), F.lit(0)).alias("good"),
        F.count(BAD).alias("bad"),
        F.min(FATAL).alias("fatal"),
    ).first()
    assert counts is not None  # an aggregate without keys has one row
    refuse_fatal(counts["fatal"])
    bad = bad_rows(rows) if counts["bad"] else None
    return Intake(counts["read"], counts["good"], counts["bad"], bad)


def bad_rows(rows: DataFrame) -> DataFrame:
    """The bad rows of a reader, as the quarantine keeps them."""
    from pyspark.sql import functions as F

    return rows.where(F.col(BAD).isNotNull()).select(f"{BAD}.*")


def refuse_fatal(fatal: str | None) -> None:
    """Turn what a task could not read into the run's error.

    Raises:
        DataError: a file cannot be read.
        CutMissedError: a CSV file was cut inside a record; to be read with ``Source.scan_quotes``.
    """
    if fatal is None:
        return
    if (place := missed_place(fatal)) is not None:
        raise CutMissedError(place)
    raise DataError(fatal, "Fetch the file again or repair it; nothing was written.")


def enforce(intake: Intake, max_bad_rows: str) -> None:
    """Fail when more rows are bad than allowed.

    Raises:
        BadRowsError: says how many, and shows the first five.
    """
    if intake.bad is None or intake.rows_quarantined <= allowed(max_bad_rows, intake.rows_read):
        return
    first = intake.bad.orderBy("file", "offset", "line").limit(SHOWN).collect()
    shown = "\n".join(f"  {_place(row)}: {row.reason}: {row.raw[:120]!r}" for row in first)
    raise BadRowsError(
        intake.rows_read,
        intake.rows_quarantined,
        f"{intake.rows_quarantined} of {intake.rows_read} rows are bad, "
        f"--max-bad-rows allows {max_bad_rows}; the first:\n{shown}",
        "Repair the input, or allow some bad rows with --max-bad-rows N or P%: they go to quarantine.",
    )


def _place(row: Row) -> str:
    file = row.file or "input"
    if row.line is not None:
        return f"{file}:{row.line}"
    if row.offset is None:
        return file
    # A record of a log has a number, a row of a file a byte at which it begins.
    return f"{file}, {'offset' if file.startswith('kafka://') else 'byte'} {row.offset}"
