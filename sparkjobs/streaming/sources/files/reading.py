"""Reading the files of one batch, and what becomes of those that cannot be read."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import replace

from sparkjobs.errors import BadRowsError, DataError
from sparkjobs.ingest.listing import list_files
from sparkjobs.ingest.model import InputFile, displayed
from sparkjobs.run import Run
from sparkjobs.streaming.context import StreamContext
from sparkjobs.streaming.event_time.division import Origin
from sparkjobs.streaming.job import StreamJob
from sparkjobs.streaming.sources.files.arrivals import Arrival, Arrivals, files_of
from sparkjobs.streaming.sources.files.culprits import Fault, culprits, file_fault, named_in, stopping_rows
from sparkjobs.streaming.sources.files.skips import Skips, passed_over, stopping
from sparkjobs.streaming.sources.skip import Skip
from sparkjobs.streaming.sources.source import Reading
from sparkjobs.streaming.writing import Batch

log = logging.getLogger("sparkjobs")


class FileReader:
    """Reads the files of batches.

    Args:
        run: the run.
        job: its job.
        arrivals: the lists of files.
        skips: the files that are passed over.
    """

    def __init__(self, run: Run, job: StreamJob, arrivals: Arrivals, skips: Skips) -> None:
        self._run = run
        self._job = job
        self._arrivals = arrivals
        self._skips = skips

    def read(self, batch: Batch, arrived: Sequence[Arrival]) -> Reading:
        """Read a batch that no table has taken in.

        Raises:
            DataError: a file cannot be read and ``--bad-files`` is ``fail``; too many bad rows.
        """
        skips = [Skip(item.file.path) for item in arrived if item.file.path in self._skips]
        rest, faults = self._as_they_are([item for item in arrived if item.file.path not in self._skips])
        while True:
            skips += self._passed_over(faults, arrived)
            self._arrivals.now_read(arrived, rest)
            if not rest:
                return _passing_over(Reading(self._context(batch, ()), ()), skips)
            found = self._attempt(batch, rest)
            if isinstance(found, Reading):
                return _passing_over(found, skips)
            faults = found
            rest = _without(rest, faults)

    def read_again(self, batch: Batch, arrived: Sequence[Arrival], before: Sequence[Skip]) -> Reading:
        """Read a batch that one of its tables has taken in, so that the others can be completed.

        Args:
            batch: the batch.
            arrived: its files as they were when it was read.
            before: those that it passed over then, and passes over again.

        Returns:
            The reading; lost are the files that were read then and cannot be read as they were.

        Raises:
            DataError: too many bad rows.
        """
        passed = {skip.path for skip in before}
        kept = [item for item in arrived if item.file.path not in passed]
        now, faults = self._as_they_are(kept)
        faults += _resized(kept, now)
        rest = _without(now, faults)
        while True:
            found = self._attempt(batch, rest)
            if isinstance(found, Reading):
                lost = tuple(Skip(item.file.path, fault.message) for item, fault in faults)
                return replace(found, skips=tuple(before), lost=lost)
            faults += found
            rest = _without(rest, found)

    def _attempt(self, batch: Batch, files: Sequence[Arrival]) -> Reading | list[Fault]:
        """Read files; where that fails, the files because of which it does.

        Raises:
            Exception: it fails for another reason than a file.
        """
        context = self._context(batch, files)
        try:
            return Reading(context, tuple(self._job.each_batch(context, self._run.params)))
        except BadRowsError as error:
            context.release()
            raise stopping_rows(error, files) from error
        except Exception as error:
            context.release()
            fault = file_fault(error)
            named = named_in(fault.message, files) if fault is not None else None
            if fault is None:
                raise
            if named is not None and self._skips.bad_files == "fail":
                return [(named, fault)]
            # All of them are read once more first: what was a moment's fault is no file's.
            found = culprits(files, lambda some: self._fault(batch, some))
            if not found:
                raise
            return found

    def _fault(self, batch: Batch, files: Sequence[Arrival]) -> DataError | None:
        context = self._context(batch, files)
        try:
            self._job.each_batch(context, self._run.params)
        except Exception as error:
            return file_fault(error)
        finally:
            context.release()
        return None

    def _as_they_are(self, arrived: Sequence[Arrival]) -> tuple[list[Arrival], list[Fault]]:
        """The files as they are now, and those that are gone or no files any more."""
        paths = [item.file.path for item in arrived]
        listed = list_files(paths, glob=False, s3=self._run.source.s3, tolerant=True)
        found = {file.path: file for file in listed}
        now = [replace(item, file=found.get(item.file.path) or _folder(item.file.path)) for item in arrived]
        faults = [(item, _since_gone(item, item.file.fault)) for item in now if item.file.fault is not None]
        return _without(now, faults), faults

    def _passed_over(self, faults: Sequence[Fault], arrived: Sequence[Arrival]) -> list[Skip]:
        """The skips of files that cannot be read.

        Raises:
            DataError: such files end the run, or the input as a whole is out of reach.
        """
        for item, error in faults:
            if self._skips.bad_files == "fail":
                raise stopping(item.file.path, error) from error
        if faults:
            self._refuse_input_out_of_reach({item.file.path for item in arrived})
        skips = [Skip(item.file.path, " ".join(error.message.split())) for item, error in faults]
        for skip in skips:
            log.warning("not read, see the quarantine: %s", skip.reason)
        return skips

    def _refuse_input_out_of_reach(self, arrived: set[str]) -> None:
        """A disk that is not there is no fault of a file: its files would all be passed over for good."""
        source = self._run.source
        for file in files_of(source):
            if file.fault is not None and file.path in source.inputs and file.path not in arrived:
                raise file.fault

    def _context(self, batch: Batch, files: Sequence[Arrival]) -> StreamContext:
        inputs = tuple(item.file.path for item in files)
        source = replace(batch.reading(self._run.source), inputs=inputs, glob=False)
        return StreamContext(batch, source, self._run.interval, Origin(self._place(inputs)))

    def _place(self, files: Sequence[str]) -> str:
        """Where rows come from: the file, or what the user named where a batch has several."""
        return displayed(files[0]) if len(files) == 1 else ", ".join(map(displayed, self._run.params.input))


def _passing_over(reading: Reading, skips: Sequence[Skip]) -> Reading:
    return replace(reading, skips=tuple(skips), warnings=tuple(passed_over(skips)))


def _without(files: Sequence[Arrival], faults: Sequence[Fault]) -> list[Arrival]:
    bad = {item.file.path for item, _ in faults}
    return [item for item in files if item.file.path not in bad]


def _folder(path: str) -> InputFile:
    return InputFile(path, 0, fault=DataError(f"{displayed(path)} is a folder now", "Bring the file back."))


def _since_gone(item: Arrival, fault: DataError) -> DataError:
    return DataError(f"{displayed(item.file.path)}, which the stream has listed: {fault.message}", fault.hint)


def _resized(then: Sequence[Arrival], now: Sequence[Arrival]) -> list[Fault]:
    """Files with another size than when a table took them in."""
    sizes = {item.file.path: item.file.size for item in then}
    return [
        (
            item,
            DataError(
                f"{displayed(item.file.path)} had {sizes[item.file.path]} bytes when its batch was begun "
                f"and has {item.file.size} now",
                "Bring it back as it was.",
            ),
        )
        for item in now
        if item.file.size != sizes[item.file.path]
    ]
