"""A folder of small files, local or in an object store: what a checkpoint consists of."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from sparkjobs import paths
from sparkjobs.errors import WriteError
from sparkjobs.ingest.storage import S3Settings, filesystem, open_bytes, write_text

T = TypeVar("T")
COPY = "Bring the checkpoint back from a copy."
# What opening a path says that is no file.
_NO_FILE = (FileNotFoundError, IsADirectoryError, NotADirectoryError)
_NS_PER_MS = 1_000_000


@dataclass(frozen=True)
class Folder:
    """A folder by its path, which need not exist yet."""

    path: str
    s3: S3Settings

    def child(self, name: str) -> Folder:
        """A folder in this folder."""
        return Folder(paths.child(self.path, name), self.s3)

    def names(self) -> tuple[str, ...]:
        """Names of the files in it, hidden ones too, sorted; none where there is no such folder."""
        if paths.is_local(self.path):
            place = Path(paths.local(self.path))
            return (
                tuple(sorted(item.name for item in place.iterdir() if item.is_file()))
                if place.is_dir()
                else ()
            )
        from pyarrow import fs

        system, inside = filesystem(self.path, self.s3)
        found = system.get_file_info(fs.FileSelector(inside, allow_not_found=True))
        return tuple(sorted(item.base_name for item in found if item.type == fs.FileType.File))

    def read(self, name: str) -> str:
        """The text of a file; bytes that are not UTF-8 are replaced."""
        with open_bytes(paths.child(self.path, name), self.s3) as stream:
            return stream.read().decode("utf-8", errors="replace")

    def parsed(self, name: str, parse: Callable[[str], T]) -> T | None:
        """What a file holds that we wrote; ``None`` where there is no such file.

        Args:
            name: the file.
            parse: takes its text, and fails as JSON and what is picked out of it do.

        Raises:
            WriteError: it cannot be read.
        """
        try:
            return parse(self.read(name))
        except _NO_FILE:
            return None
        except (ValueError, LookupError, TypeError, AttributeError) as error:
            raise WriteError(f"{self.path}/{name} cannot be read: {error}", COPY) from error

    def missing(self, name: str) -> WriteError:
        """The error of a file that must be there."""
        return WriteError(f"{self.path}/{name} is missing", COPY)

    def write(self, name: str, text: str) -> None:
        """Write a file as a whole: a reader sees all of it or none."""
        write_text(paths.child(self.path, name), text, self.s3)

    def dated(self, name: str, least_ms: int) -> int:
        """Have a local file's time of change no earlier than a moment.

        Args:
            name: the file.
            least_ms: the moment, milliseconds since 1970.

        Returns:
            its time then; 0 in an object store, where nobody sets times.
        """
        if not paths.is_local(self.path):
            return 0
        place = Path(paths.local(self.path)) / name
        found_ms = place.stat().st_mtime_ns // _NS_PER_MS
        if found_ms < least_ms:
            os.utime(place, ns=(least_ms * _NS_PER_MS, least_ms * _NS_PER_MS))
        return max(found_ms, least_ms)

    def remove(self, name: str) -> None:
        """Remove a file; one that is gone already is no fault, in an object store either."""
        if paths.is_local(self.path):
            (Path(paths.local(self.path)) / name).unlink(missing_ok=True)
            return
        system, inside = filesystem(self.path, self.s3)
        with contextlib.suppress(FileNotFoundError):
            system.delete_file(paths.child(inside, name))
