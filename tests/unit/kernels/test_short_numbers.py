"""Numbers taken from their bytes: no text is taken that JSON does not have, and each has its exact value."""

from __future__ import annotations

import re
from decimal import Decimal
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sparkjobs.kernels.short_numbers import short_numbers

FORM = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?")
KINDS = ("bigint", "double", "decimal(38,9)", "decimal(10,2)", "decimal(5,0)", "decimal(38,20)")


def taken(texts, kind, between=b'": '):
    """The value of each text that was taken, by its index."""
    parts, starts, ends = [between * 4], [], []
    at = len(parts[0])
    for text in texts:
        starts.append(at)
        ends.append(at + len(text))
        parts += [text, between]
        at += len(text) + len(between)
    data = b"".join(parts) + b" " * 8
    values, good = short_numbers(data, np.array(starts, np.int64), np.array(ends, np.int64), kind)
    assert len(values) == len(texts)
    return {i: values[int(i)].as_py() for i in np.flatnonzero(good)}


def right(text, value, kind):
    """Whether a text has this value in a column of this kind."""
    if not FORM.fullmatch(text) or text == "-0":
        return False
    if kind == "double":
        return (value, str(value)[0] == "-") == (float(text), text[0] == "-")
    return Decimal(text) == value


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("between", [b'": ', b".1:", b"000", b"\n{}"])
def test_every_short_text(kind, between):
    alphabet = b"0159+-.,/:eN \xff"
    texts = [bytes(codes) for length in range(1, 5) for codes in product(alphabet, repeat=length)]
    got = taken(texts, kind, between)
    wrong = [texts[i] for i, value in got.items() if not right(texts[i].decode("latin-1"), value, kind)]
    assert not wrong
    assert taken([b""], kind, between) == {}
    # The plain ones are not left to others.
    scale = {"bigint": 0, "double": 9, "decimal(38,9)": 9, "decimal(10,2)": 2, "decimal(5,0)": 0}.get(kind)
    if scale is not None:
        plain = rf"-?[1-9][0-9]*(\.[0-9]{{1,{scale}}})?" if scale else "-?[1-9][0-9]*"
        left = [text for i, text in enumerate(texts) if re.fullmatch(plain.encode(), text) and i not in got]
        assert not left


numbers = st.one_of(
    st.decimals(-(10**9), 10**9, places=2).map(str),
    st.integers(-(10**20), 10**20).map(str),
    st.tuples(st.integers(-(10**17), 10**17), st.text("0123456789", max_size=12)).map(
        lambda p: f"{p[0]}.{p[1]}"
    ),
    st.text("0123456789.-+", min_size=1, max_size=20),
)


@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=150, deadline=None)
@given(texts=st.lists(numbers, min_size=1, max_size=20))
def test_long_numbers(kind, texts):
    for i, value in taken([text.encode() for text in texts], kind).items():
        assert right(texts[i], value, kind), texts[i]


@pytest.mark.parametrize("text", [b"5", b"-1", b"12345678", b"1234567890123", b"1.25"])
@pytest.mark.parametrize("before", range(6))
def test_a_number_at_the_begin_of_the_bytes(text, before):
    data = b"9" * before + text + b" " * 16
    at = np.array([before]), np.array([before + len(text)])
    values, good = short_numbers(data, *at, "decimal(38,9)")
    assert not good[0] or values[0].as_py() == Decimal(text.decode())


def test_no_number_at_all():
    none = np.empty(0, np.int64)
    values, good = short_numbers(b" " * 8, none, none, "bigint")
    assert (len(values), len(good)) == (0, 0)
