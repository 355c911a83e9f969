"""Signals as exceptions, so that a job ends its session and says what happened."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterable, Iterator
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


def heeded(number: signal.Signals) -> bool:
    """Whether a signal is to be taken: always SIGTERM, others unless whoever started us had them ignored.

    That is what ``nohup`` and the ``&`` of a shell without job control say: a terminal that goes away, or an
    interrupt meant for somebody else, is not to end this process.
    """
    return number is signal.SIGTERM or signal.getsignal(number) is not signal.SIG_IGN


def heed_termination() -> None:
    """Let SIGTERM end this process and those that it starts, even where it came in ignored."""
    in_main = threading.current_thread() is threading.main_thread()
    if in_main and signal.getsignal(signal.SIGTERM) is signal.SIG_IGN:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)


@contextmanager
def handling(numbers: Iterable[signal.Signals], handle: Callable[[signal.Signals], None]) -> Iterator[None]:
    """Call ``handle`` for each of the signals that are heeded, inside the block.

    Only the main thread can take signals: in another one the block runs without.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def take(number: int, _: FrameType | None) -> None:
        handle(signal.Signals(number))

    before = {number: signal.signal(number, take) for number in numbers if heeded(number)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextmanager
def keeping_interrupts() -> Iterator[None]:
    """Put back what SIGINT did, when the block has set another handler.

    Each SparkContext sets one of its own (``SparkContext._do_init``), even where SIGINT is ignored.
    """
    before = signal.getsignal(signal.SIGINT)
    try:
        yield
    finally:
        if threading.current_thread() is threading.main_thread() and before is not None:
            signal.signal(signal.SIGINT, before)


@contextmanager
def raising_on_signals() -> Iterator[None]:
    """Turn SIGTERM, SIGINT and SIGHUP into ``Interrupted`` inside the block, where they are heeded."""

    def stop(number: signal.Signals) -> None:
        raise Interrupted(number)

    with handling(_CODES, stop):
        yield
