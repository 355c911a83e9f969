"""Tumbling and sliding windows over a time column, and the statistics of their groups."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from sparkjobs.errors import UsageError

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

_DURATION = re.compile(r"([1-9]\d*) (second|minute|hour|day|week)s?")
WINDOW_COLUMNS = ("window_start", "window_end")


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
        rows.withColumn("_window", spans)
        .withColumn("window_start", F.col("_window.start"))
        .withColumn("window_end", F.col("_window.end"))
        .drop("_window")
    )


def group_keys(keys: Sequence[str], window: str | None) -> tuple[str, ...]:
    """The columns that groups are made by."""
    return (*keys, *(WINDOW_COLUMNS if window else ()))
