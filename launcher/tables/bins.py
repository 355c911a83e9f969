"""Which small files are written together, and what the log then says of the new file. Pure."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timezone
from decimal import Decimal
from typing import Any

from sparkjobs.errors import WriteError


@dataclass(frozen=True)
class DataFile:
    """A data file as the log has it.

    Attributes:
        path: inside the table, as the log writes it (``%`` for odd characters).
        bytes: its size.
        rows: as its statistics tell; ``None`` without.
        partition: the values of the partition columns, as the log writes them.
        lowest: of columns at the top, as far as its statistics tell.
        highest: the same for the greatest values.
        nulls: the numbers of nulls.
    """

    path: str
    bytes: int
    rows: int | None = None
    partition: Mapping[str, str | None] = field(default_factory=dict)
    lowest: Mapping[str, Any] = field(default_factory=dict)
    highest: Mapping[str, Any] = field(default_factory=dict)
    nulls: Mapping[str, int] = field(default_factory=dict)


def bins(files: Iterable[DataFile], target: int) -> list[tuple[DataFile, ...]]:
    """Neighbours of one partition that fit into ``target`` bytes together; a file alone stays as it is."""
    found: list[tuple[DataFile, ...]] = []
    open_bins: dict[tuple[tuple[str, str | None], ...], list[DataFile]] = {}
    for file in files:
        if file.bytes >= target:
            continue
        partition = tuple(sorted(file.partition.items()))
        current = open_bins.setdefault(partition, [])
        if sum(item.bytes for item in current) + file.bytes > target:
            found.append(tuple(current))
            current = open_bins[partition] = []
        current.append(file)
    found.extend(tuple(items) for items in open_bins.values())
    return [items for items in found if len(items) > 1]


def statistics(files: Sequence[DataFile], rows: int) -> str:
    """The new file's statistics as the log's JSON, from those of the files it replaces.

    Least and greatest values are told where every file tells them. Never of floats: delta-rs leaves NaN
    out, which to Spark is the greatest number, so that Spark passes files over that hold it.
    """
    statistics: dict[str, Any] = {"numRecords": rows, "minValues": {}, "maxValues": {}, "nullCount": {}}
    for name in files[0].nulls:
        if all(name in file.nulls for file in files):
            statistics["nullCount"][name] = sum(file.nulls[name] for file in files)
    for key, of, choose in (("minValues", "lowest", min), ("maxValues", "highest", max)):
        for name in getattr(files[0], of):
            values = [_comparable(getattr(file, of).get(name)) for file in files]
            if None not in values:
                statistics[key][name] = _written(choose(values))
    return json.dumps(statistics)


def partition_text(value: Any) -> str | None:
    """A partition value as Delta's protocol writes it.

    Raises:
        WriteError: a kind of value that has no safe text.
    """
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool):
        return str(value).lower()
    # PROTOCOL.md, Partition Value Serialization: a timestamp_ntz without zone, a timestamp as UTC with its Z.
    if isinstance(value, datetime):
        local = value.replace(tzinfo=None)
        if value.tzinfo is None:
            return local.isoformat(sep=" ", timespec="microseconds")
        return value.astimezone(timezone.utc).replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float):
        return {"inf": "Infinity", "-inf": "-Infinity", "nan": "NaN"}.get(repr(value), repr(value))
    if isinstance(value, int):
        return str(value)
    raise WriteError(
        f"the table is partitioned by a column of {type(value).__name__}, which is written by Spark only",
        "Use Spark: OPTIMIZE in SQL.",
    )


def _comparable(value: Any) -> Any:
    plain = isinstance(value, str | int | date) and not isinstance(value, bool)
    return value if plain else None


def _written(value: Any) -> Any:
    # Milliseconds, as Spark writes statistics; its DataSkippingReader allows for the cut in a greatest value.
    if isinstance(value, datetime):
        text = value.replace(tzinfo=None).isoformat(timespec="milliseconds")
        return text if value.tzinfo is None else text + "Z"
    return value.isoformat() if isinstance(value, date) else value
