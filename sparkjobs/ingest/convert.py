"""The checks of ``conversions.py`` as Spark expressions: arithmetic on the typed value, no text of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from sparkjobs.ingest.conversions import DECIMAL, EXACT_IN_DOUBLE, INTEGERS, Check, scale_of
from sparkjobs.ingest.times import TimeReading, from_count, from_local
from sparkjobs.ingest.typing import BEYOND, Column, Parsed, holdable, missing, parse, too_large_for_double
from sparkjobs.ingest.utf8 import is_utf8
from sparkjobs.session import strategy_settings
from sparkjobs.strategies import on_gpu
from sparkjobs.zones import changes_clocks

if TYPE_CHECKING:
    from pyspark.sql import Column as SparkColumn

# The value (null: out of range), whether a cast that gave one changed it (or null), what to say then.
_Converted = tuple["SparkColumn", "SparkColumn | None", str]
_SHOWN = 80
# Checks whose value is null only where the source is.
_WITHIN = (Check.NONE, Check.UTF8, Check.ONE_TEXT, Check.EXACT_DOUBLE, Check.FINITE)


def convert(
    column: Column, source: SparkColumn, source_type: str, check: Check, reading: TimeReading
) -> Parsed:
    """Type a column that has a type already.

    Args:
        column: what it should be.
        source: the expression that holds the value.
        source_type: its type, as ``DataFrame.dtypes`` names it.
        check: what ``conversion`` answered for the two types.
        reading: how times are written.
    """
    from pyspark.sql import functions as F

    if check is Check.TEXT:
        return parse(column, source.cast("string"), None, reading)
    value, lost, fault = _CONVERT[check](column, source, source_type, reading)
    if check is Check.NONE and column.narrow and _is_number(source_type):
        value = source.cast("bigint") if source_type in INTEGERS else source
    shown = F.hex(source) if source_type == "binary" else source.cast("string")
    quoted = F.concat(F.lit(f"{column.name}: '"), F.substring(shown, 1, _SHOWN), F.lit("' "))
    faults = [missing(column, source)] if column.required else []
    if lost is not None:
        faults.append((lost, F.concat(quoted, F.lit(fault))))
    if check not in _WITHIN:
        beyond = source.isNotNull() & value.isNull()
        faults.append((beyond, F.concat(quoted, F.lit("is out of range"))))
    return holdable(column, Parsed(value, tuple(faults)))


def _is_number(source_type: str) -> bool:
    return source_type in INTEGERS or DECIMAL.fullmatch(source_type) is not None


def _sure(column: Column, source: SparkColumn, source_type: str, reading: TimeReading) -> _Converted:
    # Not try_cast, which RAPIDS leaves to the CPU even where it cannot fail.
    return source.cast(column.kind), None, ""


def _cast(column: Column, source: SparkColumn, source_type: str, reading: TimeReading) -> _Converted:
    # Under ANSI a plain cast out of range ends the job (CAST_OVERFLOW) where a bad row is meant.
    return source.try_cast(column.kind), None, ""


def _utf8(column: Column, source: SparkColumn, source_type: str, reading: TimeReading) -> _Converted:
    from pyspark.sql import SparkSession

    text = source.cast("string")
    gpu = on_gpu(strategy_settings(SparkSession.active()))
    return text, ~is_utf8(text, gpu), "is not UTF-8"


def _one_text(column: Column, source: SparkColumn, source_type: str, reading: TimeReading) -> _Converted:
    """A text of a local time has no offset: of an hour that stands twice it tells the first."""
    if not changes_clocks(reading.zone):
        return source.cast("string"), None, ""
    lost = source.cast("timestamp_ntz").cast("timestamp") != source
    return source.cast("string"), lost, f"stands twice in {reading.zone}; take another --timezone"


def _whole(column: Column, source: SparkColumn, source_type: str, reading: TimeReading) -> _Converted:
    from pyspark.sql import functions as F

    number = source.cast("double")
    # A cast takes 2^63, which is no bigint, for 2^63 - 1.
    inside = (number >= -(2.0**63)) & (number < 2.0**63)
    return F.when(inside, number.try_cast("bigint")), inside & (F.floor(number) != number), _NO_WHOLE


def _whole_decimal(column: Column, source: SparkColumn, source_type: str, reading: TimeReading) -> _Converted:
    return source.try_cast("bigint"), source % 1 != 0, _NO_WHOLE


def _exact_double(column: Column, source: SparkColumn, source_type: str, reading: TimeReading) -> _Converted:
    value = source.cast("double")
    if source_type == "bigint":
        return value, ~source.between(-EXACT_IN_DOUBLE, EXACT_IN_DOUBLE), BEYOND
    return value, too_large_for_double(value, source), BEYOND


def _finite(column: Column, source: SparkColumn, source_type: str, reading: TimeReading) -> _Converted:
    from pyspark.sql import functions as F

    value = source.cast("double")
    return value, F.isnan(value) | (F.abs(value) == float("inf")), "is not a finite number"


def _decimals(column: Column, source: SparkColumn, source_type: str, reading: TimeReading) -> _Converted:
    from pyspark.sql import functions as F

    scale = scale_of(column.kind)
    # Comparing two decimals rounds both to what 38 digits hold; a remainder is exact.
    step = F.lit("0." + "0" * (scale - 1) + "1").cast(f"decimal({scale},{scale})") if scale else F.lit(1)
    return source.try_cast(column.kind), source % step != 0, _no_decimals(scale)


def _decimals_of_double(
    column: Column, source: SparkColumn, source_type: str, reading: TimeReading
) -> _Converted:
    """The decimal is the shortest that stands for the double: 0.1 is 0.1. Past 2^53 that rounds."""
    from pyspark.sql import functions as F

    number = source.cast("double")
    value = F.when(F.abs(number) <= float(EXACT_IN_DOUBLE), number.try_cast(column.kind))
    return value, value.cast("double") != number, _no_decimals(scale_of(column.kind))


def _exists(column: Column, source: SparkColumn, source_type: str, reading: TimeReading) -> _Converted:
    found = from_local(source, reading.zone)
    return found.value, found.lost, found.fault


def _unit(column: Column, source: SparkColumn, source_type: str, reading: TimeReading) -> _Converted:
    assert reading.unit is not None  # without a unit the types are refused
    found = from_count(source, reading.unit)
    return found.value, found.lost, found.fault


def _no_decimals(scale: int) -> str:
    return f"is not a number with at most {scale} decimals"


_NO_WHOLE = "is not a whole number"
_CONVERT: dict[Check, Callable[[Column, SparkColumn, str, TimeReading], _Converted]] = {
    Check.NONE: _sure,
    Check.FITS: _cast,
    Check.UTF8: _utf8,
    Check.ONE_TEXT: _one_text,
    Check.WHOLE: _whole,
    Check.WHOLE_DECIMAL: _whole_decimal,
    Check.EXACT_DOUBLE: _exact_double,
    Check.FINITE: _finite,
    Check.DECIMALS: _decimals,
    Check.DECIMALS_OF_DOUBLE: _decimals_of_double,
    Check.EXISTS: _exists,
    Check.UNIT: _unit,
}
