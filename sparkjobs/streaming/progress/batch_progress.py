"""What a stream tells of one batch: a line of progress.jsonl. Pure."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from datetime import datetime
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
class Decided:
    """A decision on the number of executors.

    Attributes:
        ts: when, ISO 8601 in UTC.
        target: how many the stream asks for from then on.
        reason: why, in a sentence with its numbers.
    """

    ts: str
    target: int
    reason: str

    @property
    def at_ms(self) -> int:
        """When, in milliseconds from 1970."""
        # Before Python 3.11 fromisoformat knows no "Z".
        return round(datetime.fromisoformat(self.ts.replace("Z", "+00:00")).timestamp() * 1000)


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
        decisions: how that number came to be, since the line before; the line of a batch without any has no
            such key.
        lag_by_partition: ``lag`` by partition of a topic that has several; other lines have no such key.
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
    decisions: tuple[Decided, ...] = ()
    lag_by_partition: Mapping[str, int] = field(default_factory=dict)


_MAY_LACK = ("decisions", "lag_by_partition")


def most_behind(lags: Mapping[str, int]) -> str:
    """For people: the partition with the greatest lag; empty where no partition lags or there is one."""
    part = max(lags, key=lambda name: lags[name], default=None)
    return "" if part is None or not lags[part] else f"{lags[part]:,} of it in partition {part}"


def stamp(moment: datetime) -> str:
    """A moment as lines have it: ISO 8601 in UTC with milliseconds."""
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def document(progress: BatchProgress) -> dict[str, Any]:
    """A batch as JSON."""
    return {name: value for name, value in asdict(progress).items() if value or name not in _MAY_LACK}


def to_line(progress: BatchProgress) -> str:
    """A batch as one line of JSON, without the line's end."""
    return json.dumps(document(progress))


def from_line(line: str) -> BatchProgress:
    """Read what ``to_line`` wrote; keys that a later version added are passed over.

    Raises:
        ValueError: it is no such line.
    """
    try:
        value = json.loads(line)
        seconds = Seconds(**{name: float(value["seconds"][name]) for name in ("total", *PHASES)})
        decided = tuple(Decided(**_known(Decided, one)) for one in value.get("decisions", ()))
        return BatchProgress(**{**_known(BatchProgress, value), "seconds": seconds, "decisions": decided})
    except (KeyError, TypeError) as error:
        raise ValueError(f"no line of progress: {line[:80]}") from error


def _known(kind: type[BatchProgress | Decided], value: Mapping[str, Any]) -> dict[str, Any]:
    return {own.name: value[own.name] for own in fields(kind) if own.name in value}
