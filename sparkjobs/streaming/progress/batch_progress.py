"""What a stream tells of one batch: a line of progress.jsonl. Pure."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

PHASES = ("plan", "read", "work", "commit", "bookkeeping")


@dataclass(frozen=True)
class Seconds:
    """Where the time of a batch went; the phases add up to ``total``.

    Attributes:
        total: from the moment at which the batch could begin until it was done. It could begin when the
            batch before it was done and a look at the input had begun that found its rows.
        plan: looking at the input and handing the batch to us.
        read: reading the input as far as that comes before the tables: headers, counts, bad rows.
        work: computing and writing the rows of the tables.
        commit: committing them, and looking whether the commit is there.
        bookkeeping: what the checkpoint keeps of the batch, and the rest.
    """

    total: float
    plan: float
    read: float
    work: float
    commit: float
    bookkeeping: float


@dataclass(frozen=True)
class BatchProgress:
    """One batch that was done. ``None`` means unknown.

    Attributes:
        ts: when it was done, ISO 8601 in UTC.
        batch: its number in the checkpoint.
        rows: rows that it read; unknown where the tables held the batch from an earlier run.
        input_rows_per_s: its rows by the seconds since the batch before it began.
        seconds: where the time went.
        lag: what lies unread now, in the source's unit (files, records, rows).
        state_rows: rows that Spark keeps as state.
        watermark: what divided its rows, ISO 8601 in UTC.
        executors: executors that were there.
        target: how many the stream asks for.
    """

    ts: str
    batch: int
    rows: int | None
    input_rows_per_s: float | None
    seconds: Seconds
    lag: int | None = None
    state_rows: int | None = None
    watermark: str | None = None
    executors: int | None = None
    target: int | None = None


def to_line(progress: BatchProgress) -> str:
    """A batch as one line of JSON, without the line's end."""
    return json.dumps(asdict(progress))


def from_line(line: str) -> BatchProgress:
    """Read what ``to_line`` wrote; keys that a later version added are passed over.

    Raises:
        ValueError: it is no such line.
    """
    try:
        value = json.loads(line)
        seconds = Seconds(**{name: float(value["seconds"][name]) for name in ("total", *PHASES)})
        return BatchProgress(**{**_known(value), "seconds": seconds})
    except (KeyError, TypeError) as error:
        raise ValueError(f"no line of progress: {line[:80]}") from error


def _known(value: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value[name] for name in BatchProgress.__dataclass_fields__ if name in value}
