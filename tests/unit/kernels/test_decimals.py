"""The digits of decimals as bigints, and what is beyond them."""

from __future__ import annotations

from decimal import Context, Decimal

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sparkjobs.kernels.decimals import unscaled

ENDS = [0, 1, -1, 2**63 - 1, -(2**63), 2**63, -(2**63) - 1, 2**64, 10**38 - 1, 1 - 10**38]
DIGITS = st.one_of(st.none(), st.sampled_from(ENDS), st.integers(1 - 10**38, 10**38 - 1), st.integers(-9, 9))


def fits(digits):
    return digits is not None and -(2**63) <= digits < 2**63


@given(st.lists(DIGITS, max_size=40), st.integers(0, 3), st.sampled_from([0, 9, 38]))
def test_each_value_is_in_one_of_the_two(digits, cut, scale):
    kind = pa.decimal128(38, scale)
    values = [None if d is None else Decimal(d).scaleb(-scale, Context(prec=60)) for d in digits]
    short, long = unscaled(pa.array(values, kind).slice(cut))
    assert (short.type, long.type) == (pa.int64(), kind)
    assert short.to_pylist() == [d if fits(d) else None for d in digits[cut:]]
    wanted = [None if fits(d) else value for d, value in zip(digits, values, strict=True)]
    assert long.to_pylist() == wanted[cut:]


@pytest.mark.parametrize("count", [0, 1, 5])
def test_all_null(count):
    short, long = unscaled(pa.nulls(count, pa.decimal128(38, 9)))
    assert short.to_pylist() == long.to_pylist() == [None] * count
