"""Numbers of up to 16 digits before the point and 8 after it, from their bytes, eight at a time.

Eight digits in a word of 64 bits become their number by three multiplications, each of which joins
neighbours: digits to pairs, pairs to fours, fours to eight (D. Lemire, "Quickly parsing eight digits").
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

_MINUS, _POINT, _ZERO = b"-.0"
_WORD = 8
_MOST_WHOLE, _MOST_FRACTION = 2 * _WORD, _WORD
# A number of so many digits is a bigint, of so many exactly a double.
_BIGINT_DIGITS, _DOUBLE_DIGITS = 18, 15
_DECIMAL = re.compile(r"decimal\((\d+),(\d+)\)")
# The last n bytes of a word, which come last in the text, for n from 0 to 8.
_KEEP = np.array([(2**64 - 1) ^ ((1 << 8 * (_WORD - n)) - 1) for n in range(_WORD + 1)], np.uint64)
_ZEROS, _HIGH, _SIX = (np.uint64(int(digits * _WORD, 16)) for digits in ("30", "f0", "06"))
_LOW = np.uint64(0x0F0F0F0F0F0F0F0F)
_PAIRS, _FOURS = np.uint64(0x00FF00FF00FF00FF), np.uint64(0x0000FFFF0000FFFF)
_BY_10, _BY_100, _BY_10_000 = np.uint64(2561), np.uint64(6553601), np.uint64(42949672960001)
_POWERS = 10 ** np.arange(_BIGINT_DIGITS + 1)


@dataclass(frozen=True)
class _Short:
    """Numbers taken apart; all but ``good`` holds only where that is true.

    Attributes:
        good: bool array: the text is ``-?(0|[1-9][0-9]*)(\\.[0-9]+)?``, short, and not ``-0``.
        negative: bool array: it begins with a minus.
        whole: int64 array: the digits before the point.
        whole_digits: how many there are.
        fraction: int64 array: the digits after the point.
        fraction_digits: how many there are.
    """

    good: Any
    negative: Any
    whole: Any
    whole_digits: Any
    fraction: Any
    fraction_digits: Any


def short_numbers(data: bytes, starts: Any, ends: Any, kind: str) -> tuple[Any, Any]:
    """Type numbers as JSON writes them.

    Args:
        data: bytes; at least eight.
        starts: int64 array: first byte of each number.
        ends: int64 array: past its last byte.
        kind: ``bigint``, ``double`` or ``decimal(P,S)``.

    Returns:
        An Arrow array of the type, and a bool array of the places where its value holds; all others have to
        be looked at otherwise.
    """
    found = _taken_apart(data, starts, ends)
    decimal = _DECIMAL.fullmatch(kind)
    if decimal:
        return _decimals(found, int(decimal[1]), int(decimal[2]))
    if kind == "bigint":
        good = found.good & (found.fraction_digits == 0)
        return pa.array(np.where(found.negative, -found.whole, found.whole)), good
    # Both are exact as doubles, so the one rounding of the division gives the nearest double.
    good = found.good & (found.whole_digits + found.fraction_digits <= _DOUBLE_DIGITS)
    powers = _POWERS[found.fraction_digits]
    size = (found.whole * powers + found.fraction) / powers
    return pa.array(np.where(found.negative, -size, size)), good


def _decimals(found: _Short, precision: int, scale: int) -> tuple[Any, Any]:
    most = min(precision, _BIGINT_DIGITS) - scale
    good = found.good & (found.whole_digits <= most) & (found.fraction_digits <= scale)
    missing = np.clip(scale - found.fraction_digits, 0, _BIGINT_DIGITS)
    size = found.whole * _POWERS[min(scale, _BIGINT_DIGITS)] + found.fraction * _POWERS[missing]
    words = np.empty((len(size), 2), np.int64)
    words[:, 0] = np.where(found.negative, -size, size)
    np.right_shift(words[:, 0], 63, out=words[:, 1])
    return pa.Array.from_buffers(
        pa.decimal128(precision, scale), len(size), [None, pa.py_buffer(words)]
    ), good


def _taken_apart(data: bytes, starts: Any, ends: Any) -> _Short:
    codes = np.frombuffer(data, np.uint8)
    words = np.ndarray((len(data) - _WORD + 1,), "<u8", data, strides=(1,))
    first = codes[starts]
    negative = first == _MINUS
    fraction_digits = _fraction_digits(codes, starts, ends)
    stops = ends - fraction_digits - (fraction_digits > 0)
    whole_digits = stops - starts - negative
    good = (whole_digits >= 1) & (whole_digits <= _MOST_WHOLE) & (stops >= _WORD)
    lengths = np.clip(whole_digits, 0, _MOST_WHOLE)
    whole, right = _number(words, stops, np.minimum(lengths, _WORD))
    good &= right
    if (lengths > _WORD).any():
        upper, right = _number(words, stops - _WORD, np.maximum(lengths - _WORD, 0))
        whole += upper * 10**_WORD
        good &= right & ((lengths <= _WORD) | (stops >= 2 * _WORD))
    fraction = np.zeros(len(starts), np.int64)
    if fraction_digits.any():
        fraction, right = _number(words, ends, fraction_digits)
        good &= right
    leading = np.where(negative, codes[starts + 1], first) == _ZERO
    good &= ~leading | ((whole_digits == 1) & (~negative | (fraction_digits > 0)))
    return _Short(good, negative, whole, whole_digits, fraction, fraction_digits)


def _fraction_digits(codes: Any, starts: Any, ends: Any) -> Any:
    """How many digits follow the point, 0 where none is near."""
    found = np.zeros(len(ends), np.int64)
    if not len(ends):
        return found
    longest = min(_MOST_FRACTION, int((ends - starts).max()) - 2)
    # Mostly all have as many as the first one.
    for digits in sorted(range(1, longest + 1), key=lambda n: codes[ends[0] - 1 - n] != _POINT):
        places = ends - 1 - digits
        found[(codes[places] == _POINT) & (places > starts)] = digits
        if found.all():
            break
    return found


def _number(words: Any, ends: Any, digits: Any) -> tuple[Any, Any]:
    """The number that the last digits before ``ends`` write, and whether all of them are digits."""
    keep = _KEEP[digits]
    text = words[np.maximum(ends - _WORD, 0)]
    text &= keep
    text |= _ZEROS & ~keep
    # Digits are 0x30 to 0x39: with six more they are still below 0x40, which 0x3a to 0x3f are not.
    right = ((text & _HIGH) == _ZEROS) & (((text + _SIX) & _HIGH) == _ZEROS)
    text &= _LOW
    text *= _BY_10
    text >>= np.uint64(8)
    text &= _PAIRS
    text *= _BY_100
    text >>= np.uint64(16)
    text &= _FOURS
    text *= _BY_10_000
    text >>= np.uint64(32)
    return text.astype(np.int64), right
