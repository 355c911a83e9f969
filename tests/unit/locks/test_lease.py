"""The policy of a lease by a made-up clock: when to renew, when to stop, kill and give up."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from launcher.tables.locks.lease import (
    KillRun,
    Lease,
    Lost,
    NotRenewed,
    Renew,
    Renewed,
    Stage,
    StopRun,
    Taken,
    Terms,
    Tick,
    granted,
    next_look_s,
    step,
)

TERMS = Terms(300.0)


def at(lease, now_s, event=None):
    """The lease and the kinds of instructions after an event."""
    lease, seen = step(lease, event or Tick(), now_s)
    return lease, [type(instruction) for instruction in seen]


def failing(lease, until_s, every_s=5.0):
    """What is told, and when, while every renewal fails."""
    seen, now_s = [], lease.tried_s
    while now_s < until_s:
        now_s += every_s
        lease, instructions = step(lease, Tick(), now_s)
        for instruction in instructions:
            if isinstance(instruction, Renew):
                lease, more = step(lease, NotRenewed(now_s, "503 SlowDown"), now_s)
                instructions = (*instructions, *more)
        seen += [(now_s, instruction) for instruction in instructions if not isinstance(instruction, Renew)]
    return seen


def test_the_usual_times_are_those_of_the_page():
    assert (TERMS.heartbeat_s, TERMS.retry_s, TERMS.request_s) == (30, 5, 10)
    assert [TERMS.passed(s) for s in (0, 149.9, 150, 240, 299.9, 300)] == [
        Stage.HELD,
        Stage.HELD,
        Stage.STOP,
        Stage.KILL,
        Stage.KILL,
        Stage.LOST,
    ]


def test_a_lease_is_renewed_at_every_heartbeat_and_not_before():
    lease = granted(TERMS, 1000)
    lease, seen = at(lease, 1029.9)
    assert seen == []
    lease, seen = at(lease, 1030)
    assert seen == [Renew]
    lease, seen = at(lease, 1031, Renewed(1030))
    assert seen == []
    assert at(lease, 1059)[1] == []
    assert at(lease, 1060)[1] == [Renew]


def test_a_lease_counts_from_when_the_renewal_was_sent():
    lease, _ = at(granted(TERMS, 0), 30)
    lease, _ = at(lease, 140, Renewed(30))  # the answer took 110 s
    assert at(lease, 179)[1] == [Renew]
    assert at(lease, 180)[1] == [StopRun, Renew]


def test_a_failed_renewal_is_tried_again_soon():
    lease, _ = at(granted(TERMS, 0), 30)
    lease, _ = at(lease, 31, NotRenewed(30, "no answer"))
    assert at(lease, 34)[1] == []
    assert at(lease, 35)[1] == [Renew]


def test_without_renewal_the_run_is_stopped_then_killed_then_the_lock_is_lost():
    seen = failing(granted(TERMS, 0), 400)
    assert [(now_s, type(what)) for now_s, what in seen] == [(150, StopRun), (240, KillRun), (300, Lost)]
    assert seen[0][1].why == "the lease was not renewed for 150 of 300 s: 503 SlowDown"


def test_a_renewal_after_the_stop_keeps_the_lock_but_does_not_take_the_stop_back():
    lease, _ = at(granted(TERMS, 0), 150)
    lease, seen = at(lease, 151, Renewed(150))
    assert (lease.stage, seen) == (Stage.STOP, [])
    assert at(lease, 180)[1] == [Renew]
    assert at(lease, 300 + 150)[1] == [Lost]


@pytest.mark.parametrize(
    ("slept_s", "seen"), [(160, [StopRun, Renew]), (250, [KillRun, Renew]), (300, [Lost]), (86400, [Lost])]
)
def test_a_holder_that_slept_is_told_the_gravest_alone(slept_s, seen):
    assert at(granted(TERMS, 0), slept_s)[1] == seen


def test_a_lock_that_is_another_ones_is_lost_at_once():
    lease, seen = step(granted(TERMS, 0), Taken("run r2 took it"), 31)
    assert seen == (Lost("run r2 took it"),)
    assert step(lease, Tick(), 400)[1] == ()
    assert step(lease, Renewed(399), 400) == (lease, ())


def test_the_next_look_is_never_late():
    lease = granted(TERMS, 0)
    assert next_look_s(lease, 0) == 30
    assert next_look_s(lease, 45) == 0
    tried = Lease(TERMS, renewed_s=0, tried_s=148, why="no answer")
    assert next_look_s(tried, 148) == 2


@given(
    lease_s=st.floats(1, 3600),
    steps=st.lists(
        st.tuples(st.floats(0.01, 400), st.sampled_from(["fails", "works", "taken"])), max_size=60
    ),
)
def test_whatever_happens_nobody_goes_on_past_the_end_of_a_lease(lease_s, steps):
    lease, now_s, stages = granted(Terms(lease_s), 0.0), 0.0, []
    for passed_s, what in steps:
        now_s += passed_s
        lease, seen = step(lease, Tick(), now_s)
        if any(isinstance(instruction, Renew) for instruction in seen):
            events = {"fails": NotRenewed(now_s, "x"), "works": Renewed(now_s), "taken": Taken("x")}
            lease, more = step(lease, events[what], now_s)
            seen = (*seen, *more)
        stages += [instruction for instruction in seen if not isinstance(instruction, Renew)]
        if now_s - lease.renewed_s >= lease_s:
            assert lease.stage is Stage.LOST
    order = [(StopRun, KillRun, Lost).index(type(instruction)) for instruction in stages]
    assert order == sorted(set(order))
    assert next_look_s(lease, now_s) <= lease_s
