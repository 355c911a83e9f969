"""Which errors are a request to stop in disguise."""

from __future__ import annotations

import signal
import threading

import pytest

from sparkjobs.interrupts import (
    Interrupted,
    handling,
    heed_termination,
    keeping_interrupts,
    raising_on_signals,
    stop_behind,
)

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


@pytest.fixture
def ignored():
    """As under nohup, and in the background of a shell: what they set is inherited."""
    numbers = (signal.SIGHUP, signal.SIGINT, signal.SIGTERM)
    before = {number: signal.signal(number, signal.SIG_IGN) for number in numbers}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


def test_what_came_in_ignored_stays_so_and_sigterm_ends_all_the_same(ignored):
    with raising_on_signals():
        for number in (signal.SIGHUP, signal.SIGINT):
            signal.raise_signal(number)
    with pytest.raises(Interrupted) as stop, raising_on_signals():
        signal.raise_signal(signal.SIGTERM)
    assert stop.value.exit_code == 143


def test_children_are_not_left_deaf_to_sigterm(ignored):
    heed_termination()
    assert signal.getsignal(signal.SIGTERM) is signal.SIG_DFL
    assert signal.getsignal(signal.SIGHUP) is signal.SIG_IGN


@pytest.mark.parametrize("number", [signal.SIGHUP, signal.SIGINT, signal.SIGTERM])
def test_a_signal_that_nobody_ignored_is_taken_and_its_handler_put_back(number):
    before, seen = signal.getsignal(number), []
    with handling([number], seen.append):
        signal.raise_signal(number)
    assert seen == [number]
    assert signal.getsignal(number) is before


def test_a_thread_takes_no_signals():
    def work():
        with handling([signal.SIGTERM], lambda number: None):
            seen.append(signal.getsignal(signal.SIGTERM))

    before, seen = signal.getsignal(signal.SIGTERM), []
    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert seen == [before]


def test_a_library_that_takes_interrupts_for_itself_gives_them_back(ignored):
    with keeping_interrupts():
        signal.signal(signal.SIGINT, signal.default_int_handler)
    assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN
