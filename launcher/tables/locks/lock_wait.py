"""Taking the locks of several tables: all or none, now or within a time."""

from __future__ import annotations

import logging
import random
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence

from launcher.tables.locks.clock import uptime_s
from launcher.tables.locks.holder import Holder
from launcher.tables.locks.lock import Held, Locked, LockProblem, StillRuns, TableLock

_LOG = logging.getLogger(__name__)
_FIRST_S = 0.5
_LONGEST_S = 5.0


def acquire_all(locks: Sequence[TableLock], holder: Holder, still_runs: StillRuns) -> dict[str, Held]:
    """Take every lock or none, without waiting; always in one order, so that two runs never block each other.

    Args:
        locks: of any tables; one that is named twice is taken once.
        holder: who takes them.
        still_runs: see ``TableLock.acquire``.

    Returns:
        The held locks by table.

    Raises:
        Locked, LockProblem, EnvironmentProblem: from the first that says no; the others are given back.
    """
    wanted = {lock.table: lock for lock in locks}
    held: dict[str, Held] = {}
    try:
        for table in sorted(wanted):
            held[table] = wanted[table].acquire(holder, still_runs)
    except BaseException:
        for problem in give_back(held.values()):
            _LOG.warning("%s", problem)
        raise
    return held


def acquire_within(
    locks: Sequence[TableLock],
    holder: Holder,
    still_runs: StillRuns,
    wait_s: float,
    *,
    clock: Callable[[], float] = uptime_s,
    pause: Callable[[float], bool] | None = None,
) -> dict[str, Held]:
    """Take every lock, asking again while another run has one.

    Args:
        locks: see ``acquire_all``.
        holder: who takes them.
        still_runs: see ``TableLock.acquire``.
        wait_s: how long to go on asking, seconds; 0 asks once.
        clock: seconds; never goes back.
        pause: waits so many seconds and answers ``True`` when nobody wants the locks any more
            (``threading.Event.wait``).

    Raises:
        Locked: another run has one, and the time is over.
    """
    pause = pause or threading.Event().wait
    until_s = clock() + wait_s
    for delay_s in delays_s(_FIRST_S, _LONGEST_S):
        try:
            return acquire_all(locks, holder, still_runs)
        except Locked:
            left_s = until_s - clock()
            if left_s <= 0 or pause(min(delay_s, left_s)):
                raise
    raise AssertionError("delays never end")


def give_back(held: Iterable[Held]) -> list[LockProblem]:
    """Give locks back, each for itself; answers what went wrong."""
    problems = []
    for lock in held:
        try:
            lock.release()
        except LockProblem as problem:
            problems.append(problem)
    return problems


def delays_s(
    first_s: float, longest_s: float, jitter: Callable[[], float] = random.random
) -> Iterator[float]:
    """Endless delays that double up to ``longest_s``, each cut by up to a half at random.

    Args:
        first_s: the first, before the cut, seconds.
        longest_s: the most, seconds.
        jitter: numbers from 0 to 1.
    """
    delay_s = first_s
    while True:
        yield delay_s * (1 - jitter() / 2)
        delay_s = min(2 * delay_s, longest_s)
