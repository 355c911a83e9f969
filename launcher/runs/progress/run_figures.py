"""The figures of a run: from its driver's pages where it has some, else from its event log."""

from __future__ import annotations

from pathlib import Path

from launcher.records.figures import Figures
from launcher.records.history.log_files import LogReader, logs
from launcher.records.record import Record
from launcher.runs.progress import rest
from sparkjobs.errors import DataError


class Source:
    """Asks again and again; what cannot be had is ``None`` and fails nothing.

    Args:
        event_log: folder of the run's own event log.
    """

    def __init__(self, event_log: Path) -> None:
        self._event_log = event_log
        self._reader: LogReader | None = None
        self._read: Path | None = None

    def figures(self, record: Record) -> Figures | None:
        """How far the run is."""
        if record.ui and record.application_id:
            found = rest.figures(record.ui, record.application_id)
            if found is not None:
                return found
        return self._from_log()

    def _from_log(self) -> Figures | None:
        try:
            newest = logs(self._event_log)[-1:]
            if not newest:
                return None
            if self._reader is None or newest[0] != self._read:
                self._read, self._reader = newest[0], LogReader(newest[0])
            return self._reader.poll().figures()
        except (OSError, ValueError, DataError):
            return None
