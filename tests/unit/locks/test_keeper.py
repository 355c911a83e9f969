"""The thread that renews: it renews, it tells, and it stops. Its clock is the test's."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field

import pytest

from launcher.tables.locks.keeper import Keeper
from launcher.tables.locks.lease import KillRun, Lost, StopRun
from launcher.tables.locks.lock import LockLost, LockProblem

LONG_S = 30


@dataclass
class Held:
    """A lock whose renewals go as the test says; each moves the clock on."""

    renewal: Callable[[int], None]
    lease_s: float | None = 100.0
    table: str = "/lake/t"
    token: int = 1
    requested_s: float = 0.0
    now_s: float = 0.0
    renewals: int = 0
    moved: threading.Event = field(default_factory=threading.Event)

    def renew(self):
        self.renewals += 1
        self.now_s += 10
        self.renewal(self.renewals)

    def clock(self):
        # Time flies while the keeper would wait.
        self.now_s += 10
        return self.now_s


def kept(held):
    """What a keeper tells until the lock is lost."""
    message, lost = [], threading.Event()

    def tell(what):
        message.append(what)
        if isinstance(what, Lost):
            lost.set()

    keeper = Keeper(held, tell, held.clock)
    keeper.start()
    assert lost.wait(LONG_S)
    keeper.stop()
    return message


def test_renewals_go_on_until_the_keeper_is_stopped():
    enough = threading.Event()
    held = Held(lambda count: enough.set() if count >= 20 else None)
    message = []
    keeper = Keeper(held, message.append, held.clock)
    keeper.start()
    assert enough.wait(LONG_S)
    keeper.stop()
    after = held.renewals
    assert message == []
    assert held.renewals == after


def test_a_lock_that_was_taken_is_lost_with_the_reason():
    def taken(count):
        if count == 3:
            raise LockLost("taken over by run r2")

    assert kept(Held(taken)) == [Lost("taken over by run r2")]


@pytest.mark.parametrize("error", [LockProblem("503 SlowDown"), ValueError("a bug"), OSError("gone")])
def test_whatever_keeps_it_from_renewing_ends_the_run(error):
    def fails(count):
        raise error

    message = kept(Held(fails))
    assert {type(what) for what in message} <= {StopRun, KillRun, Lost}
    assert str(error) in message[-1].why


def test_a_lock_without_a_lease_needs_no_thread():
    held = Held(lambda count: None, lease_s=None)
    keeper = Keeper(held, print, held.clock)
    before = threading.active_count()
    keeper.start()
    assert threading.active_count() == before
    keeper.stop()
    assert held.renewals == 0
