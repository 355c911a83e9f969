"""Where the first run of a stream begins in each partition of its topic. Pure."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import Any, Literal

from sparkjobs import zones
from sparkjobs.errors import UsageError

EARLIEST, LATEST = "earliest", "latest"
# What Spark's own startingOffsets mean by them.
_EARLIEST_OFFSET, _LATEST_OFFSET = -2, -1
_FORM = (
    'Write earliest, latest, a time such as 2026-01-31T05:00:00Z, or offsets such as {"0": 12, "1": -2} '
    "(-2: the earliest, -1: the latest)."
)


@dataclass(frozen=True)
class Start:
    """What ``--start`` says.

    Attributes:
        kind: the beginning, the end, a moment, or offsets.
        moment_ms: of a moment, milliseconds since 1970.
        offsets: of offsets, by partition.
    """

    kind: Literal["earliest", "latest", "moment", "offsets"]
    moment_ms: int | None = None
    offsets: Mapping[int, int] | None = None


def start_of(text: str | None, topic: str, zone: str) -> Start:
    """Read ``--start``.

    Args:
        text: the flag; ``None`` is earliest.
        topic: the topic, which offsets may name as Spark's ``startingOffsets`` do.
        zone: the zone of a time without one.

    Raises:
        UsageError: it is none of these.
    """
    if text is None or text == EARLIEST:
        return Start("earliest")
    if text == LATEST:
        return Start("latest")
    if text.lstrip().startswith("{"):
        return Start("offsets", offsets=_offsets(text, topic))
    try:
        moment = zones.moment(text, zone)
    except ValueError as error:
        raise UsageError(f"--start {text!r} is neither a place nor a time: {error}", _FORM) from error
    # Up: a record of the millisecond before is before it. Numbers below 0 mean other things to Kafka.
    since = moment - datetime(1970, 1, 1, tzinfo=timezone.utc)
    return Start("moment", moment_ms=max(0, -(-since // timedelta(milliseconds=1))))


def begun(
    start: Start, first: Mapping[int, int], last: Mapping[int, int], later: Mapping[int, int]
) -> dict[int, int]:
    """The offset at which each partition begins.

    Args:
        start: what the flag says.
        first: the earliest offset that is there.
        last: the offset that comes next.
        later: of a moment, the first offset whose record is not before it; partitions without one are
            not in it, and begin at their end.

    Raises:
        UsageError: offsets leave a partition out, name one that is not there, or lie outside of it.
    """
    if start.kind == "earliest":
        return dict(first)
    if start.kind == "latest":
        return dict(last)
    if start.kind == "moment":
        return {number: later.get(number, end) for number, end in last.items()}
    assert start.offsets is not None
    return _checked(start.offsets, first, last)


def _checked(given: Mapping[int, int], first: Mapping[int, int], last: Mapping[int, int]) -> dict[int, int]:
    for number in sorted({*given, *first}):
        if number not in given:
            raise UsageError(f"--start names no offset of partition {number}", "Name one for each partition.")
        if number not in first:
            raise UsageError(f"--start names partition {number}, which the topic does not have", _FORM)
    found = {}
    for number, offset in sorted(given.items()):
        at = {_EARLIEST_OFFSET: first[number], _LATEST_OFFSET: last[number]}.get(offset, offset)
        if not first[number] <= at <= last[number]:
            raise UsageError(
                f"--start: partition {number} holds offsets {first[number]} to {last[number]}, not {offset}",
                _FORM,
            )
        found[number] = at
    return found


def _offsets(text: str, topic: str) -> dict[int, int]:
    try:
        value: Any = json.loads(text)
    except ValueError as error:
        raise UsageError(f"--start is no JSON: {error}", _FORM) from error
    if isinstance(value, dict) and list(value) == [topic] and isinstance(value[topic], dict):
        value = value[topic]
    if not isinstance(value, dict) or not value:
        raise UsageError(f"--start {text} names no partitions of {topic}", _FORM)
    for number, offset in value.items():
        whole = isinstance(offset, int) and not isinstance(offset, bool)
        if not (number.isascii() and number.isdigit() and whole and offset >= _EARLIEST_OFFSET):
            raise UsageError(f"--start: {number!r}: {offset!r} is no partition with its offset", _FORM)
    return {int(number): offset for number, offset in value.items()}
