"""The rows of ``rate://N``: each is made of its number, so a batch that is repeated has the same. Pure."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sparkjobs.ingest.flows import MADE_UP_TEXT

KEYS = 10
# So many words, one for each letter but a few; what they say does not matter, how often each comes does.
_WORDS = ("one", "river", "small", "light", "under", "seven", "glass", "north", "apple", "winter", "quiet")
# Knuth's multiplier (2^32 divided by the golden ratio): neighbouring numbers get keys that do not.
_SPREAD = 2654435761
_SECOND_US = 1_000_000


@dataclass(frozen=True)
class Numbers:
    """The numbers ``[begin, end)`` of rows."""

    begin: int
    end: int


def to_line(number: int, rows: Numbers) -> str:
    """Rows on a list as one line of JSON."""
    return json.dumps({"list": number, "from": rows.begin, "until": rows.end})


def from_line(line: str) -> Numbers:
    """Read what ``to_line`` wrote."""
    value = json.loads(line)
    return Numbers(int(value["from"]), int(value["until"]))


def due(began_us: int, now_us: int, rows_per_second: int) -> int:
    """How many rows there are by now: those whose time has come.

    Args:
        began_us: when the stream began, microseconds since 1970.
        now_us: the moment.
        rows_per_second: the rate.
    """
    return max(0, (now_us - began_us) * rows_per_second // _SECOND_US)


def cut(begin: int, end: int, most: int) -> Iterator[Numbers]:
    """Rows in pieces of at most ``most``."""
    for at in range(begin, end, most):
        yield Numbers(at, min(at + most, end))


def columns(began_us: int, rows_per_second: int) -> Sequence[str]:
    """SQL expressions that make a row of its number, ``id``."""
    words = "array(" + ", ".join(f"'{word}'" for word in _WORDS) + ")"
    many = len(_WORDS)
    # Whole numbers all the way: began + id / rate, rounded down to the microsecond.
    time = (
        f"timestamp_micros({began_us} + (id div {rows_per_second}) * {_SECOND_US} "
        f"+ (id % {rows_per_second}) * {_SECOND_US} div {rows_per_second})"
    )
    return (
        f"{time} AS timestamp",
        "id AS value",
        # Short of 2^63, beyond which SQL's whole numbers overflow.
        f"concat('key', (id % 1000000007 * {_SPREAD} % 4294967296) % {KEYS}) AS key",
        f"concat_ws(' ', element_at({words}, CAST(id % {many} AS INT) + 1), "
        f"element_at({words}, CAST(id div {many} % {many} AS INT) + 1)) AS {MADE_UP_TEXT}",
    )
