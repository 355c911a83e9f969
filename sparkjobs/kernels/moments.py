"""ISO 8601 times as text become microseconds since 1970, a column at a time.

Texts of one length have their digits at the same places, so each length is one matrix of bytes. The days of a
date follow from year, month and day by the algorithm of H. Hinnant, "chrono-Compatible Low-Level Date
Algorithms", days_from_civil.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

_DAY_S = 86_400
_DATE, _MINUTES, _SECONDS = 10, 16, 19
_LENGTHS = (_DATE, _MINUTES, _SECONDS, *range(_SECONDS + 2, _SECONDS + 8))
_NO_ZONE, _ZULU, _OFFSET, _ZONES = 0, 1, 2, 3
_ZONE_LENGTHS = (0, 1, 6)
_MOST_OFFSET_S = 18 * 3600
_ZERO = 48
_DAYS = np.array([0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31])


def timestamps(values: Any) -> tuple[Any, Any]:
    """Type ``YYYY-MM-DD[( |T)hh:mm[:ss[.f{1,6}][Z|(+|-)hh:mm]]]``; without a zone the time is of UTC.

    Args:
        values: Arrow ``string`` array; null stays null.

    Returns:
        ``timestamp[us, UTC]``, null where the text is no time; and a bool array of those places.
    """
    nulls = pc.is_null(values).to_numpy(zero_copy_only=False)
    shapes = _shapes(values)
    micros = np.zeros(len(values), np.int64)
    good = np.zeros(len(values), bool)
    for shape in np.unique(shapes[~nulls]):
        length, zone = divmod(int(shape), _ZONES)
        if length - _ZONE_LENGTHS[zone] in _LENGTHS:
            rows = np.flatnonzero((shapes == shape) & ~nulls)
            micros[rows], good[rows] = _of_shape(_matrix(values, rows, length), zone)
    typed = pa.array(micros, pa.timestamp("us", "UTC"), mask=~good)
    return typed, ~good & ~nulls


def _shapes(values: Any) -> Any:
    """Length and kind of zone of each text, as one number."""
    _, places, data = values.buffers()
    offsets = np.frombuffer(places, np.int32)[values.offset : values.offset + len(values) + 1].astype(
        np.int64
    )
    codes = np.frombuffer(data, np.uint8) if data is not None and len(data) else np.zeros(1, np.uint8)
    lengths, ends = np.diff(offsets), offsets[1:]
    zulu = (codes[np.maximum(ends - 1, 0)] == ord("Z")) & (lengths > 0)
    sign = codes[np.maximum(ends - _ZONE_LENGTHS[_OFFSET], 0)]
    offset = ((sign == ord("+")) | (sign == ord("-"))) & (lengths >= _MINUTES + _ZONE_LENGTHS[_OFFSET])
    return lengths * _ZONES + np.where(zulu, _ZULU, np.where(offset, _OFFSET, _NO_ZONE))


def _matrix(values: Any, rows: Any, length: int) -> Any:
    """The bytes of some texts of one length, a row each."""
    same = values if len(rows) == len(values) else values.take(pa.array(rows))
    _, places, data = same.buffers()
    start = int(np.frombuffer(places, np.int32)[same.offset])
    return np.frombuffer(data, np.uint8)[start : start + len(same) * length].reshape(len(same), length)


def _of_shape(text: Any, zone: int) -> tuple[Any, Any]:
    clock = text[:, : text.shape[1] - _ZONE_LENGTHS[zone]]
    length = clock.shape[1]
    days, good = _date(clock)
    seconds, fraction = days * _DAY_S, np.zeros(len(text), np.int64)
    if zone != _NO_ZONE and length < _SECONDS:
        # Spark's own reader (SparkDateTimeUtils.stringToTimestamp) wants the seconds before a zone.
        return seconds, np.zeros(len(text), bool)
    if length == _DATE:
        return seconds * 1_000_000, good
    of_day, good_t = _time(clock)
    seconds = seconds + of_day
    good = good & good_t
    if length > _SECONDS:
        digits = length - _SECONDS - 1
        fraction, good_f = _number(clock, _SECONDS + 1, digits)
        fraction = fraction * 10 ** (6 - digits)
        good &= good_f & (clock[:, _SECONDS] == ord("."))
    if zone == _OFFSET:
        ahead, good_z = _offset(text[:, -_ZONE_LENGTHS[_OFFSET] :])
        seconds = seconds - ahead
        good &= good_z
    return seconds * 1_000_000 + fraction, good


def _time(clock: Any) -> tuple[Any, Any]:
    hours, good_h = _number(clock, 11, 2)
    minutes, good_m = _number(clock, 14, 2)
    between = clock[:, 10]
    good = good_h & good_m & (hours < 24) & (minutes < 60) & (clock[:, 13] == ord(":"))
    good &= (between == ord(" ")) | (between == ord("T"))
    seconds = hours * 3600 + minutes * 60
    if clock.shape[1] >= _SECONDS:
        more, good_s = _number(clock, 17, 2)
        seconds = seconds + more
        good &= good_s & (more < 60) & (clock[:, 16] == ord(":"))
    return seconds, good


def _offset(text: Any) -> tuple[Any, Any]:
    """``+hh:mm`` in seconds; Java knows offsets up to 18 hours."""
    hours, good_h = _number(text, 1, 2)
    minutes, good_m = _number(text, 4, 2)
    total = hours * 3600 + minutes * 60
    good = good_h & good_m & (text[:, 3] == ord(":")) & (minutes < 60) & (total <= _MOST_OFFSET_S)
    return np.where(text[:, 0] == ord("-"), -total, total), good


def _date(text: Any) -> tuple[Any, Any]:
    year, good_y = _number(text, 0, 4)
    month, good_m = _number(text, 5, 2)
    day, good_d = _number(text, 8, 2)
    good = good_y & good_m & good_d & (text[:, 4] == ord("-")) & (text[:, 7] == ord("-"))
    good &= (month >= 1) & (month <= 12) & (day >= 1)
    leap = ((year % 4 == 0) & (year % 100 != 0)) | (year % 400 == 0)
    month = np.where(good, month, 1)
    good &= day <= _DAYS[month] + (leap & (month == 2))
    return _days(year, month, day), good


def _days(year: Any, month: Any, day: Any) -> Any:
    shifted = year - (month <= 2)
    era = shifted // 400
    year_of_era = shifted - era * 400
    day_of_year = (153 * (month + np.where(month > 2, -3, 9)) + 2) // 5 + day - 1
    day_of_era = year_of_era * 365 + year_of_era // 4 - year_of_era // 100 + day_of_year
    return era * 146_097 + day_of_era - 719_468


def _number(text: Any, start: int, digits: int) -> tuple[Any, Any]:
    part = text[:, start : start + digits].astype(np.int64) - _ZERO
    good = ((part >= 0) & (part <= 9)).all(axis=1)
    return part @ (10 ** np.arange(digits - 1, -1, -1)), good
