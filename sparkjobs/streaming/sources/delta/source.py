"""A Delta table as a source: the rows that are there, then those that each commit inserts."""

from __future__ import annotations

import logging
import time
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from sparkjobs.causes import with_root_cause
from sparkjobs.errors import DataError, SourceGrewError, SparkjobsError, one_line
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
from sparkjobs.streaming.sources.delta.position import (
    NAME,
    Next,
    Position,
    keep_position,
    next_of,
    read_position,
    with_columns,
)
from sparkjobs.streaming.sources.delta.table_log import TableReader
from sparkjobs.streaming.sources.lists import Lists, numbers_of
from sparkjobs.streaming.sources.skip import Skip
from sparkjobs.streaming.sources.source import Reading
from sparkjobs.streaming.sources.start import start_of
from sparkjobs.streaming.trigger import is_overdue
from sparkjobs.streaming.writing import Batch

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

log = logging.getLogger("sparkjobs")


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
        self._grown: list[str] = []
        self._position = read_position(checkpoint)
        if self._position is None and lists.count:
            raise checkpoint.missing(NAME)
        self._next: Next | None = None
        self._newest = 0
        self._looked_s = time.monotonic()

    @property
    def warnings(self) -> Sequence[str]:
        """Columns that came, and commits that are passed over."""
        found = list(self._grown)
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
            SourceGrewError: columns came. They are known from now on: the next look goes on with them.
        """
        self._looked_s = time.monotonic()
        self._newest, table_id, columns = self._reader.newest()
        newest = self._newest
        if self._position is None:
            self._position = self._begin(newest, table_id, columns)
            keep_position(self._checkpoint, self._position)
        position = self._position
        if table_id != position.table_id:
            raise DataError(
                f"{self._path} is another table than when the stream began", "Begin anew with a new --output."
            )
        refuse_lost_columns(self._path, position.columns, columns)
        self._take_in_columns(position, columns)
        if self._next is None:
            self._next = next_of(position, self.lists.count, self._files)
        if newest < self._next.version:
            return True
        self._write(self._files_since(position, self._next, newest))
        self._next = Next(newest + 1)
        self._position = replace(position, looked=newest, lists=self.lists.count)
        keep_position(self._checkpoint, self._position)
        return True

    def _take_in_columns(self, position: Position, columns: Mapping[str, str]) -> None:
        grown = with_columns(position, columns)
        if grown is None:
            return
        # Before a list names files that have them: who starts anew knows them as well.
        keep_position(self._checkpoint, grown)
        self._position = grown
        came = ", ".join(grown.added[len(position.added) :])
        self._grown.append(f"{self._path} has got columns since the stream began: {came}")
        raise SourceGrewError(self._grown[-1])

    def _begin(self, newest: int, table_id: str, columns: Mapping[str, str]) -> Position:
        """Where the stream begins, kept before the first list is written."""
        start = start_of(self._run.params.start, self._run.params.timezone)
        if start.kind == "earliest":
            return Position(table_id, newest, True, columns, newest - 1, 0)
        first = None if start.moment_ms is None else self._reader.version_at(start.moment_ms)
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
        # Its columns are those of any version before, and more, and its log is there.
        known = max(version, self._newest)
        source = replace(
            self._run.source,
            inputs=(self._path,),
            format="delta",
            glob=False,
            frame=lambda: reader.frame(known, [file.add for file in files]),
            added=self._position.added if self._position else (),
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
