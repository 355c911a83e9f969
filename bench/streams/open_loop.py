"""Files that arrive when they were meant to, whether the stream keeps up or not."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timezone
from pathlib import Path

# Between two moments at which the rate is asked.
_TICK_S = 0.05
HEADER = "sent_ms,time,key,value\n"


def by_rows(rate: Callable[[float], float], length_s: float, rows: int) -> Iterator[tuple[float, int]]:
    """When each file of so many rows is meant to be sent, in seconds from the start. Pure."""
    sent, at = 0.0, 0.0
    while at < length_s:
        at += _TICK_S
        before, sent = sent, sent + rate(at) * _TICK_S
        for _ in range(int(sent // rows) - int(before // rows)):
            yield at, rows


def by_time(rate: Callable[[float], float], length_s: float, every_s: float) -> Iterator[tuple[float, int]]:
    """A file each so many seconds, with the rows of that time. Pure."""
    for number in range(1, round(length_s / every_s) + 1):
        rows = round(rate((number - 0.5) * every_s) * every_s)
        if rows:
            yield number * every_s, rows


class OpenLoop:
    """Sends files on a thread of its own.

    Each row holds when it was meant to be sent. A file that is late all the same counts from then, so that a
    machine that is too slow makes the latency worse and never better.

    Args:
        folder: where the files arrive; they are written beside it.
        files: when each is meant to be sent, in seconds from the start, and its rows.
        keys: different values of the column ``key``.
    """

    def __init__(self, folder: Path, files: Iterable[tuple[float, int]], keys: int = 100) -> None:
        self._folder, self._files, self._keys = folder, files, keys
        self._thread = threading.Thread(target=self._send, daemon=True)
        self.began_s = 0.0
        self.sent = 0
        self.log: list[tuple[int, int]] = []
        folder.mkdir(parents=True, exist_ok=True)

    def start(self) -> None:
        """Begin."""
        self.began_s = time.time()
        self._thread.start()

    def join(self) -> None:
        """Wait until the last file is there."""
        self._thread.join()

    def put(self, name: str, sent_s: float, rows: int) -> None:
        """One file."""
        sent = f"{round(sent_s * 1000)},{datetime.fromtimestamp(sent_s, timezone.utc).isoformat()}"
        lines = (f"{sent},{(self.sent + n) % self._keys},{n % 97}\n" for n in range(rows))
        made = self._folder.with_name(f"{self._folder.name}-{name}")
        made.write_text(HEADER + "".join(lines), encoding="utf-8")
        made.rename(self._folder / f"{name}.csv")
        self.sent += rows
        self.log.append((round(sent_s * 1000), rows))

    def _send(self) -> None:
        for number, (at, rows) in enumerate(self._files):
            time.sleep(max(0.0, self.began_s + at - time.time()))
            self.put(f"{number:08d}", self.began_s + at, rows)
