"""A Delta table as a source: the rows that are there, then those that each commit inserts."""

from __future__ import annotations

import logging
import time
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

from sparkjobs import zones
from sparkjobs.causes import with_root_cause
from sparkjobs.errors import DataError, SparkjobsError, UsageError, WriteError, one_line
from sparkjobs.run import Run
from sparkjobs.streaming.context import StreamContext
from sparkjobs.streaming.event_time.division import Origin
from sparkjobs.streaming.folder import Folder
from sparkjobs.streaming.job import StreamJob
from sparkjobs.streaming.sources.delta.commits import (
    TableCommit,
    changes_rows,
    inserted,
    operation,
    refuse_lost_columns,
    rows_of,
    taken,
)
from sparkjobs.streaming.sources.delta.lines import Inserted, cut, from_line, to_line
from sparkjobs.streaming.sources.delta.position import Next, Position, keep_position, next_of, read_position
from sparkjobs.streaming.sources.delta.table_log import TableReader
from sparkjobs.streaming.sources.lists import Lists, numbers_of
from sparkjobs.streaming.sources.skip import Skip
from sparkjobs.streaming.sources.source import Reading
from sparkjobs.streaming.trigger import is_overdue
from sparkjobs.streaming.writing import Batch

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

log = logging.getLogger("sparkjobs")
EARLIEST, LATEST = "earliest", "latest"


class DeltaSource:
    """The rows of a table.

    Args:
        spark: the session.
        run: the run.
        job: its job.
        checkpoint: the stream's folder.
        lists: the stream's lists.
        done: how many of them belong to batches that are done.
        path: the table.

    Raises:
        DataError: there is no table, or it is another one than when the stream began.
        WriteError: what the checkpoint keeps cannot be read.
    """

    def __init__(
        self,
        spark: SparkSession,
        run: Run,
        job: StreamJob,
        checkpoint: Folder,
        lists: Lists,
        done: int,
        path: str,
    ) -> None:
        self._run = run
        self._job = job
        self._checkpoint = checkpoint
        self._path = path
        self._reader = TableReader(spark, path)
        self._reader.refuse_missing()
        self.lists = lists
        self._unread = {number: self._amount(self._files(number)) for number in range(done, lists.count)}
        self._skipped = 0
        self._first_skipped = ""
        self._added: tuple[str, ...] = ()
        self._position = read_position(checkpoint)
        if self._position is None and lists.count:
            raise WriteError(
                f"{checkpoint.path}/delta.json is missing", "Bring the checkpoint back from a copy."
            )
        self._next: Next | None = None
        self._looked_s = time.monotonic()

    @property
    def warnings(self) -> Sequence[str]:
        """Columns and commits that are passed over."""
        found = []
        if self._added:
            found.append(
                f"{self._path} has got columns since the stream began, which it passes over: "
                + ", ".join(self._added)
            )
        if self._skipped:
            found.append(
                f"{self._skipped} commits of {self._path} change rows and were passed over "
                f"(--changes skip), such as {self._first_skipped}"
            )
        return found

    def look(self) -> bool:
        """Write down the files of new commits.

        Raises:
            DataError: a commit changes rows, the table was made anew, columns have gone.
        """
        self._looked_s = time.monotonic()
        newest, table_id, columns = self._reader.newest()
        if self._position is None:
            self._position = self._begin(newest, table_id, columns)
            keep_position(self._checkpoint, self._position)
        position = self._position
        if table_id != position.table_id:
            raise DataError(
                f"{self._path} is another table than when the stream began", "Begin anew with a new --output."
            )
        refuse_lost_columns(self._path, position.columns, columns)
        self._added = tuple(name for name in columns if name not in position.columns)
        if self._next is None:
            self._next = next_of(position, self.lists.count, self._files)
        if newest < self._next.version:
            return True
        self._write(self._files_since(position, self._next, newest))
        self._next = Next(newest + 1)
        self._position = replace(position, looked=newest, lists=self.lists.count)
        keep_position(self._checkpoint, self._position)
        return True

    def _begin(self, newest: int, table_id: str, columns: tuple[str, ...]) -> Position:
        """Where the stream begins, kept before the first list is written."""
        start = self._run.params.start or EARLIEST
        if start == EARLIEST:
            return Position(table_id, newest, True, columns, newest - 1, 0)
        if start == LATEST:
            return Position(table_id, newest, False, columns, newest, 0)
        first = self._reader.version_at(_moment(start, self._run.params.timezone))
        before = newest if first is None else first - 1
        return Position(table_id, before, False, columns, before, 0)

    def _files_since(self, position: Position, begin: Next, newest: int) -> Iterator[Inserted]:
        first = begin.version
        if position.whole and first == position.start:
            yield from self._unlisted(
                begin, [Inserted(position.start, add) for add in self._reader.files(position.start)]
            )
            first += 1
        for commit in self._reader.commits(first) if first <= newest else ():
            if commit.version > newest:
                return
            yield from self._unlisted(begin, [Inserted(commit.version, add) for add in self._taken(commit)])

    def _taken(self, commit: TableCommit) -> Sequence[Mapping[str, object]]:
        adds = taken(commit, self._path, self._run.params.changes)
        if changes_rows(commit):
            log.warning("version %s of %s is passed over: %s", commit.version, self._path, operation(commit))
            self._first_skipped = self._first_skipped or f"version {commit.version}, {operation(commit)}"
            self._skipped += 1
        return adds

    @staticmethod
    def _unlisted(begin: Next, files: Sequence[Inserted]) -> Iterator[Inserted]:
        return (file for file in files if file.key not in begin.listed)

    def _write(self, files: Iterator[Inserted]) -> None:
        params = self._run.params
        for piece in cut(files, params.max_files_per_batch, params.max_rows_per_batch):
            number = self.lists.count
            # Before the list: its batch may be done while others are written.
            self._unread[number] = self._amount(piece)
            self.lists.append([to_line(number, file) for file in piece])
            log.info("%s new files of %s, versions %s to %s", len(piece), self._path, piece[0].version,
                     piece[-1].version)  # fmt: skip

    def _files(self, number: int) -> list[Inserted]:
        return [from_line(line) for line in self.lists.read(number)]

    def read(self, batch: Batch, lines: Sequence[str]) -> Reading:
        """Read the rows of a batch's files.

        Raises:
            DataError: they are not there any more; too many bad rows.
        """
        files = [from_line(line) for line in lines]
        version = max(file.version for file in files)
        reader = TableReader(batch.spark, self._path)
        source = replace(
            self._run.source,
            inputs=(self._path,),
            format="delta",
            glob=False,
            frame=lambda: reader.frame(version, [file.add for file in files]).drop(*self._added),
        )
        context = StreamContext(batch, source, self._run.interval, Origin(f"delta://{self._path}"))
        try:
            return Reading(context, tuple(self._job.each_batch(context, self._run.params)))
        except SparkjobsError:
            context.release()
            raise
        except Exception as error:
            context.release()
            raise self._unreadable(error, version) from error

    def _unreadable(self, error: Exception, version: int) -> Exception:
        message = one_line(str(with_root_cause(error)))
        if "FILE_NOT_EXIST" not in message and "FileNotFoundException" not in message:
            return error
        return DataError(
            f"files of version {version} of {self._path} are gone: {message[:200]}",
            "VACUUM has removed them: keep files for longer than the stream may be away. Begin anew with a "
            "new --output.",
        )

    def read_again(self, batch: Batch, lines: Sequence[str], before: Sequence[Skip]) -> Reading:
        """The same rows again: the list tells its files."""
        return self.read(batch, lines)

    def without(self, batch: Batch, lost: Sequence[Skip], tables: Sequence[str]) -> Sequence[str]:
        """Nothing is ever lost without an error."""
        return ()

    def taken(self, lines: Sequence[str], skips: Sequence[Skip]) -> None:
        """Note that a batch is in its tables."""
        for number in numbers_of(lines):
            self._unread.pop(number, None)

    def unread(self) -> Collection[str]:
        """A table is one part."""
        return ()

    def lag(self) -> Mapping[str, int]:
        """Rows that no batch has read, where the statistics of all files tell; else files."""
        amounts = [*self._unread.values(), *self._beyond()]
        if all(rows is not None for _, rows in amounts):
            return {"rows": sum(rows or 0 for _, rows in amounts)}
        return {"files": sum(files for files, _ in amounts)}

    def _beyond(self) -> list[tuple[int, int | None]]:
        """What commits brought since the last look, where the next one is overdue."""
        following = self._next
        if following is None or not is_overdue(self._run.params.trigger, self._looked_s, time.monotonic()):
            return []
        try:
            if self._reader.newest()[0] < following.version:
                return []
            commits = [one for one in self._reader.commits(following.version) if not changes_rows(one)]
        except SparkjobsError:  # the next look tells it
            return []
        return [self._amount([Inserted(one.version, add) for add in inserted(one)]) for one in commits]

    @staticmethod
    def _amount(files: Sequence[Inserted]) -> tuple[int, int | None]:
        """Files and rows."""
        rows = [rows_of(file.add) for file in files]
        known = [row for row in rows if row is not None]
        return len(files), sum(known) if len(known) == len(rows) else None


def _moment(text: str, zone: str) -> datetime:
    try:
        return zones.moment(text, zone)
    except ValueError as error:
        raise UsageError(
            f"--start {text}: of a table a stream can begin at earliest, latest or a time", str(error)
        ) from error
