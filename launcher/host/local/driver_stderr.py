"""A way for the driver's stderr past spark-submit, which merges it into stdout."""

from __future__ import annotations

import os
import select
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

Write = Callable[[bytes], object]
CHUNK = 1 << 16
# Where the driver's Python finds the pipe; runs/die_with_parent.py opens it.
STDERR_VARIABLE = "SPARKJOBS_STDERR"


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
