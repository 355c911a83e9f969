"""Local times of a zone: some do not exist because the clocks skip them, some stand twice. Pure.

Of a time that stands twice the first moment is meant, the one with the offset that held before, as in
Spark and ``java.time``.
"""

from __future__ import annotations

from datetime import datetime, timezone
from zoneinfo import ZoneInfo

from sparkjobs.errors import UsageError

_NEVER = {"UTC", "UCT", "GMT", "GMT0", "GMT+0", "GMT-0", "Greenwich", "Universal", "Zulu"}


def changes_clocks(zone: str) -> bool:
    """Whether the zone ever moved its clocks, so that local times need a look. The fixed ones are few."""
    return zone not in _NEVER and not zone.startswith("Etc/")


def moment(text: str, zone: str) -> datetime:
    """The moment of an ISO 8601 text; without an offset it is a local time of the zone.

    A day without a time is its first moment, which every day has.

    Raises:
        ValueError: not such a text, a local time that the clocks skip, or a moment of no year from 1 to 9999.
    """
    found = datetime.fromisoformat(text.replace("Z", "+00:00"))
    local = found if found.tzinfo is not None else found.replace(tzinfo=ZoneInfo(zone))
    try:
        instant = local.astimezone(timezone.utc)
    except OverflowError as error:
        raise ValueError("lies outside the years 1 to 9999 in UTC") from error
    if found.tzinfo is not None:
        return instant
    if len(text) > len("2026-01-31") and instant.astimezone(ZoneInfo(zone)).replace(tzinfo=None) != found:
        raise ValueError(f"does not exist in {zone}: the clocks skip it")
    return instant


def refuse_skipped(flag: str, text: str | None, zone: str) -> None:
    """Refuse the local time of a flag that the clocks skip.

    Raises:
        UsageError: names flag, time and zone.
    """
    if text is None:
        return
    try:
        moment(text, zone)
    except ValueError as error:
        raise UsageError(f"{flag} {text} {error}", "Write the moment with its offset, or in UTC.") from error
