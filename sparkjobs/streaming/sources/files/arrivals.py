"""Which files have arrived, and which of them belong together.

Spark's own file source passes over names that begin with ``_`` or ``.``, takes ``[`` for a pattern,
forgets files older than a week and knows nothing of bad rows. So we list the input as the batch jobs
do, and write down what is new in numbered lists (``sources.lists``). The files on a list are read by the
readers of the batch jobs.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Collection, Iterable, Mapping, Sequence, Set
from dataclasses import dataclass

from sparkjobs.errors import DataError
from sparkjobs.ingest.listing import list_files
from sparkjobs.ingest.model import InputFile, displayed
from sparkjobs.ingest.reading import Source
from sparkjobs.streaming.folder import Folder
from sparkjobs.streaming.sources.files.skips import Skips, way_out
from sparkjobs.streaming.sources.lists import Lists

log = logging.getLogger("sparkjobs")


@dataclass(frozen=True)
class Arrival:
    """A file on a list.

    Attributes:
        number: the list's number.
        file: the file with its size and time when it was listed, or read.
    """

    number: int
    file: InputFile


def to_line(arrival: Arrival) -> str:
    """A file on a list as one line of JSON (ASCII, so that names that are not UTF-8 survive)."""
    file = arrival.file
    line = {"list": arrival.number, "path": file.path, "size": file.size, "modified_ns": file.modified_ns}
    return json.dumps(line)


def from_line(line: str) -> Arrival:
    """Read what ``to_line`` wrote; version 0.1.0 wrote no times."""
    value = json.loads(line)
    return Arrival(value["list"], InputFile(value["path"], value["size"], value.get("modified_ns")))


@dataclass(frozen=True)
class Changes:
    """What a look at the input shows.

    Attributes:
        new: the files that no list has yet.
        touched: files that are not read again although they were written again.
    """

    new: tuple[InputFile, ...]
    touched: tuple[InputFile, ...]


def changes(
    listed: Iterable[InputFile],
    seen: Mapping[str, InputFile],
    unread: Collection[str],
    skipped: Collection[str] = (),
) -> Changes:
    """Hold the input against the lists. Pure.

    Args:
        listed: the files there are.
        seen: those on a list, as they were when they were listed or read.
        unread: those on a list that no batch has read, which may still change.
        skipped: those that are passed over, whatever becomes of them.

    Raises:
        DataError: a file that was read has another size now, so that rows may be missing.
    """
    new, touched = [], []
    for file in listed:
        before = seen.get(file.path)
        if before is None:
            new.append(file)
        elif file.fault is not None or file.path in unread:
            continue  # gone, or still to be read as it is then
        elif file.size != before.size and file.path not in skipped:
            raise _changed(before, file)
        elif file.size != before.size or _other_time(before, file):
            touched.append(file)
    return Changes(tuple(new), tuple(touched))


def _other_time(before: InputFile, now: InputFile) -> bool:
    return None not in (before.modified_ns, now.modified_ns) and before.modified_ns != now.modified_ns


def _changed(before: InputFile, now: InputFile) -> DataError:
    name, way = displayed(now.path), way_out(now.path, quarantine=False)
    return DataError(
        f"{name} had {before.size} bytes when the stream read it and has {now.size} now",
        "A file is read once: write it elsewhere and move it into the folder when it is whole. Put what is "
        f"new into a new file, and remove this one or make it what it was. {way}",
    )


def cut(files: Sequence[InputFile], most_files: int) -> list[tuple[InputFile, ...]]:
    """The files in lists of at most ``most_files``. Pure."""
    return [tuple(files[i : i + most_files]) for i in range(0, len(files), most_files)]


def files_of(source: Source) -> tuple[InputFile, ...]:
    """The files in a stream's input now, those that cannot be read with their faults."""
    return list_files(source.inputs, glob=source.glob, s3=source.s3, may_be_none=True, tolerant=True)


class Arrivals:
    """The lists of one stream. Only one process may write them: Spark's checkpoint refuses a second one.

    Args:
        checkpoint: the stream's folder.
        skips: the files that the stream passes over.
        planned: how many lists Spark's offsets speak of.
        done: how many of them belong to batches that are done.

    Raises:
        WriteError: a list is missing.
    """

    def __init__(self, checkpoint: Folder, skips: Skips, planned: int = 0, done: int = 0) -> None:
        self.lists = Lists(checkpoint, planned)
        self.warnings: list[str] = []
        self._skips = skips
        self._seen: dict[str, InputFile] = {}
        self._unread: set[str] = set()
        self._untaken: set[str] = set()
        self._warned: set[str] = set()
        for line in self.lists.every():
            item = from_line(line)
            self._remember([item], unread=item.number >= done)

    @property
    def paths(self) -> Set[str]:
        """The files on the lists."""
        return self._seen.keys()

    @property
    def unread(self) -> Set[str]:
        """Those of them that no batch has read."""
        return self._unread

    def taken(self, paths: Iterable[str]) -> None:
        """Note that all tables of their batch hold files."""
        self._untaken.difference_update(paths)

    def done_with(self, listed: Iterable[InputFile]) -> list[InputFile]:
        """Those of the listed files that all tables hold and that are as they were when they were read."""
        return [
            file
            for file in listed
            if file.path in self._seen
            and file.path not in self._untaken
            and file.path not in self._skips
            and file.fault is None
            and not _differs(self._seen[file.path], file)
        ]

    def note(self, listed: Iterable[InputFile], most_files: int) -> None:
        """Write down the files that are new.

        Args:
            listed: the files in the input now.
            most_files: files on one list, so in one batch.

        Raises:
            DataError: a file has changed since it was taken.
        """
        found = changes(listed, self._seen, self._unread, self._skips.paths)
        self._warn_of(found.touched)
        if found.new:
            log.info("%s new files, such as %s", len(found.new), displayed(found.new[0].path))
        for files in cut(found.new, most_files):
            items = [Arrival(self.lists.count, file) for file in files]
            # Before the list: its batch may be done while others are written.
            self._remember(items, unread=True)
            self.lists.append([to_line(item) for item in items])

    def now_read(self, arrived: Sequence[Arrival], read: Sequence[Arrival]) -> None:
        """Keep what files are when they are read, where it differs from what they were when listed.

        A file may be repaired after a batch failed because of it, or grow until it is read.

        Args:
            arrived: all files of the batch: a list stays whole.
            read: those of them that are read.
        """
        now = {item.file.path: item for item in read}
        whole = [now.get(item.file.path, item) for item in arrived]
        changed = {item.number for item in read if _differs(self._seen.get(item.file.path), item.file)}
        for number in sorted(changed):
            self.lists.rewrite(number, [to_line(item) for item in whole if item.number == number])
        self._remember(read, unread=False)

    def _warn_of(self, touched: Sequence[InputFile]) -> None:
        fresh = [file for file in touched if file.path not in self._warned]
        self._warned |= {file.path for file in fresh}
        if fresh:
            warning = (
                f"{len(fresh)} files were written again after their turn and are not read again, such as "
                f"{displayed(fresh[0].path)}: to have one read, move it in under a new name"
            )
            log.warning(warning)
            self.warnings.append(warning)

    def _remember(self, items: Sequence[Arrival], *, unread: bool) -> None:
        self._seen.update({item.file.path: item.file for item in items})
        paths = {item.file.path for item in items}
        if unread:
            self._unread |= paths
            self._untaken |= paths
        else:
            self._unread -= paths


def _differs(before: InputFile | None, now: InputFile) -> bool:
    return before is None or (before.size, before.modified_ns) != (now.size, now.modified_ns)
