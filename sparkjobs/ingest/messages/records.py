"""A batch of records as columns of text, their faults as bad rows. Runs in the workers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import Any

import numpy as np
import pyarrow as pa

from sparkjobs.ingest.csv_records import Records
from sparkjobs.ingest.messages.given import KEY, OFFSET, PARTITION, TIMESTAMP
from sparkjobs.ingest.messages.parse import Fields, Values, bad_row, fault
from sparkjobs.ingest.model import BadRow

_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)


@dataclass(frozen=True)
class Messages:
    """Records of one partition.

    Attributes:
        file: what the quarantine calls the partition.
        partition: its number.
        values: bytes, or ``None``.
        offsets: one for each value.
        keys: bytes or ``None``; the list is empty where nobody asks.
        micros: times in microseconds since 1970; the list is empty where nobody asks.
    """

    file: str
    partition: int
    values: Sequence[bytes | None]
    offsets: Sequence[int]
    keys: Sequence[bytes | None] = ()
    micros: Sequence[int] = ()


def messages_of(batch: Any, place: str, asked: Sequence[str]) -> Iterator[Messages]:
    """The records of an Arrow batch by partition; Spark makes a task of one, and promises nothing."""
    partitions = batch.column("partition").to_numpy()
    for number in np.unique(partitions).tolist():
        chosen = partitions == number
        part = batch if chosen.all() else batch.filter(pa.array(chosen))
        yield Messages(
            f"{place}/{number}",
            number,
            part.column("value").to_pylist(),
            part.column("offset").to_pylist(),
            part.column("key").to_pylist() if KEY in asked else (),
            part.column("micros").to_pylist() if TIMESTAMP in asked else (),
        )


def read_records(messages: Messages, names: Sequence[str], read: Values) -> Records:
    """The wanted columns of some records as text.

    Args:
        messages: the records.
        names: the columns as the input calls them; those of the record itself first in ``read``'s order.
        read: reads the fields of a value, in the order of the names that are none of a record's place.
    """
    rows: list[Fields] = []
    kept: list[int] = []
    bad: list[BadRow] = []
    for index, value in enumerate(messages.values):
        try:
            rows.append(_row(messages, index, value, names, read))
            kept.append(index)
        except ValueError as error:
            bad.append(bad_row(messages.file, messages.offsets[index], str(error), value))
    columns = tuple(pa.array([row[i] for row in rows], pa.string()) for i in range(len(names)))

    def refuse(index: int, reason: str) -> BadRow:
        at = kept[index]
        return bad_row(messages.file, messages.offsets[at], reason, messages.values[at])

    def places() -> tuple[Any, Any, Any]:
        texts = [(messages.values[at] or b"").decode("utf-8") for at in kept]
        offsets = pa.array([messages.offsets[at] for at in kept], pa.int64())
        return pa.array(texts, pa.string()), offsets, pa.nulls(len(kept), pa.int64())

    return Records(columns, refuse, places, tuple(bad))


def _row(messages: Messages, index: int, value: bytes | None, names: Sequence[str], read: Values) -> Fields:
    reason = fault(value)
    if reason is not None or value is None:
        raise ValueError(reason)
    fields = iter(read(value.decode("utf-8")))
    return [place_of(messages, index, name) if name in _PLACED else next(fields) for name in names]


def place_of(messages: Messages, index: int, name: str) -> str | None:
    """A record's place as text, or its key.

    Raises:
        ValueError: the key is no text.
    """
    return _PLACED[name](messages, index)


def _key(messages: Messages, index: int) -> str | None:
    key = messages.keys[index]
    if key is None:
        return None
    reason = fault(key)
    if reason is not None:
        raise ValueError(f"{KEY}: {reason}")
    return key.decode("utf-8")


def _time(messages: Messages, index: int) -> str:
    micros = messages.micros[index]
    try:
        moment = _EPOCH + timedelta(microseconds=micros)
    except OverflowError as error:  # a producer may write any number
        raise ValueError(f"{TIMESTAMP}: {micros // 1000} ms from 1970 lie beyond the calendar") from error
    return moment.strftime("%Y-%m-%dT%H:%M:%S.%fZ")


# As text, which the same typers read as that of any field.
_PLACED = {
    KEY: _key,
    PARTITION: lambda messages, index: str(messages.partition),
    OFFSET: lambda messages, index: str(messages.offsets[index]),
    TIMESTAMP: _time,
}
