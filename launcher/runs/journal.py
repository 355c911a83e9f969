"""Keeps a run's record and its events in step."""

from __future__ import annotations

import threading
from datetime import datetime, timezone
from typing import Any

import msgspec

from launcher.runs.record import Record, Transition, apply
from launcher.runs.states import State
from launcher.runs.store import RunFolder


class Journal:
    """The record of one run while it goes on; threads may write facts."""

    def __init__(self, folder: RunFolder, record: Record) -> None:
        self.folder = folder
        self.record = record
        self._lock = threading.Lock()

    def enter(self, state: State, detail: str = "", **facts: Any) -> None:
        """A new state, or facts within the present one: appended first, then the record is replaced."""
        with self._lock:
            plain = {name: msgspec.to_builtins(value) for name, value in facts.items() if value is not None}
            line = Transition(now(), state, detail, plain)
            self.folder.append(line)
            self.record = apply(self.record, line)
            self.folder.write(self.record)

    def note(self, **facts: Any) -> None:
        """Facts that a crash must not lose, within the present state."""
        self.enter(self.record.state, **facts)

    def change(self, **fields: Any) -> None:
        """Fields of the record that no event carries; an old record comes without them."""
        with self._lock:
            self.record = msgspec.structs.replace(self.record, **fields)
            self.folder.write(self.record)


def now() -> str:
    """The moment in UTC, to the millisecond."""
    return datetime.now(timezone.utc).isoformat(timespec="milliseconds").replace("+00:00", "Z")
