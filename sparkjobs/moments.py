"""Moments as microseconds from 1970, as Spark counts them. Pure."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
_US = timedelta(microseconds=1)
# What a datetime can say: years 1 to 9999.
FIRST_US = (datetime.min.replace(tzinfo=timezone.utc) - _EPOCH) // _US
LAST_US = (datetime.max.replace(tzinfo=timezone.utc) - _EPOCH) // _US


def micros(moment: datetime) -> int:
    """Microseconds from 1970 to a moment."""
    return (moment - _EPOCH) // _US


def iso(us: int) -> str:
    """Microseconds from 1970 as ISO 8601 in UTC; what no calendar says is shown by its nearest end."""
    shown = _EPOCH + timedelta(microseconds=min(max(us, FIRST_US), LAST_US))
    return shown.isoformat(timespec="microseconds").replace("+00:00", "Z")
