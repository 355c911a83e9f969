"""Where the first run of a stream begins: what ``--start`` says. Pure."""

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
EARLIEST_OFFSET, LATEST_OFFSET = -2, -1
_PLACES = "Write earliest, latest, a time such as 2026-01-31T05:00:00Z"
OF_TABLE = f"{_PLACES}."
OF_TOPIC = f"""{_PLACES}, or offsets such as {{"0": 12, "1": -2}} (-2: the earliest, -1: the latest)."""


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


def start_of(text: str | None, zone: str, topic: str | None = None) -> Start:
    """Read ``--start``.

    Args:
        text: the flag; ``None`` is earliest.
        zone: the zone of a time without one.
        topic: the topic, which offsets may name as Spark's ``startingOffsets`` do; ``None``: a table is read,
            which has no offsets.

    Raises:
        UsageError: it is none of these.
    """
    if text is None or text == EARLIEST:
        return Start("earliest")
    if text == LATEST:
        return Start("latest")
    if topic is not None and text.lstrip().startswith("{"):
        return Start("offsets", offsets=_offsets(text, topic))
    try:
        moment = zones.moment(text, zone)
    except ValueError as error:
        form = OF_TABLE if topic is None else OF_TOPIC
        raise UsageError(f"--start {text!r} is neither a place nor a time: {error}", form) from error
    # Up: a record of the millisecond before is before it. Numbers below 0 mean other things to Kafka.
    since = moment - datetime(1970, 1, 1, tzinfo=timezone.utc)
    return Start("moment", moment_ms=max(0, -(-since // timedelta(milliseconds=1))))


def _offsets(text: str, topic: str) -> dict[int, int]:
    try:
        value: Any = json.loads(text)
    except ValueError as error:
        raise UsageError(f"--start is no JSON: {error}", OF_TOPIC) from error
    if isinstance(value, dict) and list(value) == [topic] and isinstance(value[topic], dict):
        value = value[topic]
    if not isinstance(value, dict) or not value:
        raise UsageError(f"--start {text} names no partitions of {topic}", OF_TOPIC)
    for number, offset in value.items():
        whole = isinstance(offset, int) and not isinstance(offset, bool)
        if not (number.isascii() and number.isdigit() and whole and offset >= EARLIEST_OFFSET):
            raise UsageError(f"--start: {number!r}: {offset!r} is no partition with its offset", OF_TOPIC)
    return {int(number): offset for number, offset in value.items()}
