"""The file of progress in the checkpoint: one line a batch, whole lines only.

On a disk the line is appended, and a file that has grown large becomes ``progress.1.jsonl``. Object stores
cannot append: there the newest lines are written again as a whole, not more often than every few seconds.
"""

from __future__ import annotations

import logging
import os
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Protocol

from sparkjobs import paths
from sparkjobs.streaming.folder import Folder
from sparkjobs.streaming.progress.batch_progress import BatchProgress, from_line, to_line

log = logging.getLogger("sparkjobs")
NAME = "progress.jsonl"
OLDER = "progress.1.jsonl"
LARGEST_BYTES = 64 << 20
_TAIL_BYTES = 1 << 16
# As an object: about 300 kB, which a store takes in one request.
_KEPT_LINES = 1000
_WRITE_EVERY_S = 5.0


class _Lines(Protocol):
    def newest(self) -> list[str]: ...
    def append(self, line: str) -> None: ...
    def close(self) -> None: ...


class ProgressFile:
    """A listener that writes each batch down. A disk that is full costs lines, not the stream.

    Args:
        checkpoint: the stream's folder.
    """

    def __init__(self, checkpoint: Folder) -> None:
        self._lines = _lines_of(checkpoint)
        self._place = paths.child(checkpoint.path, NAME)
        self._warned = False
        self._newest = self._newest_batch()

    def batch_done(self, progress: BatchProgress) -> None:
        """Write the batch's line."""
        if progress.rows is None and self._newest is not None and progress.batch <= self._newest:
            return  # the run before wrote it, and what it read
        self._try(lambda: self._lines.append(to_line(progress)))
        self._newest = progress.batch

    def close(self) -> None:
        """Write what is left to write."""
        self._try(self._lines.close)

    def _newest_batch(self) -> int | None:
        try:
            lines = self._lines.newest()
            return from_line(lines[-1]).batch if lines else None
        except (OSError, ValueError) as error:
            log.warning("%s cannot be read: %s", self._place, error)
            return None

    def _try(self, write: Callable[[], None]) -> None:
        try:
            write()
        except OSError as error:
            if not self._warned:
                log.warning("%s cannot be written, the stream goes on: %s", self._place, error)
            self._warned = True


def newest_batches(checkpoint: Folder) -> list[BatchProgress]:
    """The newest batches that a checkpoint's progress tells of, oldest first; none where it tells of none."""
    try:
        return list(parsed(_lines_of(checkpoint).newest()))
    except OSError:
        return []


def parsed(lines: Iterable[str]) -> Iterator[BatchProgress]:
    """The batches that whole lines tell of."""
    for line in lines:
        with suppress(ValueError):  # the tail of a file begins within a line
            yield from_line(line)


def _lines_of(checkpoint: Folder) -> _Lines:
    if paths.is_local(checkpoint.path):
        return LocalLines(Path(paths.local(checkpoint.path)) / NAME)
    return StoredLines(checkpoint)


class LocalLines:
    """Lines on a disk.

    Args:
        path: the file; its folder is made with the first line.
        largest_bytes: with a line more than that, the file gives way to a new one.
    """

    def __init__(self, path: Path, largest_bytes: int = LARGEST_BYTES) -> None:
        self._path = path
        self._largest_bytes = largest_bytes
        self._whole = False

    def newest(self) -> list[str]:
        """The newest whole lines, but the first of them may lack its beginning."""
        return newest_text(self._path, _TAIL_BYTES).split("\n")[:-1]

    def append(self, line: str) -> None:
        """Add a line.

        Raises:
            OSError: it is not there, or only a part of it, which the next line takes away.
        """
        self._path.parent.mkdir(parents=True, exist_ok=True)
        data = (line + "\n").encode()
        handle = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        try:
            end = os.fstat(handle).st_size if self._whole else _end_of_lines(handle)
            if end and end + len(data) > self._largest_bytes:
                self._path.replace(self._path.with_name(OLDER))
                before, handle = handle, os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
                os.close(before)
                end = 0
            self._whole = False
            if os.pwrite(handle, data, end) != len(data):
                raise OSError("the disk took only a part of a line")
            self._whole = True
        finally:
            os.close(handle)

    def close(self) -> None:
        """Every line is written already."""


def _end_of_lines(handle: int) -> int:
    """Where the whole lines end; what a crash left behind them is taken away."""
    size = os.fstat(handle).st_size
    start = size
    while start > 0:
        start = max(0, start - _TAIL_BYTES)
        found = os.pread(handle, _TAIL_BYTES, start).rfind(b"\n")
        if found >= 0:
            start += found + 1
            break
    if start < size:
        os.ftruncate(handle, start)
    return start


def newest_text(path: Path, most_bytes: int) -> str:
    """The newest of a file's lines, the first of which may lack its beginning.

    Args:
        path: the file; what is wanted beyond it is in the one that gave way to it.
        most_bytes: so much at most.
    """
    newest = _tail(path, most_bytes)
    left = most_bytes - len(newest)
    older = _tail(path.with_name(OLDER), left) if left > 0 else b""
    return (older + newest).decode("utf-8", "replace")


def _tail(path: Path, most_bytes: int) -> bytes:
    try:
        with path.open("rb") as stream:
            size = stream.seek(0, os.SEEK_END)
            stream.seek(max(0, size - most_bytes))
            return stream.read(most_bytes)
    except FileNotFoundError:
        return b""


class StoredLines:
    """The newest lines as one object.

    Args:
        folder: where it lies.
        clock: monotonic seconds.
    """

    def __init__(self, folder: Folder, clock: Callable[[], float] = time.monotonic) -> None:
        self._folder = folder
        self._clock = clock
        before = folder.read(NAME).splitlines() if NAME in folder.names() else []
        self._lines = deque(before, maxlen=_KEPT_LINES)
        self._written_s: float | None = None
        self._waits = False

    def newest(self) -> list[str]:
        """The newest lines."""
        return list(self._lines)

    def append(self, line: str) -> None:
        """Add a line; it is written now, or with one of the next."""
        self._lines.append(line)
        self._waits = True
        if self._written_s is None or self._clock() - self._written_s >= _WRITE_EVERY_S:
            self._write()

    def close(self) -> None:
        """Write the lines that wait."""
        if self._waits:
            self._write()

    def _write(self) -> None:
        self._written_s, self._waits = self._clock(), False
        self._folder.write(NAME, "".join(line + "\n" for line in self._lines))
