"""Event logs on a disk, read again and again while they grow."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from launcher.records.history.eventlog import EventLog
from launcher.records.history.file_lines import FileLines
from launcher.records.history.parts import IN_PROGRESS, local_parts

CHUNK_BYTES = 1 << 20


class LogReader:
    """One application's log, read on from where the last look ended.

    Args:
        path: a file, or a folder ``eventlog_v2_...``.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._tails: dict[str, _Tail] = {}
        self.log = EventLog()

    def poll(self) -> EventLog:
        """Read what was added.

        Raises:
            EventLogError: it is compressed in a way that is not read here, or parts of it were dropped.
        """
        for path in local_parts(self._path):
            key = path.name.removesuffix(IN_PROGRESS)
            if key not in self._tails:
                try:
                    self._tails[key] = _Tail(path)
                except FileNotFoundError:  # renamed at this moment: the next look finds it
                    return self.log
            for lines in self._tails[key].new():
                self.log.take(lines)
        return self.log

    def close(self) -> None:
        """Close its files."""
        for tail in self._tails.values():
            tail.close()


class _Tail:
    """A file that grows."""

    def __init__(self, path: Path) -> None:
        # Held open, because Spark renames the file when the application ends.
        self._stream: BinaryIO = path.open("rb")
        self._lines = FileLines(str(path))

    def new(self) -> Iterator[list[bytes]]:
        while data := self._stream.read(CHUNK_BYTES):
            yield from self._lines.feed(data)

    def close(self) -> None:
        self._stream.close()


def logs(folder: Path) -> list[Path]:
    """The logs of applications in a folder, the newest last; none when there is no such folder."""
    try:
        entries = [entry for entry in folder.iterdir() if not entry.name.startswith(".")]
    except FileNotFoundError:
        return []
    return sorted(entries, key=lambda entry: (entry.stat().st_mtime_ns, entry.name))


def read(path: Path) -> EventLog:
    """Read one application's log as far as it goes.

    Raises:
        EventLogError: as ``LogReader.poll``.
    """
    reader = LogReader(path)
    try:
        return reader.poll()
    finally:
        reader.close()
