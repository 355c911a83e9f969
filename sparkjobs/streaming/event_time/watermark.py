"""The watermark: how far a stream is in the time of its rows. Pure.

Of batch N it is the greatest accepted time of the batches before N, minus ``--watermark``; a source of
several parts, each in an order of its own, is as far as the least of those that still have rows. It never
goes back.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Rule:
    """What the flags say, in microseconds.

    Attributes:
        delay_us: ``--watermark``: how far behind the newest row others may come.
        ahead_us: ``--max-ahead``: how far beyond the batch's start a time may lie.
    """

    delay_us: int
    ahead_us: int


@dataclass(frozen=True)
class Cut:
    """What a batch divides its rows by, in microseconds from 1970; it is kept with the batch's record.

    Attributes:
        watermark_us: rows before it are late; ``None``: no row is.
        latest_us: rows after it are ahead.
    """

    watermark_us: int | None
    latest_us: int


def reached(greatest: Mapping[str, int], unread: Collection[str]) -> int | None:
    """How far a source is: the least of the parts with unread rows, the greatest where all are read.

    Args:
        greatest: the greatest accepted time of each part, in microseconds.
        unread: the parts with rows that no batch has taken in.

    Returns:
        microseconds; ``None`` where nothing was accepted yet of a part with unread rows: nobody knows how
        far back they lie.
    """
    if not unread:
        return max(greatest.values(), default=None)
    times = [greatest.get(part) for part in unread]
    known = [time for time in times if time is not None]
    return min(known) if len(known) == len(times) else None


def advanced(before_us: int | None, reached_us: int | None, delay_us: int) -> int | None:
    """The next watermark, which is never before the one before it."""
    if reached_us is None:
        return before_us
    now = reached_us - delay_us
    return now if before_us is None else max(before_us, now)


def greater(one: Mapping[str, int], other: Mapping[str, int]) -> dict[str, int]:
    """The greatest time of each part of both."""
    return {
        part: max(x for x in (one.get(part), other.get(part)) if x is not None) for part in {*one, *other}
    }
