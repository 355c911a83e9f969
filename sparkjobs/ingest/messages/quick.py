"""Records that are flat JSON objects on one line become typed columns without a look at any single one.

Whatever is anything else, or does not fit, is left to ``records.read_records``: both ways give the same rows.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pyarrow as pa

from sparkjobs.ingest.json_records import Wanted
from sparkjobs.ingest.json_values import typed_values
from sparkjobs.ingest.lines import text_lines
from sparkjobs.ingest.messages.given import PLACES
from sparkjobs.ingest.messages.parse import JsonValues, Values
from sparkjobs.ingest.messages.records import Messages, place_of, read_records
from sparkjobs.ingest.model import Block
from sparkjobs.ingest.typed_batches import typed_batch, typed_column, value_batch
from sparkjobs.ingest.typed_json import flat
from sparkjobs.ingest.typing import Column


def typed_records(messages: Messages, columns: Sequence[Column], read: Values) -> Iterator[Any]:
    """The rows of some records as typed batches.

    Args:
        messages: the records.
        columns: what the job asks for.
        read: reads the fields of a value.
    """
    left = np.ones(len(messages.values), bool)
    if isinstance(read, JsonValues) and read.names:
        for rows, batch in _flat(messages, columns, read):
            left[rows] = False
            yield batch
    rest = np.flatnonzero(left).tolist()
    if rest:
        names = [column.input_name for column in columns]
        chosen = messages if len(rest) == len(left) else _of(messages, rest)
        yield typed_batch(read_records(chosen, names, read), columns, None)


def _flat(messages: Messages, columns: Sequence[Column], read: JsonValues) -> Iterator[tuple[Any, Any]]:
    """Good rows as batches, with the indexes of their records."""
    places = np.array([i for i, value in enumerate(messages.values) if _is_line(value)], np.int64)
    if not len(places):
        return
    data = b"\n".join(messages.values[i] or b"" for i in places.tolist())
    wanted = Wanted(read.names, read.kinds, read.ignore_extra)
    lines = text_lines(Block(data, 0, None), "")
    for found in flat(data, lines, wanted):
        values = dict(zip(wanted.once, found.values, strict=True))
        rows = places[found.lines]
        typed = [
            _placed(messages, column, rows)
            if column.input_name in PLACES
            else typed_values(column, values[column.input_name])
            for column in columns
        ]
        good = ~np.logical_or.reduce([wrong for _, wrong in typed])
        if good.any():
            yield rows[good], value_batch(columns, [value for value, _ in typed], good)


def _is_line(value: bytes | None) -> bool:
    """Whether a value stays one line among others; that it is text is seen of all at once."""
    return value is not None and b"\n" not in value and b"\r" not in value and value[:1] == b"{"


def _placed(messages: Messages, column: Column, rows: Any) -> tuple[Any, Any]:
    texts: list[str | None] = []
    refused = np.zeros(len(rows), bool)
    for at, index in enumerate(rows.tolist()):
        try:
            texts.append(place_of(messages, index, column.input_name))
        except ValueError:  # its record is read again, one by one, which gives the reason
            texts.append(None)
            refused[at] = True
    value, wrong = typed_column(column, pa.array(texts, pa.string()))
    return value, wrong | refused


def _of(messages: Messages, rows: Sequence[int]) -> Messages:
    def chosen(items: Sequence[Any]) -> Sequence[Any]:
        return [items[i] for i in rows] if items else ()

    return replace(
        messages,
        values=chosen(messages.values),
        offsets=chosen(messages.offsets),
        keys=chosen(messages.keys),
        micros=chosen(messages.micros),
    )
