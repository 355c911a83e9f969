"""Typing a column of text: the values that Python finds one by one, and no others."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Context, Decimal, localcontext

import pyarrow as pa
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from sparkjobs.kernels.typed_text import type_text

BAD = "bad"
SIGNS = st.sampled_from(["", "", "-", "+"])
DIGITS = st.text("0123456789", min_size=1, max_size=41)
numbers = st.builds(
    lambda sign, whole, rest: sign + whole + rest,
    SIGNS,
    DIGITS,
    st.one_of(st.just(""), DIGITS.map(lambda d: f".{d}")),
)
texts = st.one_of(
    st.none(),
    numbers,
    st.text("0123456789+-.e ٣", max_size=8),
    st.sampled_from(
        ["9223372036854775807", "9223372036854775808", "-9223372036854775808", "-9223372036854775809"]
    ),
    st.sampled_from(
        ["9007199254740992", "9007199254740993", "9007199254740992.5", "9" * 400, "1" + "0" * 308]
    ),
)
DIGIT_OF_TIME = st.integers(0, 99).map("{:02d}".format)
times = st.builds(
    "".join,
    st.tuples(
        st.sampled_from(["0001", "1582", "1900", "2000", "2024", "2026", "9999"]),
        st.just("-"),
        DIGIT_OF_TIME,
        st.just("-"),
        DIGIT_OF_TIME,
        st.sampled_from(" T"),
        DIGIT_OF_TIME,
        st.just(":"),
        DIGIT_OF_TIME,
        st.just(":"),
        DIGIT_OF_TIME,
        st.one_of(st.just(""), st.text("0123456789", min_size=1, max_size=7).map(lambda d: f".{d}")),
        st.sampled_from(["", "", "Z", "+01:00", "-05:30", "+18:01"]),
    ),
)


def expected(kind: str, text: str | None):
    if text is None:
        return None
    whole = re.fullmatch(r"[+-]?[0-9]+", text)
    number = re.fullmatch(r"[+-]?[0-9]+(\.[0-9]+)?", text)
    decimal = re.fullmatch(r"decimal\((\d+),(\d+)\)", kind)
    with localcontext(Context(prec=1000)):
        if kind == "bigint":
            return int(text) if whole and -(2**63) <= int(text) < 2**63 else BAD
        if kind == "double":
            if not number or abs(Decimal(text).to_integral_value(ROUND_HALF_UP)) > 2**53:
                return BAD
            return float(text)
        assert decimal
        digits, scale = int(decimal[1]), int(decimal[2])
        fits = number and len(text.partition(".")[2]) <= scale
        return Decimal(text) if fits and abs(Decimal(text)) < Decimal(10) ** (digits - scale) else BAD


@pytest.mark.parametrize(
    "kind", ["bigint", "double", "decimal(38,9)", "decimal(10,2)", "decimal(38,0)", "decimal(5,5)"]
)
@given(values=st.lists(texts, max_size=30), skipped=st.integers(0, 2))
def test_numbers_are_those_of_python(kind, values, skipped):
    column = pa.array(["zz"] * skipped + values, pa.string()).slice(skipped)
    typed, wrong = type_text(column, kind)
    wanted = [expected(kind, text) for text in values]
    assert [value is not None and value == BAD for value in wanted] == wrong.tolist()
    assert typed.to_pylist() == [None if value == BAD else value for value in wanted]


def moment(text: str) -> int | None:
    """Microseconds since 1970, by Python's own reading."""
    match = re.fullmatch(r"(.{10})[ T](\d\d:\d\d:\d\d)(?:\.(\d{1,6}))?(Z|[+-]\d\d:\d\d)?", text)
    if match is None:
        return None
    date, clock, fraction, zone = match.groups()
    ahead = 0 if zone in (None, "Z") else int(zone[0] + "1") * (int(zone[1:3]) * 60 + int(zone[4:]))
    try:
        whole = datetime.fromisoformat(f"{date}T{clock}") - datetime(1970, 1, 1)
    except ValueError:
        return None
    if abs(ahead) > 18 * 60:
        return None
    return (whole - timedelta(minutes=ahead)) // timedelta(microseconds=1) + int(
        (fraction or "0").ljust(6, "0")
    )


@given(st.lists(st.one_of(st.none(), times), max_size=40))
@example(["2024-02-29 00:00:00", "2023-02-29 00:00:00", "1900-02-29 00:00:00", "2000-02-29 23:59:59.999999"])
def test_times_are_those_of_python(values):
    typed, wrong = type_text(pa.array(values, pa.string()), "timestamp")
    wanted = [None if text is None else moment(text) for text in values]
    assert typed.cast(pa.int64()).to_pylist() == wanted
    assert wrong.tolist() == [
        text is not None and found is None for text, found in zip(values, wanted, strict=True)
    ]


def test_days_minutes_and_words():
    typed, wrong = type_text(
        pa.array(["2026-01-31", "2026-01-31 05:00", "2026-01-31T05:00Z", "2026-01-31Z", ""]), "timestamp"
    )
    assert typed.cast(pa.int64()).to_pylist() == [1769817600000000, 1769835600000000, None, None, None]
    assert wrong.tolist() == [False, False, True, True, True]
    typed, wrong = type_text(pa.array(["true", "false", "True", None]), "boolean")
    assert (typed.to_pylist(), wrong.tolist()) == ([True, False, None, None], [False, False, True, False])
