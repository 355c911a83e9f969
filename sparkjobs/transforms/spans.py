"""Stretches of time, and the rows of a table that lie in them, found by partitions and file statistics.

A table of rows by time is partitioned by the day of the row in UTC, the zone that windows are aligned to: a
plain column of the table, since a generated one is a feature that other writers lack.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import reduce
from itertools import pairwise
from typing import TYPE_CHECKING

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


def on_days(numbers: Iterable[int]) -> str:
    """A condition on the partitions of some days, as SQL. Pure."""
    days = ", ".join(f"DATE'{day(number).isoformat()}'" for number in sorted(set(numbers)))
    return f"{DAY} IN ({days})" if days else "false"


def utc_day(time: Column) -> Column:
    """The day of a time in UTC, as a date."""
    from pyspark.sql import functions as F

    us = F.unix_micros(time)
    # Rounded down, also before 1970. A day is a multiple of 2^13 microseconds, so doubles divide exactly.
    number = (us - F.pmod(us, F.lit(_DAY_US))) / F.lit(_DAY_US)
    bounded = F.least(F.greatest(number, F.lit(_FIRST_DAY)), F.lit(_LAST_DAY))
    return F.date_from_unix_date(bounded.cast("int"))


def inside(spans: Sequence[Span], time: str) -> Column:
    """Whether a row of a table by day lies in one of the spans."""
    from pyspark.sql import functions as F

    each = [
        F.col(DAY).between(F.lit(day(day_number(span.first_us))), F.lit(day(day_number(span.last_us))))
        & (F.col(time) >= F.timestamp_micros(F.lit(span.first_us)))
        & (F.col(time) <= F.timestamp_micros(F.lit(span.last_us)))
        for span in spans
    ]
    return reduce(lambda one, other: one | other, each, F.lit(False))
