"""A stream that ends by itself: after batches, seconds, or a time without work."""

from __future__ import annotations

import signal

import pytest

from sparkjobs.errors import UsageError
from sparkjobs.interrupts import Interrupted
from sparkjobs.streaming.ends import EndParams, Ends, check_ends
from sparkjobs.streaming.stop import StopRequest
from tests.unit.streaming.test_progress import LINE, Clock


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def stop(clock):
    return StopRequest(60, clock)


def ends(stop, clock, busy=lambda: False, **flags):
    return Ends(EndParams(**flags), stop, busy, clock)


def test_without_flags_it_never_ends(stop, clock):
    found = ends(stop, clock)
    for _ in range(1000):
        found.batch_done(LINE)
        clock.s += 1e6
        found.looked()
    assert not stop.requested


def test_after_so_many_batches(stop, clock):
    found = ends(stop, clock, max_batches=2)
    found.batch_done(LINE)
    assert not stop.requested
    found.batch_done(LINE)
    assert stop.requested


def test_after_so_many_seconds_no_batch_begins_and_the_running_one_has_all_its_time(stop, clock):
    ends(stop, clock, max_seconds=10)
    clock.s += 9.9
    assert not stop.requested
    clock.s += 0.1
    assert stop.requested
    clock.s += 1e6
    stop.enforce()  # nobody asked by a signal


def test_a_signal_after_that_has_its_own_time(stop, clock):
    ends(stop, clock, max_seconds=0)
    clock.s += 1000
    stop.ask(signal.SIGTERM)
    stop.enforce()
    clock.s += 60
    with pytest.raises(Interrupted):
        stop.enforce()


def test_idle_is_counted_from_the_last_work(stop, clock):
    working = [True]
    found = ends(stop, clock, lambda: working[0], until_idle=5)
    clock.s += 100
    found.looked()  # a batch runs or waits
    working[0] = False
    clock.s += 4
    found.batch_done(LINE)
    clock.s += 4
    found.looked()
    assert not stop.requested
    clock.s += 1
    found.looked()
    assert stop.requested


def test_a_stream_that_finds_nothing_at_all_ends_too(stop, clock):
    found = ends(stop, clock, until_idle=5)
    found.looked()
    assert not stop.requested
    clock.s += 5
    found.looked()
    assert stop.requested


def test_an_end_that_can_never_come_is_refused():
    check_ends(None, "available-now")
    check_ends(5.0, "10 seconds")
    with pytest.raises(UsageError, match="--until-idle"):
        check_ends(5.0, "available-now")


def test_a_batch_that_ran_for_longer_than_the_idle_time_was_work(stop, clock):
    busy = [True]
    found = ends(stop, clock, lambda: busy[0], until_idle=10)
    found.looked()
    for _ in range(100):
        clock.s += 1
        found.runs_on()
    busy[0] = False  # the look after the batch comes before the batch is told
    found.looked()
    assert not stop.requested
