"""Folders of arriving files as a source."""

from __future__ import annotations

import time
from collections.abc import Collection, Iterable, Mapping, Sequence

from sparkjobs import paths
from sparkjobs.ingest.listing import list_files
from sparkjobs.ingest.model import InputFile
from sparkjobs.run import Run
from sparkjobs.streaming.checkpoint import Progress
from sparkjobs.streaming.folder import Folder
from sparkjobs.streaming.job import StreamJob
from sparkjobs.streaming.sources.files.archive import move, refuse_archive
from sparkjobs.streaming.sources.files.arrivals import Arrivals, files_of, from_line
from sparkjobs.streaming.sources.files.reading import FileReader
from sparkjobs.streaming.sources.files.skips import Skips, lost_since, refuse_faults, refuse_unknown
from sparkjobs.streaming.sources.skip import Skip
from sparkjobs.streaming.sources.source import Reading
from sparkjobs.streaming.trigger import is_overdue
from sparkjobs.streaming.writing import Batch


class FileSource:
    """The files of a run's inputs.

    Args:
        run: the run.
        job: its job.
        checkpoint: the stream's folder.
        progress: how far the stream is.

    Raises:
        WriteError: what the checkpoint keeps of the files is lost.
        UsageError: ``--skip-file`` names no file of the stream.
    """

    def __init__(self, run: Run, job: StreamJob, checkpoint: Folder, progress: Progress) -> None:
        self._run = run
        self._looked_s = time.monotonic()
        self._skips = Skips(checkpoint, run.params.bad_files)
        self._arrivals = Arrivals(checkpoint, self._skips, progress.lists, progress.lists_done)
        self.lists = self._arrivals.lists
        self._reader = FileReader(run, job, self._arrivals, self._skips)
        self._archive = paths.normalise(run.params.archive) if run.params.archive else None
        if self._archive is not None:
            refuse_archive(self._archive, run.source.inputs, glob=run.source.glob)
        self._skip_given()

    def _skip_given(self) -> None:
        """Pass over the files that this run names, now and in the runs after it."""
        given = {paths.normalise(path) for path in self._run.params.skip_file}
        unseen = given - self._arrivals.paths - self._skips.paths
        if unseen:
            refuse_unknown(unseen, [file.path for file in files_of(self._run.source)])
        self._skips.keep(Skip(path) for path in sorted(given))

    @property
    def warnings(self) -> Sequence[str]:
        """Files that were written again after their turn."""
        return tuple(self._arrivals.warnings)

    def look(self) -> bool:
        """List the input and write down the files that are new.

        Raises:
            DataError: a file cannot be read, or has changed since it was taken.
        """
        source = self._run.source
        self._looked_s = time.monotonic()
        listed = files_of(source)
        refuse_faults(listed, self._arrivals.paths, source.inputs, self._skips)
        self._arrivals.note(listed, self._run.params.max_files_per_batch)
        # What a run that was cut off had no time for.
        self._move_away(listed)
        return True

    def _move_away(self, listed: Iterable[InputFile]) -> None:
        if self._archive is not None:
            source = self._run.source
            move(self._arrivals.done_with(listed), source.inputs, self._archive, source.s3)

    def read(self, batch: Batch, lines: Sequence[str]) -> Reading:
        """Read the files of a batch that no table has taken in.

        Raises:
            DataError: a file cannot be read and ``--bad-files`` is ``fail``; too many bad rows.
        """
        return self._reader.read(batch, [from_line(line) for line in lines])

    def read_again(self, batch: Batch, lines: Sequence[str], before: Sequence[Skip]) -> Reading:
        """Read the files of a batch that one of its tables has taken in.

        Raises:
            DataError: too many bad rows.
        """
        return self._reader.read_again(batch, [from_line(line) for line in lines], before)

    def without(self, batch: Batch, lost: Sequence[Skip], tables: Sequence[str]) -> Sequence[str]:
        """What to tell of files that a batch was begun with and that cannot be read any more.

        Raises:
            DataError: a table would lack rows, and ``--skip-file`` does not name their file.
        """
        return lost_since(batch.number, lost, tables, self._skips.paths)

    def taken(self, lines: Sequence[str], skips: Sequence[Skip]) -> None:
        """Pass over the batch's skips from now on.

        Only now: what goes to quarantine as a row must have got there first.
        """
        self._skips.keep(skips)
        taken = [from_line(line).file.path for line in lines]
        self._arrivals.taken(taken)
        if self._archive is not None:
            self._move_away(list_files(taken, glob=False, s3=self._run.source.s3, tolerant=True))

    def unread(self) -> Collection[str]:
        """Files have no parts that are in an order of their own."""
        return ()

    def lag(self) -> Mapping[str, int]:
        """Files on lists that no batch has read, and those that came since where a look is overdue."""
        known = len(self._arrivals.unread - self._skips.paths)
        if not is_overdue(self._run.params.trigger, self._looked_s, time.monotonic()):
            return {"files": known}
        paths_now = {file.path for file in files_of(self._run.source)}
        return {"files": known + len(paths_now - self._arrivals.paths)}
