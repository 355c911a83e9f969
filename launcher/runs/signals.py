"""What the launcher and the system tell the supervisor: bytes on a pipe, and signals."""

from __future__ import annotations

import signal
from collections.abc import Callable, Mapping
from types import FrameType
from typing import Protocol

from launcher.runs import run_events as e
from sparkjobs.exits import EXIT_HANGUP, EXIT_INTERRUPTED, EXIT_TERMINATED
from sparkjobs.interrupts import heeded

Post = Callable[[e.Event], None]

CONTROL_BYTES: Mapping[bytes, e.Event] = {
    b"T": e.StopRequested("SIGTERM", EXIT_TERMINATED),
    b"I": e.StopRequested("SIGINT", EXIT_INTERRUPTED),
    b"H": e.StopRequested("SIGHUP", EXIT_HANGUP),
    b"K": e.KillRequested("a second interrupt"),
}
GONE = e.StopRequested("the launcher is gone", EXIT_TERMINATED)
# ``cancel`` comes as SIGUSR1, so that the record can tell it from a shutdown.
SIGNALS: Mapping[signal.Signals, e.Event] = {
    signal.SIGTERM: CONTROL_BYTES[b"T"],
    signal.SIGINT: CONTROL_BYTES[b"I"],
    signal.SIGHUP: CONTROL_BYTES[b"H"],
    signal.SIGUSR1: e.StopRequested("cancel", EXIT_TERMINATED),
}


class Pipe(Protocol):
    """What control bytes come through."""

    def read(self, size: int, /) -> bytes | None:
        """The next bytes; none at the end."""


def read_control(pipe: Pipe, post: Post) -> None:
    """Hand on each byte as its event; the end of the pipe is one as well."""
    while control := pipe.read(1):
        if control in CONTROL_BYTES:
            post(CONTROL_BYTES[control])
    post(GONE)


def on_signals(post: Post) -> None:
    """Hand on signals to this process, but for those that it came with as ignored (nohup)."""

    def handle(number: int, _: FrameType | None) -> None:
        post(SIGNALS[signal.Signals(number)])

    for number in filter(heeded, SIGNALS):
        signal.signal(number, handle)
