"""Where a run's output goes: into its log, and byte for byte to whoever follows."""

from __future__ import annotations

import contextlib
import os
import threading
from pathlib import Path

CHUNK = 1 << 16


class Log:
    """The run's log file; both streams are appended to it in the order in which they come."""

    def __init__(self, path: Path) -> None:
        self._handle = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        self.failed: OSError | None = None

    def write(self, data: bytes) -> None:
        """Append; a full disk is remembered and does not stop the run."""
        try:
            os.write(self._handle, data)
        except OSError as error:
            self.failed = error


class Pump(threading.Thread):
    """Copies one stream of the child to the log and to the follower, until it ends."""

    def __init__(self, source: int, log: Log, follower: int | None) -> None:
        super().__init__(daemon=True)
        self._source, self._log, self._follower = source, log, follower

    def run(self) -> None:
        """Copy; a follower that is gone is forgotten."""
        with contextlib.suppress(OSError):
            while data := os.read(self._source, CHUNK):
                self.put(data)

    def put(self, data: bytes) -> None:
        """Copy one piece."""
        self._log.write(data)
        if self._follower is None:
            return
        try:
            _write_all(self._follower, data)
        except OSError:
            self._follower = None


def _write_all(handle: int, data: bytes) -> None:
    while data:
        data = data[os.write(handle, data) :]
