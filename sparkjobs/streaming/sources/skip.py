"""What a batch passes over: kept with its record, so that a repeated batch passes over the same."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Skip:
    """A file that is passed over.

    Attributes:
        path: the file.
        reason: why it cannot be read, where it went to quarantine; ``None`` where the user named it.
    """

    path: str
    reason: str | None = None
