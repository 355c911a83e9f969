"""When a stream looks for new files. Pure."""

from __future__ import annotations

import re
from typing import Any

AVAILABLE_NOW = "available-now"
_INTERVAL = re.compile(r"([1-9]\d{0,8}) ?(millisecond|second|minute|hour)s?")
_FASTEST_MS, _SLOWEST_MS = 20, 500
_SECONDS = {"millisecond": 0.001, "second": 1.0, "minute": 60.0, "hour": 3600.0}


def check_trigger(text: Any) -> None:
    """The check of ``--trigger``.

    Raises:
        ValueError: neither ``available-now`` nor a length of time.
    """
    if text != AVAILABLE_NOW and not _INTERVAL.fullmatch(text):
        raise ValueError('write available-now, or the time between batches such as "10 seconds"')


def check_interval(text: Any) -> None:
    """The check of a length of time.

    Raises:
        ValueError: it is none.
    """
    if not _INTERVAL.fullmatch(text):
        raise ValueError('write a length of time such as "20 seconds"')


def interval_s(text: str) -> float | None:
    """Seconds between two looks at the input; ``None`` for one look (``available-now``)."""
    match = _INTERVAL.fullmatch(text)
    return int(match.group(1)) * _SECONDS[match.group(2)] if match else None


def is_overdue(trigger: str, looked_s: float, now_s: float) -> bool:
    """Whether the next look at the input should have been already: a batch runs longer than a trigger.

    Args:
        trigger: ``--trigger``.
        looked_s: when the last look began.
        now_s: the moment, by the same clock.
    """
    every_s = interval_s(trigger)
    return every_s is not None and now_s - looked_s >= every_s


def polling_ms(interval_s: float) -> int:
    """How often Spark looks for a new list: a twentieth of the time between two looks at the input.

    Its look at the folder of lists costs a few milliseconds of CPU.
    """
    return min(_SLOWEST_MS, max(_FASTEST_MS, round(interval_s * 50)))
