"""What a run left behind: its result JSON, its commits, its event log."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from launcher.records.history.log_files import logs, read
from sparkjobs.errors import SparkjobsError

RESULTS = "_result"


def own_result(text: str, run_id: str) -> dict[str, Any] | None:
    """The result JSON of a run of ours: the last line, when it is of this very run.

    Args:
        text: the end of the job's stdout, or what stands in its result file.
        run_id: the run.
    """
    lines = text.rstrip("\n").split("\n")  # JSON may hold what else Python takes for a line's end
    try:
        found = json.loads(lines[-1])
    except json.JSONDecodeError:
        return None
    ours = isinstance(found, dict) and found.get("v") == 1 and found.get("run_id") == run_id
    return found if ours else None


def result_path(output: str, run_id: str) -> str:
    """Where a driver on the cluster leaves its result."""
    return f"{output.rstrip('/')}{RESULTS}/{run_id}.json"


def result_at(path: str, run_id: str) -> dict[str, Any] | None:
    """The result in a file; ``None`` when it cannot be had."""
    from sparkjobs.ingest.storage import S3Settings, open_bytes

    try:
        with open_bytes(path, S3Settings.from_environment(os.environ)) as stream:
            return own_result(stream.read().decode("utf-8", "replace"), run_id)
    except Exception:  # whatever a store says: the other witnesses are asked
        return None


def committed(tables: Sequence[str], run_id: str) -> bool | None:
    """Whether a table's history holds a commit of the run; ``None`` when no history can be read."""
    from sparkjobs.tables.opening import open_table, place_of

    seen: bool | None = None
    for path in tables:
        try:
            history = open_table(place_of(path, os.environ)).history()
        except Exception:  # no table yet, a store that does not answer, several tables below the path
            continue
        if any(run_id in str(commit.get("userMetadata", "")) for commit in history):
            return True
        seen = False
    return seen


def failures_in(event_log: Path) -> tuple[str, ...]:
    """Reasons of failed tasks and jobs in the newest event log of this run, the oldest first."""
    try:
        newest = logs(event_log)[-1:]
        return tuple(read(newest[0]).failures) if newest else ()
    except (SparkjobsError, OSError, ValueError):
        return ()
