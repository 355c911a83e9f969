"""Copies a stream's lines of progress out of its checkpoint while it runs."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Protocol

from sparkjobs import paths
from sparkjobs.streaming.folder import Folder
from sparkjobs.streaming.progress.progress_file import NAME, OLDER


class NewLines(Protocol):
    """Lines that came since the last look."""

    def new(self) -> list[str]:
        """The whole lines that came since, oldest first.

        Raises:
            OSError: they cannot be read now; the next look has them.
        """


def new_lines(checkpoint: Folder) -> NewLines | None:
    """Follows a checkpoint's progress from now on; ``None`` where only Spark can read it."""
    if paths.is_local(checkpoint.path):
        return LocalTail(Path(paths.local(checkpoint.path)))
    return StoredTail(checkpoint) if paths.scheme_of(checkpoint.path) == "s3a" else None


class LocalTail:
    """A file that grows and gives way to a new one when it is large.

    Args:
        folder: the checkpoint.
    """

    def __init__(self, folder: Path) -> None:
        self._path, self._older = folder / NAME, folder / OLDER
        self._file, self._offset = _identity(self._path), _size(self._path)

    def new(self) -> list[str]:
        """The whole lines that came since."""
        found: list[str] = []
        now = _identity(self._path)
        if now != self._file:
            if self._file is not None and _identity(self._older) == self._file:
                found = self._from(self._older)
            self._file, self._offset = now, 0
        # Shorter than before: a reset took lines away.
        self._offset = min(self._offset, _size(self._path))
        return found + self._from(self._path)

    def _from(self, path: Path) -> list[str]:
        try:
            with path.open("rb") as stream:
                stream.seek(self._offset)
                data = stream.read()
        except FileNotFoundError:
            return []
        whole = data[: data.rfind(b"\n") + 1]
        self._offset += len(whole)
        return whole.decode("utf-8", "replace").splitlines()


def _identity(path: Path) -> tuple[int, int] | None:
    try:
        found = path.stat()
    except FileNotFoundError:
        return None
    return found.st_dev, found.st_ino


def _size(path: Path) -> int:
    try:
        return os.stat(path).st_size  # noqa: PTH116 - a race with its removal is an answer too
    except FileNotFoundError:
        return 0


class StoredTail:
    """An object that holds the newest lines and is replaced as a whole.

    Args:
        checkpoint: where it lies.
    """

    def __init__(self, checkpoint: Folder) -> None:
        self._checkpoint = checkpoint
        lines = self._lines()
        self._last = lines[-1] if lines else None

    def new(self) -> list[str]:
        """The lines behind the last one that was seen."""
        lines = self._lines()
        if self._last in lines:
            lines = lines[len(lines) - lines[::-1].index(self._last) :]
        if lines:
            self._last = lines[-1]
        return lines

    def _lines(self) -> list[str]:
        names = self._checkpoint.names()
        return self._checkpoint.read(NAME).splitlines() if NAME in names else []
