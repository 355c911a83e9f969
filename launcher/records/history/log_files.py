"""Event logs on a disk: plain, zstd, and the folders of rolled logs; read again and again while they grow."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

from launcher.records.history.eventlog import EventLog
from launcher.records.record import Totals
from sparkjobs.errors import DataError

CHUNK_BYTES = 1 << 20
IN_PROGRESS = ".inprogress"
_ROLLED = re.compile(r"events_(?P<number>\d+)_.*")
_ZSTD = (".zstd", ".zst")
_NOT_READ = (".lz4", ".lzf", ".snappy", ".compact")


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
            DataError: it is compressed in a way that is not read here, or parts of it were dropped.
        """
        for path in _parts(self._path):
            key = path.name.removesuffix(IN_PROGRESS)
            if key not in self._tails:
                try:
                    self._tails[key] = _Tail(path)
                except FileNotFoundError:  # renamed at this moment: the next look finds it
                    return self.log
            for data in self._tails[key].new():
                self.log.feed(data)
        return self.log

    def close(self) -> None:
        """Close its files."""
        for tail in self._tails.values():
            tail.close()


class _Tail:
    """A file that grows."""

    def __init__(self, path: Path) -> None:
        name = path.name.removesuffix(IN_PROGRESS)
        if name.endswith(_NOT_READ):
            raise DataError(
                f"{path}: event logs ending in {Path(name).suffix} are not read here",
                "Set spark.eventLog.compression.codec=zstd, or spark.eventLog.compress=false.",
            )
        # Held open, because Spark renames the file when the application ends.
        self._stream: BinaryIO = path.open("rb")
        self._unpack: Any = _unpacker() if name.endswith(_ZSTD) else None

    def new(self) -> Iterator[bytes]:
        while data := self._stream.read(CHUNK_BYTES):
            yield self._unpack.decompress(data) if self._unpack else data

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
        DataError: as ``LogReader.poll``.
    """
    reader = LogReader(path)
    try:
        return reader.poll()
    finally:
        reader.close()


def read_totals(folder: Path) -> Totals | None:
    """The totals of the newest log in a folder; ``None`` without one.

    Raises:
        DataError: as ``LogReader.poll``.
    """
    found = logs(folder)
    return read(found[-1]).totals() if found else None


def _parts(path: Path) -> list[Path]:
    """The files of a log, the oldest first; a rolled one names them by number."""
    if not path.is_dir():
        ended = path.with_name(path.name.removesuffix(IN_PROGRESS))
        return [ended if ended.exists() else path.with_name(ended.name + IN_PROGRESS)]
    numbered = [
        (int(match["number"]), part) for part in path.iterdir() if (match := _ROLLED.fullmatch(part.name))
    ]
    return [part for _, part in sorted(numbered)]


def _unpacker() -> Any:
    import zstandard

    return zstandard.ZstdDecompressor().decompressobj(read_across_frames=True)
