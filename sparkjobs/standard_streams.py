"""Standard streams that are closed, or whose reader has gone: the exit code is that of the work."""

from __future__ import annotations

import os
import sys


def fill_streams() -> None:
    """Open nothing where a stream is closed: else the next file, a lock or a log, would stand for stdout.

    Python has no stream then, and ``print`` to a missing stderr goes to stdout.
    """
    for number in (0, 1, 2):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # takes the lowest free number, which is this one
    if sys.stdout is None:
        sys.stdout = open(1, "w", encoding="utf-8", closefd=False)  # noqa: SIM115
    if sys.stderr is None:
        sys.stderr = open(2, "w", encoding="utf-8", closefd=False)  # noqa: SIM115


def leave_stream(number: int) -> None:
    """Write to nowhere from now on: whoever read the stream has gone, or its disk is full."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, number)
    os.close(nowhere)
