"""The states of a run."""

from __future__ import annotations

from enum import Enum


class State(str, Enum):
    """Where a run is; the last five are final."""

    PLANNED = "PLANNED"
    LOCKED = "LOCKED"
    SUBMITTED = "SUBMITTED"
    RUNNING = "RUNNING"
    SUCCEEDED = "SUCCEEDED"
    FAILED = "FAILED"
    CANCELLED = "CANCELLED"
    REFUSED = "REFUSED"
    LOST = "LOST"

    @property
    def final(self) -> bool:
        """Nothing follows."""
        return self in FINAL


FINAL = frozenset({State.SUCCEEDED, State.FAILED, State.CANCELLED, State.REFUSED, State.LOST})
