"""What a run was: how long rows waited for their commit, and what the executors cost."""

from __future__ import annotations

import json
import statistics
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow.compute as pc
import pyarrow.parquet as pq

from launcher.records.history.trace import Executor

SENT = "sent_ms"
_COMPILES = 5


@dataclass(frozen=True)
class Committed:
    """Rows of one commit that were meant to be sent at one time.

    Attributes:
        sent_ms: when, in milliseconds since 1970.
        at_ms: when the commit was there.
        rows: how many.
    """

    sent_ms: int
    at_ms: int
    rows: int


def commits(table: Path) -> list[Committed]:
    """What the versions of a Delta table brought, by the column ``sent_ms``."""
    found = []
    for file in sorted((table / "_delta_log").glob("*.json")):
        actions = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
        # The file appears whole, when the commit is done (LogStore.write): its time is the commit's.
        at_ms = int(file.stat().st_mtime * 1000)
        # A compaction writes rows again that were committed before.
        added = (action["add"] for action in actions if "add" in action)
        for add in (one for one in added if one.get("dataChange", True)):
            sent = pq.read_table(table / add["path"], columns=[SENT])[SENT]
            counts = pc.value_counts(sent).to_pylist()
            found += [Committed(int(one["values"]), at_ms, int(one["counts"])) for one in counts]
    return found


def by_totals(sent: Sequence[tuple[int, int]], totals: Sequence[tuple[int, int]]) -> list[Committed]:
    """What was committed, where a table tells only how many rows it stands for: they come in their order.

    Args:
        sent: when rows were meant to be sent and how many, in order.
        totals: when a version was there, and how many rows it stands for, in order.
    """
    found: list[Committed] = []
    versions = iter(totals)
    at_ms, room = 0, 0
    seen = 0
    for sent_ms, rows in sent:
        while rows:
            while not room:
                version = next(versions, None)
                if version is None:
                    return found
                at_ms, room, seen = version[0], version[1] - seen, version[1]
            taken = min(rows, room)
            found.append(Committed(sent_ms, at_ms, taken))
            rows, room = rows - taken, room - taken
    return found


def totals(table: Path, column: str = "count") -> list[tuple[int, int]]:
    """When each version of a table of groups was there, and the sum of a column."""
    from deltalake import DeltaTable

    found = []
    for file in sorted((table / "_delta_log").glob("*.json")):
        rows = DeltaTable(str(table), version=int(file.stem)).to_pyarrow_table(columns=[column])
        found.append((int(file.stat().st_mtime * 1000), int(pc.sum(rows[column]).as_py() or 0)))
    return found


def latencies(found: Iterable[Committed], since_ms: float, until_ms: float) -> list[tuple[float, int]]:
    """Seconds from meant to be sent to committed, and how many rows; sorted.

    Args:
        found: what was committed.
        since_ms: rows that were sent before are left out.
        until_ms: rows that were sent later likewise.
    """
    kept = (one for one in found if since_ms <= one.sent_ms < until_ms)
    return sorted(((one.at_ms - one.sent_ms) / 1000, one.rows) for one in kept)


def percentile(sorted_pairs: Sequence[tuple[float, int]], part: float) -> float:
    """Seconds within which that part of the rows was committed.

    Raises:
        ValueError: there is no row.
    """
    rest = part * sum(rows for _, rows in sorted_pairs)
    for seconds, rows in sorted_pairs:
        rest -= rows
        if rest <= 0:
            return seconds
    raise ValueError("no row was committed in the time that is measured")


def backlog(found: Iterable[Committed], since_ms: float, until_ms: float) -> int:
    """The most rows that had been sent and were not committed, looked at whenever something was committed."""
    kept = [one for one in found if since_ms <= one.sent_ms < until_ms]
    moments = sorted({one.at_ms for one in kept})
    # The moment before a commit: its rows still wait.
    return max((sum(one.rows for one in kept if one.sent_ms < at <= one.at_ms) for at in moments), default=0)


def executor_seconds(executors: Iterable[Executor], since_ms: float, until_ms: float) -> float:
    """Executors over time, from their adding to their removal or the end."""
    spans = (
        min(until_ms, executor.removed_ms or until_ms) - max(since_ms, executor.added_ms)
        for executor in executors
    )
    return sum(max(0.0, span) for span in spans) / 1000


def phases(lines: Sequence[Mapping[str, Any]]) -> dict[str, float]:
    """Where the time of a batch went: the median of each phase, but for the first batches, which compile."""
    warm = [line["seconds"] for line in lines[_COMPILES:]]
    return {name: statistics.median(one[name] for one in warm) for name in warm[0]} if warm else {}


def progress(checkpoint: Path) -> list[dict[str, Any]]:
    """The lines of a stream's progress."""
    file = checkpoint / "progress.jsonl"
    if not file.is_file():
        return []
    return [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
