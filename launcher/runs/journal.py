"""Keeps a run's record and its events in step."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from datetime import datetime, timezone
from typing import Any

import msgspec

from launcher.records.record import Record, State, Transition, apply
from launcher.records.store import RunFolder


class Journal:
    """The record of one run while it goes on; threads may write facts.

    A disk that is full must not end the run, nor lose the lock before the run has ended: what cannot be
    written is kept here and ``failed`` says why.
    """

    def __init__(self, folder: RunFolder, record: Record) -> None:
        self.folder = folder
        self.record = record
        self.failed: OSError | None = None
        self._lock = threading.Lock()

    def enter(self, state: State, detail: str = "", **facts: Any) -> None:
        """A new state, or facts within the present one: the event is appended, then the record replaced."""
        with self._lock:
            self._enter(state, detail, facts)

    def note(self, **facts: Any) -> None:
        """Facts that a crash must not lose, within the present state."""
        with self._lock:  # the state as well is read under it: another thread may be about to change it
            self._enter(self.record.state, "", facts)

    def change(self, **fields: Any) -> None:
        """Fields of the record that no event carries; an old record comes without them."""
        with self._lock:
            self.record = msgspec.structs.replace(self.record, **fields)
            self._write(None)

    def _enter(self, state: State, detail: str, facts: Mapping[str, Any]) -> None:
        plain = {name: msgspec.to_builtins(value) for name, value in facts.items() if value is not None}
        line = Transition(now(), state, detail, plain)
        self.record = apply(self.record, line)
        self._write(line)

    def _write(self, line: Transition | None) -> None:
        try:
            if line is not None:
                self.folder.append(line)
            self.folder.write(self.record)
        except OSError as error:
            self.failed = error


def now() -> str:
    """The moment in UTC, to the millisecond."""
    return datetime.now(timezone.utc).isoformat(timespec="milliseconds").replace("+00:00", "Z")
