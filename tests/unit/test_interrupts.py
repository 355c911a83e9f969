"""Which errors are a request to stop in disguise."""

from __future__ import annotations

import signal

import pytest

from sparkjobs.interrupts import Interrupted, stop_behind

STOP = Interrupted(signal.SIGTERM)


def raised(do) -> BaseException:
    with pytest.raises(BaseException) as told:
        do()
    return told.value


def fails_on_the_way_out():
    try:
        raise STOP
    finally:
        raise TypeError("'JavaObject' object is not callable")


def is_told_in_other_words():
    try:
        fails_on_the_way_out()
    except TypeError as error:
        raise RuntimeError("the query failed") from error


def has_another_cause_as_well():
    try:
        fails_on_the_way_out()
    except TypeError:
        raise RuntimeError("the query failed") from ValueError("of its own")


@pytest.mark.parametrize("do", [fails_on_the_way_out, is_told_in_other_words, has_another_cause_as_well])
def test_what_fails_because_of_a_stop_is_the_stop(do):
    assert stop_behind(raised(do)) is STOP


def test_an_error_of_its_own_is_none():
    def fails():
        try:
            raise KeyError("a")
        except KeyError:
            raise ValueError("b")  # noqa: B904 - the context is what is looked at

    assert stop_behind(STOP) is STOP
    assert stop_behind(raised(fails)) is None


def test_a_ring_of_errors_is_left_again():
    first, second = ValueError("a"), ValueError("b")
    first.__cause__, second.__cause__ = second, first
    assert stop_behind(first) is None
