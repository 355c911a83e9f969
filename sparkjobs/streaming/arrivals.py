"""Which files have arrived, and which of them belong together.

Spark's own file source passes over names that begin with ``_`` or ``.``, takes ``[`` for a pattern,
forgets files older than a week and knows nothing of bad rows. So we list the input as the batch jobs
do, and write down what is new in numbered lists, each whole or not at all. Spark's file source reads
the folder of lists: a list is a batch, and Spark's checkpoint remembers which lists are done. The
files on a list are read by the readers of the batch jobs.
"""

from __future__ import annotations

import json
import logging
import re
import time
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from sparkjobs.errors import DataError, WriteError
from sparkjobs.ingest.model import InputFile, displayed
from sparkjobs.streaming.checkpoint import MEND
from sparkjobs.streaming.folder import Folder

log = logging.getLogger("sparkjobs")
FOLDER = "arrivals"
PATTERN = "*.jsonl"
_NAME = re.compile(r"(\d{8,})\.jsonl")


@dataclass(frozen=True)
class Arrival:
    """A file on a list.

    Attributes:
        number: the list's number.
        file: the file with its size (bytes) when it was listed, or read.
    """

    number: int
    file: InputFile


def list_name(number: int) -> str:
    """The file name of a list."""
    return f"{number:08d}.jsonl"


def to_line(arrival: Arrival) -> str:
    """A file on a list as one line of JSON (ASCII, so that names that are not UTF-8 survive)."""
    return json.dumps({"list": arrival.number, "path": arrival.file.path, "size": arrival.file.size})


def from_line(line: str) -> Arrival:
    """Read what ``to_line`` wrote."""
    value = json.loads(line)
    return Arrival(value["list"], InputFile(value["path"], value["size"]))


def new_files(
    listed: Iterable[InputFile], seen: Mapping[str, int], unread: Collection[str]
) -> tuple[InputFile, ...]:
    """The files that no list has yet. Pure.

    Args:
        listed: the files there are.
        seen: those on a list, with their sizes.
        unread: those on a list that no batch has read, which may still change.

    Raises:
        DataError: a file that was read has another size now, so that rows may be missing.
    """
    new = []
    for file in listed:
        before = seen.get(file.path)
        if before is None:
            new.append(file)
        elif before != file.size and file.path not in unread:
            raise DataError(
                f"{displayed(file.path)} had {before} bytes when the stream read it and has {file.size} now",
                "A file is read once: write it elsewhere and move it into the folder when it is whole. "
                "Put what is new into a new file, and remove this one or make it what it was.",
            )
    return tuple(new)


def cut(files: Sequence[InputFile], most_files: int) -> list[tuple[InputFile, ...]]:
    """The files in lists of at most ``most_files``. Pure."""
    return [tuple(files[i : i + most_files]) for i in range(0, len(files), most_files)]


class Arrivals:
    """The lists of one stream. Only one process may write them: Spark's checkpoint refuses a second one.

    Args:
        checkpoint: the stream's folder.
        planned: how many lists Spark's offsets speak of.
        done: how many of them belong to batches that are done.

    Raises:
        WriteError: a list is missing.
    """

    def __init__(self, checkpoint: Folder, planned: int = 0, done: int = 0) -> None:
        self.folder = checkpoint.child(FOLDER)
        self._seen: dict[str, int] = {}
        self._unread: set[str] = set()
        names = [name for name in self.folder.names() if _NAME.fullmatch(name)]
        self.count = len(names)
        for number in range(max(self.count, planned)):
            if list_name(number) not in names:
                raise WriteError(f"{self.folder.path}/{list_name(number)} is missing", MEND)
            items = [from_line(line) for line in self.folder.read(list_name(number)).splitlines()]
            self._remember(items, unread=number >= done)

    def note(self, listed: Iterable[InputFile], most_files: int) -> None:
        """Write down the files that are new.

        Args:
            listed: the files in the input now.
            most_files: files on one list, so in one batch.

        Raises:
            DataError: a file has changed since it was taken.
        """
        new = new_files(listed, self._seen, self._unread)
        if new:
            log.info("%s new files, such as %s", len(new), displayed(new[0].path))
        for files in cut(new, most_files):
            self._write([Arrival(self.count, file) for file in files])
            self.count += 1
            # Spark takes the lists in the order of their times, which have milliseconds.
            time.sleep(0.002)

    def now_read(self, read: Sequence[Arrival]) -> None:
        """Keep the sizes with which files are read, where they differ from those when they were listed.

        A file may be repaired after a batch failed because of it, or grow until it is read.
        """
        changed = {item.number for item in read if self._seen.get(item.file.path) != item.file.size}
        for number in sorted(changed):
            self._write([item for item in read if item.number == number])
        self._remember(read, unread=False)

    def _write(self, items: Sequence[Arrival]) -> None:
        self.folder.write(list_name(items[0].number), "".join(to_line(item) + "\n" for item in items))
        self._remember(items, unread=True)

    def _remember(self, items: Sequence[Arrival], *, unread: bool) -> None:
        self._seen.update({item.file.path: item.file.size for item in items})
        paths = {item.file.path for item in items}
        self._unread = self._unread | paths if unread else self._unread - paths
