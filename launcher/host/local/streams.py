"""The standard streams: closed ones, and a way for the driver's stderr past spark-submit, which merges it."""

from __future__ import annotations

import os
import select
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

Write = Callable[[bytes], object]
CHUNK = 1 << 16
# Where the driver's Python finds the pipe; runs/die_with_parent.py opens it.
STDERR_VARIABLE = "SPARKJOBS_STDERR"


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


@contextmanager
def stderr_door(write: Write, folder: Path) -> Iterator[Path]:
    """A named pipe in ``folder`` that stands for stderr; it is removed again.

    spark-submit merges a Python driver's stderr into stdout. A driver that opens this pipe gets its own
    stderr back; one that does not know of it loses nothing.
    """
    path = folder / "stderr"
    path.unlink(missing_ok=True)
    os.mkfifo(path, 0o600)
    try:
        # For reading and writing: no end of file before the driver has come, or between two writers.
        door = os.open(path, os.O_RDWR | os.O_NONBLOCK)
        wake_reader, wake = os.pipe()
        thread = threading.Thread(target=_relay, args=(door, wake_reader, write), daemon=True)
        thread.start()
        try:
            yield path
        finally:
            os.close(wake)  # makes the other end readable: copy what is left and end
            thread.join(timeout=5)
    finally:
        path.unlink(missing_ok=True)


def _relay(door: int, ended: int, write: Write) -> None:
    try:
        while True:
            ready, _, _ = select.select([door, ended], [], [])
            if door in ready:
                write(os.read(door, CHUNK))
            elif ended in ready:
                return
    finally:  # by the thread that reads them: nobody else knows when it is through
        os.close(ended)
        os.close(door)
