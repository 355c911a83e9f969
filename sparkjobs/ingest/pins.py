"""Input that changes while it is read: files are remembered as they were listed, and looked at again."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sparkjobs import paths
from sparkjobs.errors import DataError
from sparkjobs.ingest.listing import list_files
from sparkjobs.ingest.model import Split, displayed
from sparkjobs.ingest.storage import S3Settings

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

_REST = "Run again when the input rests."


@dataclass(frozen=True)
class Stamp:
    """What tells one content of a file from another: its length in bytes, and when it was last written."""

    size_bytes: int
    modified: object


Stamps = Mapping[str, Stamp]


@dataclass(frozen=True)
class Pins:
    """Files as they were listed.

    Attributes:
        listed: each with its stamp then.
        look: the same now.
    """

    listed: Stamps
    look: Callable[[], Stamps]

    def refuse_changed(self) -> None:
        """Look again.

        Raises:
            DataError: names the first file that is gone or another one.
        """
        refuse_changed(self.listed, self.look())


def refuse_changed(listed: Stamps, now: Stamps) -> None:
    """Hold files against what they were. What was added meanwhile is not part of the run. Pure.

    Raises:
        DataError: names the first file that is gone or another one.
    """
    for path, stamp in sorted(listed.items()):
        if now.get(path) != stamp:
            raise _changed(path)


def pin_below(files: DataFrame) -> Pins:
    """Pin the files of a folder.

    Args:
        files: the folder as Spark's ``binaryFile`` reads it; each look asks for every file anew
            (``BinaryFileFormat.buildReader``), and reads none.
    """
    names = files.inputFiles()
    local = [paths.local(name) for name in names if paths.is_local(name)]
    looked = files.select("path", "length", "modificationTime")

    def look() -> Stamps:
        return {row.path: Stamp(row.length, row.modificationTime) for row in looked.collect()}

    def look_here() -> Stamps:
        found = list_files(local, glob=False, s3=S3Settings(), tolerant=True)
        return {file.path: Stamp(file.size, file.modified_ns) for file in found if file.fault is None}

    # A task of Spark for what this process can ask itself would take most of a small job's time.
    chosen = look_here if len(local) == len(names) else look
    return Pins(chosen(), chosen)


class PinnedReader:
    """Runs in the workers: reads a split, and then asks whether its file still is what was listed."""

    def __init__(self, read: Callable[[Split], Iterable[Any]], s3: S3Settings) -> None:
        self._read = read
        self._s3 = s3

    def __call__(self, split: Split) -> Iterator[Any]:
        """The batches of a split.

        Raises:
            DataError: the file has changed.
        """
        yield from self._read(split)
        if split.modified_ns is None:
            return
        found = list_files([split.path], glob=False, s3=self._s3, tolerant=True)
        if [(file.size, file.modified_ns) for file in found] != [(split.size, split.modified_ns)]:
            raise _changed(split.path)


def _changed(path: str) -> DataError:
    return DataError(f"{displayed(path)} has changed while the run read it", _REST)
