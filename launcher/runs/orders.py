"""What the launcher and the system tell the supervisor: bytes on a pipe, and signals."""

from __future__ import annotations

import signal
from collections.abc import Callable, Mapping
from types import FrameType
from typing import Protocol

from launcher.runs import events as e
from sparkjobs.exits import EXIT_HANGUP, EXIT_INTERRUPTED, EXIT_TERMINATED

Post = Callable[[e.Event], None]

ORDERS: Mapping[bytes, e.Event] = {
    b"T": e.StopAsked("SIGTERM", EXIT_TERMINATED),
    b"I": e.StopAsked("SIGINT", EXIT_INTERRUPTED),
    b"H": e.StopAsked("SIGHUP", EXIT_HANGUP),
    b"K": e.KillAsked("a second interrupt"),
}
GONE = e.StopAsked("the launcher is gone", EXIT_TERMINATED)
# ``cancel`` comes as SIGUSR1, so that the record can tell it from a shutdown.
SIGNALS: Mapping[signal.Signals, e.Event] = {
    signal.SIGTERM: ORDERS[b"T"],
    signal.SIGINT: ORDERS[b"I"],
    signal.SIGHUP: ORDERS[b"H"],
    signal.SIGUSR1: e.StopAsked("cancel", EXIT_TERMINATED),
}


class Pipe(Protocol):
    """What orders come through."""

    def read(self, size: int, /) -> bytes | None:
        """The next bytes; none at the end."""


def read_orders(pipe: Pipe, post: Post) -> None:
    """Hand on each order; the end of the pipe is one as well."""
    while order := pipe.read(1):
        if order in ORDERS:
            post(ORDERS[order])
    post(GONE)


def on_signals(post: Post) -> None:
    """Hand on signals to this process."""

    def handle(number: int, _: FrameType | None) -> None:
        post(SIGNALS[signal.Signals(number)])

    for number in SIGNALS:
        signal.signal(number, handle)
