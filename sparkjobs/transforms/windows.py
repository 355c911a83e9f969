"""Tumbling and sliding windows over a time column, and the statistics of their groups."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from sparkjobs.errors import UsageError
from sparkjobs.sql import quoted

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

_DURATION = re.compile(r"([1-9]\d*) (second|minute|hour|day|week)s?")
WINDOW_COLUMNS = ("window_start", "window_end")
# Names with a space, which no column of a user can have.
_SESSION, _WINDOW = "the session", "the window"


def check_duration(text: str | None) -> None:
    """A length of time such as ``15 minutes``; months have no fixed length. Pure.

    Raises:
        ValueError: not such a length.
    """
    if text is not None and not _DURATION.fullmatch(text):
        raise ValueError('write a length of time such as "15 minutes", "1 hour" or "7 days"')


def seconds(text: str) -> int:
    """The length of a checked duration in seconds. Pure."""
    match = _DURATION.fullmatch(text)
    if match is None:
        raise UsageError(f"{text!r} is not a length of time", 'Such as "15 minutes".')
    unit = {"second": 1, "minute": 60, "hour": 3600, "day": 86_400, "week": 604_800}
    return int(match.group(1)) * unit[match.group(2)]


def check_session_gap(gap: str | None, window: str | None) -> None:
    """Rows are grouped by windows or by sessions. Pure.

    Raises:
        UsageError: both were given.
    """
    if gap is not None and window is not None:
        raise UsageError("--session-gap and --window contradict each other", "Leave one of them out.")


def check_slide(window: str | None, slide: str | None) -> None:
    """A slide needs a window and is not longer than it. Pure.

    Raises:
        UsageError: names both.
    """
    if slide is None:
        return
    if window is None:
        raise UsageError("--slide needs --window", 'Such as --window "1 hour" --slide "15 minutes".')
    if seconds(slide) > seconds(window):
        raise UsageError(f"--slide {slide} is longer than --window {window}", "Rows would be left out.")


def with_windows(rows: DataFrame, time: str, window: str | None, slide: str | None) -> DataFrame:
    """Add ``window_start`` and ``window_end``; a row appears once in each window that covers it.

    Windows are aligned to 1970-01-01T00:00:00Z.
    """
    from pyspark.sql import functions as F

    if window is None:
        return rows
    spans = F.window(time, window, slide or window)
    return (
        rows.withColumn(_WINDOW, spans)
        .withColumn("window_start", F.col(_WINDOW)["start"])
        .withColumn("window_end", F.col(_WINDOW)["end"])
        .drop(_WINDOW)
    )


def with_sessions(rows: DataFrame, time: str, gap: str, keys: Sequence[str]) -> DataFrame:
    """Add ``window_start`` and ``window_end`` of the session that a row belongs to.

    A pause GREATER than the gap starts the next session of a key, to the microsecond. A session lasts from
    its first row to the gap after its last one.
    """
    from pyspark.sql import Window
    from pyspark.sql import functions as F

    gap_us = seconds(gap) * 1_000_000
    in_order = Window.partitionBy(*map(quoted, keys)).orderBy(time)
    at = F.unix_micros(time)
    starts = F.when(at - F.lag(at).over(in_order) <= gap_us, 0).otherwise(1)
    # Rows of one moment are peers in the window, so their order does not matter.
    numbered = rows.withColumn(_SESSION, starts).withColumn(_SESSION, F.sum(_SESSION).over(in_order))
    session = Window.partitionBy(*map(quoted, keys), _SESSION)
    return (
        numbered.withColumn("window_start", F.min(time).over(session))
        .withColumn("window_end", F.timestamp_micros(F.unix_micros(F.max(time).over(session)) + gap_us))
        .drop(_SESSION)
    )


def group_keys(keys: Sequence[str], window: str | None) -> tuple[str, ...]:
    """The columns that groups are made by; ``window`` is the length of a window, or a session's gap."""
    return (*keys, *(WINDOW_COLUMNS if window else ()))
