"""Spark expressions that make moments of text, local times and counted units, and what is lost on the way."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sparkjobs.ingest.patterns import tells_time, tells_zone
from sparkjobs.zones import changes_clocks

if TYPE_CHECKING:
    from pyspark.sql import Column as SparkColumn

# Microseconds from 1970 of the years 1 and 9999, first and last: what other readers of a table hold.
FIRST_MICROS, LAST_MICROS = -62_135_596_800_000_000, 253_402_300_799_999_999
_MICROS = {"s": 1_000_000, "ms": 1_000, "us": 1}
_NANOS_IN_MICRO = 1_000


@dataclass(frozen=True)
class TimeReading:
    """How times are written in the input.

    Attributes:
        pattern: of text, in Spark's notation; ``None`` for ISO 8601.
        unit: what whole numbers count since 1970: ``s``, ``ms``, ``us``, ``ns``; ``None``: none are times.
        zone: the session's zone, in which a time without one is read.
    """

    pattern: str | None = None
    unit: str | None = None
    zone: str = "UTC"


@dataclass(frozen=True)
class Moments:
    """A moment (null where there is none), whether it was lost on the way, and what to say then."""

    value: SparkColumn
    lost: SparkColumn
    fault: str


def from_text(text: SparkColumn, reading: TimeReading, form_ok: SparkColumn) -> Moments:
    """Moments of text by ISO 8601 (where ``form_ok``) or by the pattern."""
    from pyspark.sql import functions as F

    if reading.pattern is not None:
        return _by_pattern(text, reading.pattern, reading.zone)
    value = F.when(form_ok, text.try_cast("timestamp"))
    if not changes_clocks(reading.zone):
        return Moments(value, F.lit(False), "")
    zoned = F.endswith(text, F.lit("Z")) | F.substring(text, -6, 1).isin("+", "-")
    # A day without a time is its first moment, whatever the clocks do at midnight.
    local = (F.length(text) > 10) & ~zoned
    moved = value.cast("timestamp_ntz") != F.when(form_ok, text.try_cast("timestamp_ntz"))
    return Moments(value, local & moved, _skipped(reading.zone))


def from_local(source: SparkColumn, zone: str) -> Moments:
    """Moments of ``timestamp_ntz`` values."""
    from pyspark.sql import functions as F

    value = source.try_cast("timestamp")
    lost = value.cast("timestamp_ntz") != source if changes_clocks(zone) else F.lit(False)
    return Moments(value, lost, _skipped(zone))


def from_count(source: SparkColumn, unit: str) -> Moments:
    """Moments of whole numbers; null outside the years 1 to 9999, where a wrong unit often leads."""
    from pyspark.sql import functions as F

    count = source.try_cast("bigint")
    if unit == "ns":
        # What is kept is microseconds.
        micros = F.call_function("div", count, F.lit(_NANOS_IN_MICRO))
        finer = count % _NANOS_IN_MICRO != 0
        return Moments(F.timestamp_micros(micros), finer, "is no whole number of microseconds")
    factor = _MICROS[unit]
    inside = count.between(-(-FIRST_MICROS // factor), LAST_MICROS // factor)
    return Moments(F.when(inside, F.timestamp_micros(count * factor)), F.lit(False), "")


def _by_pattern(text: SparkColumn, pattern: str, zone: str) -> Moments:
    from pyspark.sql import functions as F

    if tells_zone(pattern) or not tells_time(pattern) or not changes_clocks(zone):
        return Moments(F.try_to_timestamp(text, F.lit(pattern)), F.lit(False), "")
    # Read as a time of UTC, which has every local time; then asked what moment that is in the zone.
    clock = F.try_to_timestamp(F.concat(text, F.lit(" Z")), F.lit(pattern + "' 'X"))
    value = F.to_utc_timestamp(clock, zone)
    return Moments(value, F.from_utc_timestamp(value, zone) != clock, _skipped(zone))


def _skipped(zone: str) -> str:
    return f"does not exist in {zone}: the clocks skip it"
