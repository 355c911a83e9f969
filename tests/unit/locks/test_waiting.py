"""All locks or none, in one order, now or within a time."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import islice

import pytest
from hypothesis import given
from hypothesis import strategies as st

from launcher.tables.locks.lock import Locked, LockProblem
from launcher.tables.locks.lock_wait import acquire_all, acquire_within, delays_s, give_back
from tests.unit.locks.people import ANNA


@dataclass
class Bench:
    """Locks in memory that write down what is done with them; each is busy for so many looks."""

    busy: dict[str, int] = field(default_factory=dict)
    done: list[str] = field(default_factory=list)
    fails: str = ""

    def lock(self, table):
        return Lock(table, self)


@dataclass
class Lock:
    table: str
    bench: Bench
    lease_s = None
    token = 1
    inherit = ()

    def acquire(self, holder, still_runs):
        if self.bench.busy.get(self.table, 0):
            self.bench.busy[self.table] -= 1
            raise Locked(self.table, ANNA)
        self.bench.done.append(f"+{self.table}")
        return self

    def release(self):
        self.bench.done.append(f"-{self.table}")
        if self.bench.fails == self.table:
            raise LockProblem("disk full")


def nobody(holder):
    raise AssertionError("nobody died")


@given(st.permutations(["/a", "/b", "/c", "/b"]))
def test_locks_are_taken_in_one_order_and_each_once(tables):
    bench = Bench()
    held = acquire_all([bench.lock(table) for table in tables], ANNA, nobody)
    assert bench.done == ["+/a", "+/b", "+/c"]
    assert set(held) == {"/a", "/b", "/c"}


def test_one_busy_table_gives_all_the_others_back():
    bench = Bench(busy={"/c": 1})
    with pytest.raises(Locked, match="/c"):
        acquire_all([bench.lock(table) for table in ("/c", "/b", "/a")], ANNA, nobody)
    assert bench.done == ["+/a", "+/b", "-/a", "-/b"]


def test_what_cannot_be_given_back_holds_up_nothing():
    bench = Bench(fails="/a")
    held = acquire_all([bench.lock("/a"), bench.lock("/b")], ANNA, nobody)
    (problem,) = give_back(held.values())
    assert problem.message == "disk full"
    assert bench.done[-2:] == ["-/a", "-/b"]


@dataclass
class Time:
    """A clock that moves only when somebody waits."""

    now_s: float = 0.0
    waits: list[float] = field(default_factory=list)
    stop_after: int = 10_000

    def pause(self, seconds):
        self.waits.append(seconds)
        self.now_s += seconds
        return len(self.waits) >= self.stop_after

    def within(self, bench, wait_s):
        return acquire_within(
            [bench.lock("/a")], ANNA, nobody, wait_s, clock=lambda: self.now_s, pause=self.pause
        )


def test_without_waiting_a_lock_is_asked_for_once():
    time, bench = Time(), Bench(busy={"/a": 1})
    with pytest.raises(Locked):
        time.within(bench, 0)
    assert time.waits == []
    assert time.within(bench, 0)["/a"].table == "/a"


def test_a_lock_that_becomes_free_in_time_is_taken():
    time = Time()
    assert time.within(Bench(busy={"/a": 5}), 60)["/a"].table == "/a"
    assert len(time.waits) == 5


def test_the_last_look_is_at_the_end_of_the_time():
    time = Time()
    with pytest.raises(Locked):
        time.within(Bench(busy={"/a": 10_000}), 60)
    assert time.now_s == pytest.approx(60)


def test_waiting_ends_when_nobody_wants_the_lock_any_more():
    time = Time(stop_after=3)
    with pytest.raises(Locked):
        time.within(Bench(busy={"/a": 10_000}), 3600)
    assert len(time.waits) == 3


@given(st.floats(0, 1))
def test_delays_grow_to_a_bound_and_are_cut_by_half_at_most(jitter):
    found = list(islice(delays_s(0.5, 5, lambda: jitter), 8))
    whole = [0.5, 1, 2, 4, 5, 5, 5, 5]
    assert all(full / 2 <= delay <= full for delay, full in zip(found, whole, strict=True))
