"""Stretches of time: merged they cover the same moments, and no more of them than asked for."""

from __future__ import annotations

from datetime import date
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from sparkjobs.transforms.spans import Span, day, day_number, inside, merged

DAY_US = 86_400_000_000

spans = st.lists(
    st.tuples(st.integers(-50, 50), st.integers(0, 10)).map(lambda t: Span(t[0], t[0] + t[1])), max_size=12
)


def moments(of):
    return {moment for span in of for moment in range(span.first_us, span.last_us + 1)}


@given(spans)
def test_merged_spans_cover_the_same_moments(given_spans):
    found = merged(given_spans)
    assert moments(found) == moments(given_spans)
    assert all(one.last_us + 1 < other.first_us for one, other in pairwise(found))


@given(spans, st.integers(1, 4))
def test_of_too_many_the_closest_become_one(given_spans, most):
    found = merged(given_spans, most)
    assert len(found) <= most
    assert moments(given_spans) <= moments(found)
    if len(merged(given_spans)) > most:
        assert len(found) == most


def test_of_three_the_widest_gap_stays():
    assert merged([Span(0, 1), Span(3, 4), Span(10, 11)], 2) == (Span(0, 4), Span(10, 11))


def test_days_before_1970_and_beyond_every_calendar():
    assert [day(day_number(us)) for us in (-1, 0, 86_400_000_000 - 1)] == [
        date(1969, 12, 31),
        date(1970, 1, 1),
        date(1970, 1, 1),
    ]
    assert (day(day_number(-(10**18))), day(day_number(10**18))) == (date.min, date.max)


def test_a_condition_that_delta_can_hold_against_the_statistics_of_files():
    first, last = "1969-12-31T23:59:59.999999Z", "1970-01-02T00:00:00.000000Z"
    bounds = f"t >= TIMESTAMP'{first}' AND t <= TIMESTAMP'{last}'"
    assert inside([Span(-1, DAY_US)], "t") == f"(({bounds}))"
    days = "utc_day BETWEEN DATE'1969-12-31' AND DATE'1970-01-02'"
    assert inside([Span(-1, DAY_US)], "t", "utc_day") == f"(({days} AND {bounds}))"
    assert inside([], "t") == "false"
    assert inside([Span(-(10**18), 10**18), Span(0, 10**18)], "t") == (
        "((true AND true) OR (t >= TIMESTAMP'1970-01-01T00:00:00.000000Z' AND true))"
    )
