"""Wait for a run: signals to this process go to the supervisor, figures of the run become lines."""

from __future__ import annotations

import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from launcher.runs.handle import Handle
from sparkjobs.interrupts import handling

CONTROL_BY_SIGNAL = {signal.SIGTERM: b"T", signal.SIGINT: b"I", signal.SIGHUP: b"H"}
TICK_S = 1.0
SUBMIT_S = 600.0


def follow(handle: Handle, tick: Callable[[], None]) -> dict[str, Any]:
    """Wait for the end; answers the JSON result.

    Args:
        handle: the run.
        tick: called about once a second.

    Raises:
        LostRun: the supervisor died, and nobody knows the end.
    """
    with _control_from_signals(handle):
        while True:
            try:
                return handle.result(TICK_S)
            except TimeoutError:
                tick()


@contextmanager
def _control_from_signals(handle: Handle) -> Iterator[None]:
    interrupts = 0

    def forward(number: signal.Signals) -> None:
        nonlocal interrupts
        interrupts += number is signal.SIGINT
        handle.send(b"K" if interrupts > 1 else CONTROL_BY_SIGNAL[number])

    with handling(CONTROL_BY_SIGNAL, forward):
        yield


def until_submitted(handle: Handle, lock_wait_s: float = 0.0) -> None:
    """Wait until it is submitted or has ended before that; ten minutes at most, beside the wait for locks."""
    assert handle.supervisor is not None
    deadline = time.monotonic() + lock_wait_s + SUBMIT_S
    while handle.status().state.value in ("PLANNED", "LOCKED") and time.monotonic() < deadline:
        try:
            handle.supervisor.wait(0.1)
            return
        except subprocess.TimeoutExpired:
            continue
