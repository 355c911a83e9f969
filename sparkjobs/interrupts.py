"""Signals as exceptions, so that a job ends its session and says what happened."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from sparkjobs.exits import EXIT_HANGUP, EXIT_INTERRUPTED, EXIT_TERMINATED

_CODES = {
    signal.SIGTERM: EXIT_TERMINATED,
    signal.SIGINT: EXIT_INTERRUPTED,
    signal.SIGHUP: EXIT_HANGUP,
}


class Interrupted(BaseException):
    """The process was told to stop; not an ``Exception``, so that no retry swallows it."""

    def __init__(self, number: signal.Signals) -> None:
        super().__init__(f"stopped by {number.name}")
        self.exit_code = _CODES[number]


def stop_behind(error: BaseException) -> Interrupted | None:
    """The request to stop that an error comes from; ``None`` for an error of its own.

    A talk with the JVM that is cut short leaves it out of step, and whatever the way out still asks of it
    fails: those errors say nothing about the job.
    """
    waiting, seen = [error], set[int]()
    while waiting:
        one = waiting.pop()
        if isinstance(one, Interrupted):
            return one
        seen.add(id(one))
        waiting += [e for e in (one.__cause__, one.__context__) if e is not None and id(e) not in seen]
    return None


@contextmanager
def raising_on_signals() -> Iterator[None]:
    """Turn SIGTERM, SIGINT and SIGHUP into ``Interrupted`` inside the block."""

    def stop(number: int, _: FrameType | None) -> None:
        raise Interrupted(signal.Signals(number))

    before = {number: signal.signal(number, stop) for number in _CODES}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
