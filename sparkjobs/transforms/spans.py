"""Stretches of time, and the rows of a table that lie in them, found by partitions and file statistics.

A table of rows by time is partitioned by the day of the row in UTC, the zone that windows are aligned to: a
plain column of the table, since a generated one is a feature that other writers lack.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import TYPE_CHECKING

from sparkjobs.moments import FIRST_US, LAST_US, iso

if TYPE_CHECKING:
    from pyspark.sql import Column

DAY = "utc_day"
_DAY_US = 86_400_000_000
# Years 1 to 9999: what is beyond them shares the first or the last day (a folder's name must say it).
_FIRST_DAY, _LAST_DAY = -719_162, 2_932_896
_EPOCH = date(1970, 1, 1).toordinal()
# More would make the predicate longer than what it saves.
MOST_SPANS = 32


@dataclass(frozen=True, order=True)
class Span:
    """From a moment to a later one, both included, in microseconds from 1970."""

    first_us: int
    last_us: int


def merged(spans: Iterable[Span], most: int = MOST_SPANS) -> tuple[Span, ...]:
    """The same stretches without overlaps, in order, and no more than ``most``. Pure.

    Where there are more, those that lie closest together become one, with what lies between them.
    """
    found: list[Span] = []
    for span in sorted(spans):
        if found and span.first_us <= found[-1].last_us + 1:
            found[-1] = Span(found[-1].first_us, max(found[-1].last_us, span.last_us))
        else:
            found.append(span)
    gaps = sorted(range(1, len(found)), key=lambda i: found[i - 1].last_us - found[i].first_us)
    kept = [0, *sorted(gaps[: most - 1]), len(found)]
    return tuple(
        Span(found[start].first_us, found[end - 1].last_us) for start, end in pairwise(kept) if end > start
    )


def day_number(us: int) -> int:
    """The day of a moment in UTC, from 1970. Pure."""
    return min(max(us // _DAY_US, _FIRST_DAY), _LAST_DAY)


def day(number: int) -> date:
    """A day as a date. Pure."""
    return date.fromordinal(_EPOCH + number)


def since(column: str, us: int) -> str:
    """Whether a time is that moment or later, as SQL; what no calendar says has no bound. Pure.

    With a literal, which Delta holds against the least and the greatest value of each file.
    """
    return f"{column} >= TIMESTAMP'{iso(us)}'" if us >= FIRST_US else "true"


def until(column: str, us: int) -> str:
    """Whether a time is that moment or earlier, as SQL. Pure."""
    return f"{column} <= TIMESTAMP'{iso(us)}'" if us <= LAST_US else "true"


def inside(spans: Sequence[Span], column: str, day_column: str | None = None) -> str:
    """Whether a time lies in one of the spans, as SQL; what no calendar says has no bound. Pure.

    Args:
        spans: the stretches.
        column: the time.
        day_column: the column that holds its day in UTC, by which the table is partitioned.
    """
    each = []
    for span in spans:
        found = f"{since(column, span.first_us)} AND {until(column, span.last_us)}"
        if day_column is not None:
            first, last = (day(day_number(us)).isoformat() for us in (span.first_us, span.last_us))
            found = f"{day_column} BETWEEN DATE'{first}' AND DATE'{last}' AND {found}"
        each.append(f"({found})")
    return f"({' OR '.join(each)})" if each else "false"


def utc_day(time: Column) -> Column:
    """The day of a time in UTC, as a date."""
    from pyspark.sql import functions as F

    us = F.unix_micros(time)
    # Rounded down, also before 1970. A day is a multiple of 2^13 microseconds, so doubles divide exactly.
    number = (us - F.pmod(us, F.lit(_DAY_US))) / F.lit(_DAY_US)
    bounded = F.least(F.greatest(number, F.lit(_FIRST_DAY)), F.lit(_LAST_DAY))
    return F.date_from_unix_date(bounded.cast("int"))
