"""Text becomes values, a column at a time, as strictly as one by one.

Arrow's own casts take ``1e3``, ``1.``, ``.5`` and refuse ``+1``, so each type first proves the form of its
texts on their bytes: which there are at all, where signs and points stand, how many. Only then Arrow casts.
"""

from __future__ import annotations

import re
from decimal import ROUND_HALF_UP, Context, Decimal, localcontext
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from sparkjobs.kernels.moments import timestamps

_DECIMAL = re.compile(r"decimal\((\d+),(\d+)\)")
_DIGITS = np.zeros(256, bool)
_DIGITS[48:58] = True
_PLUS, _MINUS, _POINT = 43, 45, 46
# Every number of so few digits is a bigint.
_SAFE_DIGITS = 18
# Up to here, and no further, a double holds every whole number.
_EXACT = 1 << 53
_WIDE = Context(prec=1000)


def type_text(values: Any, kind: str) -> tuple[Any, Any]:
    """Type a column of text.

    Args:
        values: Arrow ``string`` array; null stays null.
        kind: ``string``, ``bigint``, ``double``, ``boolean``, ``timestamp`` (of UTC) or ``decimal(P,S)``.

    Returns:
        The typed array, null where the text has no value of the type, and a bool array of those places.
    """
    if kind == "string":
        return values, np.zeros(len(values), bool)
    if kind == "boolean":
        return _booleans(values)
    if kind == "timestamp":
        return timestamps(values)
    decimal = _DECIMAL.fullmatch(kind)
    if decimal:
        return _decimals(values, int(decimal[1]), int(decimal[2]))
    return _bigints(values) if kind == "bigint" else _doubles(values)


def _booleans(values: Any) -> tuple[Any, Any]:
    yes, no = pc.equal(values, "true"), pc.equal(values, "false")
    known = pc.or_(yes, no)
    return pc.if_else(known, yes, None), _true(pc.invert(known))


def _true(mask: Any) -> Any:
    return pc.fill_null(mask, False).to_numpy(zero_copy_only=False)


def _number_form(values: Any, fraction: int | None) -> tuple[Any, Any]:
    """Whether each text is a number written as ``[+-]?digits[.digits]``, and its digits before the point.

    Args:
        values: string array.
        fraction: most digits after the point; ``None`` = any number of them, 0 = no point either.
    """
    offsets, codes = _bytes_of(values)
    starts, ends = offsets[:-1], offsets[1:]
    good = ends > starts
    digits = _DIGITS[codes]
    points_end = ends
    signed = np.zeros(len(values), bool)
    others = np.flatnonzero(~digits)
    if len(others):
        row = np.searchsorted(ends, others, side="right")
        code = codes[others]
        sign = (code == _PLUS) | (code == _MINUS)
        point = code == _POINT
        at_start = others == starts[row]
        wrong = ~(point | (sign & at_start))
        signed[row[sign & at_start]] = True
        points = others[point]
        owner = row[point]
        good[row[wrong]] = False
        counts = np.bincount(owner, minlength=len(values)) if len(points) else None
        if counts is not None:
            points_end = ends.copy()
            points_end[owner] = points
            after = ends[owner] - points - 1
            most = np.iinfo(np.int64).max if fraction is None else fraction
            bad_point = (after < 1) | (after > most) | (counts[owner] > 1)
            good[owner[bad_point]] = False
    whole = points_end - starts - signed
    return good & (whole >= 1), whole


def _bytes_of(values: Any) -> tuple[Any, Any]:
    """Offsets from 0 and the bytes of a string array."""
    _, places, data = values.buffers()
    offsets = np.frombuffer(places, np.int32)[values.offset : values.offset + len(values) + 1]
    codes = np.frombuffer(data, np.uint8) if data is not None else np.empty(0, np.uint8)
    return (offsets - offsets[0]).astype(np.int64), codes[offsets[0] : offsets[-1]]


def _checked(values: Any, good: Any) -> tuple[Any, Any]:
    """The texts of good form without a plus, the others null; and which are of bad form."""
    nulls = _true(pc.is_null(values))
    bad = ~good & ~nulls
    kept = values if not bad.any() else pc.if_else(pa.array(~bad), values, None)
    if _PLUS in _bytes_of(kept)[1]:
        kept = pc.utf8_ltrim(kept, characters="+")
    return kept, bad


def _decimals(values: Any, precision: int, scale: int) -> tuple[Any, Any]:
    good, whole = _number_form(values, scale)
    kept, bad = _checked(values, good)
    long = ~bad & (whole > precision - scale) & ~_true(pc.is_null(values))
    if long.any():
        # Zeros in front count for nothing.
        significant = pc.utf8_ltrim(pc.utf8_ltrim(kept, characters="-"), characters="0")
        places = pc.fill_null(pc.find_substring(significant, "."), -1).to_numpy(zero_copy_only=False)
        lengths = pc.fill_null(pc.binary_length(significant), 0).to_numpy(zero_copy_only=False)
        too_long = long & (np.where(places >= 0, places, lengths) > precision - scale)
        bad = bad | too_long
        kept = _without_leading_zeros(pc.if_else(pa.array(~too_long), kept, None))
    return kept.cast(pa.decimal128(precision, scale)), bad


def _without_leading_zeros(values: Any) -> Any:
    return pc.replace_substring_regex(values, pattern="^(-?)0+([0-9])", replacement="\\1\\2")


def _bigints(values: Any) -> tuple[Any, Any]:
    good, whole = _number_form(values, 0)
    kept, bad = _checked(values, good)
    if not (whole[good] > _SAFE_DIGITS).any():
        return kept.cast(pa.int64()), bad
    wide, too_long = _decimals(kept, 38, 0)
    low, high = pa.scalar(-(2**63), pa.decimal128(38, 0)), pa.scalar(2**63 - 1, pa.decimal128(38, 0))
    fits = pc.and_(pc.greater_equal(wide, low), pc.less_equal(wide, high))
    bad = bad | too_long | _true(pc.invert(fits))
    return pc.if_else(fits, wide, None).cast(pa.int64()), bad


def _doubles(values: Any) -> tuple[Any, Any]:
    good, _ = _number_form(values, None)
    kept, bad = _checked(values, good)
    numbers = kept.cast(pa.float64())
    large = np.flatnonzero(_true(pc.greater_equal(pc.abs(numbers), _EXACT)))
    if len(large):
        wrong = np.zeros(len(values), bool)
        wrong[large] = [beyond_double(values[int(index)].as_py()) for index in large]
        bad = bad | wrong
        numbers = pc.if_else(pa.array(~wrong), numbers, None)
    return numbers, bad


def beyond_double(text: str) -> bool:
    """Whether a number lies beyond 2^53, where a double passes over whole numbers; a half is rounded up."""
    with localcontext(_WIDE):
        return abs(Decimal(text).to_integral_value(ROUND_HALF_UP)) > _EXACT
