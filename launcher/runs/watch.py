"""Signs of life of a run on this machine: the driver's marker, the application's event log."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from launcher.records.record import Process
from launcher.runs.processes import identify

_LOG_NAME = re.compile(
    r"(?:eventlog_v2_)?(?P<id>(?:local|app|application|spark)-?_?[\w-]+?)(?:\.inprogress|\.zstd)?"
)


def driver_of(marker: Path) -> Process | None:
    """The driver's Python, once it has written its marker."""
    try:
        return identify(int(marker.read_text(encoding="ascii")))
    except (OSError, ValueError):
        return None


def applications(event_log: Path) -> Iterator[str]:
    """Ids of the applications that have begun an event log in the folder, the oldest first."""
    try:
        entries = sorted(event_log.iterdir(), key=lambda path: path.stat().st_mtime_ns)
    except OSError:
        return
    for entry in entries:
        if match := _LOG_NAME.fullmatch(entry.name):
            yield match["id"]
