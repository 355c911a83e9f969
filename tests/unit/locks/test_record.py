"""What may be done with a lease object, by what it says and how long it was watched."""

from __future__ import annotations

import msgspec
import pytest

from launcher.tables.locks.lease_record import Busy, Free, LeaseRecord, Ours, Stored, answer
from tests.unit.locks.people import ANNA

RECORD = LeaseRecord(owner="o1", token=7, lease_s=300, nonce="n", holder=ANNA)


def stored(**changes):
    return Stored(msgspec.structs.replace(RECORD, **changes), '"e"')


def test_no_object_is_made_with_the_first_token():
    assert answer(None, "o2", 0) == Free(None, 1)


def test_a_released_lease_is_free_and_its_token_goes_on():
    assert answer(stored(released=True), "o2", 0) == Free('"e"', 8)
    assert answer(stored(released=True), "o1", 0) == Free('"e"', 8)


@pytest.mark.parametrize("watched_s", [0, 150, 299.9])
def test_a_lease_that_was_not_watched_for_its_whole_length_is_busy(watched_s):
    assert answer(stored(), "o2", watched_s) == Busy(ANNA, 300)


def test_a_lease_that_did_not_change_for_its_length_is_free_and_names_who_died():
    assert answer(stored(), "o2", 300) == Free('"e"', 8, died=ANNA)


def test_the_holder_s_own_length_counts_and_no_time_that_it_wrote():
    assert answer(stored(lease_s=900.0), "o2", 300) == Busy(ANNA, 900)
    long_ago = msgspec.structs.replace(ANNA, since="1999-01-01T00:00:00Z")
    assert answer(stored(holder=long_ago), "o2", 299) == Busy(long_ago, 300)


def test_our_own_lease_is_recognised_after_a_lost_answer():
    assert answer(stored(), "o1", 0) == Ours()
    assert answer(stored(), "o1", 1000) == Ours()
