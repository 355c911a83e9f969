"""Load curves: rows a second as a function of time. Pure."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping

Curve = Callable[[float], float]
# A night's load is so much of the day's greatest.
_NIGHT = 0.1


def diurnal(peak: float, length_s: float) -> Curve:
    """A day: from the night's load to the peak in the middle, and back; again and again."""

    def rate(at: float) -> float:
        day = (1 - math.cos(2 * math.pi * at / length_s)) / 2
        return peak * (_NIGHT + (1 - _NIGHT) * day)

    return rate


def spike(peak: float, length_s: float) -> Curve:
    """A fifth of the peak, but for a tenth of the time in the middle."""
    return lambda at: peak if 0.45 <= at / length_s < 0.55 else peak / 5


def ramp(peak: float, length_s: float) -> Curve:
    """From a tenth of the peak to the peak."""
    return lambda at: peak * (_NIGHT + (1 - _NIGHT) * min(1.0, at / length_s))


def sawtooth(peak: float, length_s: float) -> Curve:
    """Four ramps, each of which falls at once."""
    return lambda at: peak * (_NIGHT + (1 - _NIGHT) * (4 * at / length_s % 1))


def silence(peak: float, length_s: float) -> Curve:
    """The peak, then nothing for half of the time, then the peak again."""
    return lambda at: 0.0 if 0.25 <= at / length_s < 0.75 else peak


def swing(peak: float, length_s: float) -> Curve:
    """Up and down twice."""
    return diurnal(peak, length_s / 2)


def steady(peak: float, length_s: float) -> Curve:
    """Half of the peak, always."""
    del length_s
    return lambda _: peak / 2


CURVES: Mapping[str, Callable[[float, float], Curve]] = {
    "diurnal": diurnal,
    "spike": spike,
    "ramp": ramp,
    "sawtooth": sawtooth,
    "silence": silence,
    "steady": steady,
}
