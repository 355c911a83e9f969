"""Follows a stream beside its run: its progress goes into the run's folder, its lag to who wants to know."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from launcher.runs.journal import Journal
from launcher.runs.on_failure import notify_lag
from launcher.runs.output import say
from launcher.runs.progress.stream_copy import NewLines, new_lines
from launcher.runs.run_request import RunRequest
from launcher.runs.threads import in_thread
from sparkjobs.ingest.storage import S3Settings
from sparkjobs.streaming.folder import Folder
from sparkjobs.streaming.progress.batch_progress import BatchProgress, from_line
from sparkjobs.streaming.progress.progress_file import LocalLines

LOOK_S = 1.0


class LagAlarm:
    """Tells when a lag goes beyond its limit, and again only after it was within. Pure.

    Args:
        limit: the lag that is still well; ``None``: every one is.
    """

    def __init__(self, limit: int | None) -> None:
        self._limit = limit
        self._beyond = False

    def rings(self, lag: int | None) -> bool:
        """Whether a batch's lag is the first beyond the limit."""
        if self._limit is None or lag is None:
            return False
        before, self._beyond = self._beyond, lag > self._limit
        return self._beyond and not before


class StreamWatch:
    """The progress of one run's stream; nothing of it may hold up or end the run.

    Args:
        request: the run; without a checkpoint there is nothing to follow.
        journal: its record.
    """

    def __init__(self, request: RunRequest, journal: Journal) -> None:
        self._request, self._journal = request, journal
        hook = request.on_failure
        self._alarm = LagAlarm(hook.lag if hook else None)
        self._over = threading.Event()
        self._mutex = threading.Lock()
        self._copy = LocalLines(journal.folder.progress)
        self._told = False
        self._source: NewLines | None = None

    def start(self) -> None:
        """Follow it from now on: what is there already is of runs before."""
        checkpoint = self._request.checkpoint
        if checkpoint is not None:
            # A store that does not answer holds up this thread alone.
            in_thread(lambda: self._follow(checkpoint))

    @property
    def following(self) -> bool:
        """Whether what is written from now on will be copied."""
        return self._source is not None

    def finish(self) -> None:
        """The run is over: what its stream wrote last is copied."""
        self._over.set()
        self.look()

    def look(self) -> None:
        """Copy what is new."""
        if self._source is None:
            return
        lines: list[str] = []
        with self._mutex, self._telling():
            lines = self._source.new()
            for line in lines:
                self._copy.append(line)
        self._ring(lines)

    def _follow(self, checkpoint: str) -> None:
        with self._telling():
            self._source = new_lines(Folder(checkpoint, S3Settings.from_environment(os.environ)))
        while not self._over.wait(LOOK_S):
            self.look()

    @contextmanager
    def _telling(self) -> Iterator[None]:
        """A store that does not answer, or a full disk, is told once."""
        try:
            yield
        except OSError as error:
            if not self._told:
                say(f"the stream's progress cannot be followed now: {error}")
            self._told = True

    def _ring(self, lines: Sequence[str]) -> None:
        rung = [found for line in lines if (found := _parsed(line)) and self._alarm.rings(found.lag)]
        if rung:
            in_thread(lambda: notify_lag(self._journal, self._request, rung[0]))


def _parsed(line: str) -> BatchProgress | None:
    try:
        return from_line(line)
    except ValueError:
        return None
