"""Where a run's output goes: into its log, and byte for byte to whoever follows."""

from __future__ import annotations

import contextlib
import os
import select
import threading
from pathlib import Path

from launcher.records.store import RunFolder
from launcher.redact import masked_text

CHUNK = 1 << 16
# A pipe that is ready takes at least this much without making the writer wait.
PIECE = select.PIPE_BUF
LOOK_S = 0.2


class Log:
    """The run's log file; both streams are appended to it in the order in which they come."""

    def __init__(self, path: Path) -> None:
        self._handle = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        self.failed: OSError | None = None

    def write(self, data: bytes) -> None:
        """Append; a full disk is remembered and does not stop the run."""
        try:
            while data:
                data = data[os.write(self._handle, data) :]
        except OSError as error:
            self.failed = error


class Logs:
    """Several logs that get the same."""

    def __init__(self, *logs: Log) -> None:
        self._logs = logs

    def write(self, data: bytes) -> None:
        """Append to each."""
        for log in self._logs:
            log.write(data)


def append_log(folder: RunFolder, text: str) -> None:
    """Add what the run wrote elsewhere to its log, as far as there is room."""
    with contextlib.suppress(OSError):
        Log(folder.log).write(text.encode("utf-8", "backslashreplace"))


class Pump(threading.Thread):
    """Copies one stream of the child to the log and to the follower, until it ends."""

    def __init__(self, source: int, log: Log | Logs, follower: int | None) -> None:
        super().__init__(daemon=True)
        self._source, self._log, self._follower = source, log, follower
        self._left = threading.Event()

    def leave_follower(self) -> None:
        """Wait no longer for a follower that does not read; the log goes on."""
        self._left.set()

    def run(self) -> None:
        """Copy; a follower that is gone is forgotten."""
        with contextlib.suppress(OSError):
            while data := os.read(self._source, CHUNK):
                self.put(data)

    def put(self, data: bytes) -> None:
        """Copy one piece."""
        self._log.write(data)
        self.show(data)

    def show(self, data: bytes) -> None:
        """Hand one piece to the follower alone."""
        if self._follower is None:
            return
        try:
            self._tell(self._follower, data)
        except OSError:
            self._follower = None

    def _tell(self, follower: int, data: bytes) -> None:
        while data and not self._left.is_set():
            if ready_to_write(follower, LOOK_S):
                data = data[os.write(follower, data[:PIECE]) :]


def say(text: str) -> None:
    """One line on stderr, unless nobody takes it; secrets are masked."""
    with contextlib.suppress(OSError):
        if ready_to_write(2, 0):
            os.write(2, masked_text(text).encode("utf-8", "backslashreplace") + b"\n")


def ready_to_write(handle: int, seconds: float) -> bool:
    """Whether somebody takes what is written, now or within the time."""
    return bool(select.select([], [handle], [], seconds)[1])
