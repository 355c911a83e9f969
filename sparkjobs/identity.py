"""Who a run is: the same job, interval and row-changing parameters are the same work. Pure.

A cron that fires twice, a retry and a backfill are told apart by this identity, never by wall clock.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone
from typing import Any

from sparkjobs.errors import UsageError

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_HOUR = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}")


@dataclass(frozen=True)
class Interval:
    """A half-open stretch of logical time in UTC; without ``end`` it is the instant at which a run began."""

    text: str
    start: datetime
    end: datetime | None


@dataclass(frozen=True)
class RunIdentity:
    """The identity of a run and the name of this attempt at it; ``batch`` is that of a stream's commit."""

    job: str
    interval: str
    config_hash: str
    run_id: str
    token: int | None = None
    batch: int | None = None

    @property
    def append_app_id(self) -> str:
        """Delta transaction id of an append: one interval with one configuration, once."""
        return f"{self.job}/{self.interval}/{self.config_hash}"

    def metadata(self) -> str:
        """The commit's userMetadata: how a later run recognises this one in the table's history."""
        told: dict[str, Any] = {
            "run_id": self.run_id,
            "job": self.job,
            "interval": self.interval,
            "config_hash": self.config_hash,
            "token": self.token,
        }
        if self.batch is not None:
            told["batch"] = self.batch
        return json.dumps(told, sort_keys=True)


def config_hash(values: Mapping[str, Any]) -> str:
    """sha256 (hex) of the canonical JSON of the row-changing parameters."""
    text = json.dumps(values, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode("utf-8", "surrogateescape")).hexdigest()


def run_id(job: str, started: datetime, entropy: str) -> str:
    """A name that sorts by time and is safe in paths: ``20260131T050000Z-wordcount-1a2b3c4d``."""
    return f"{started.astimezone(timezone.utc):%Y%m%dT%H%M%SZ}-{job}-{entropy[:8]}"


def start_interval(started: datetime) -> Interval:
    """The interval of a run that was given none: the instant at which it started."""
    moment = started.astimezone(timezone.utc)
    return Interval(_instant(moment), moment, None)


def parse_interval(text: str) -> Interval:
    """Read ``2026-01-31``, ``2026-01-31T05`` or ``START/END`` (dates or times, UTC unless they say).

    Two spellings of one stretch of time give the same ``text``.

    Raises:
        UsageError: not an interval, or its end does not come after its start.
    """
    try:
        start, end = _bounds(text.strip())
    except (ValueError, OverflowError) as error:
        raise UsageError(
            f"--interval {text!r} is not an interval", "Write 2026-01-31, 2026-01-31T05 or START/END."
        ) from error
    if end <= start:
        raise UsageError(f"--interval {text!r} ends before it starts", "The end comes after the start.")
    return Interval(_canonical(start, end), start, end)


def _bounds(text: str) -> tuple[datetime, datetime]:
    if _DAY.fullmatch(text):
        start = _moment(text)
        return start, start + timedelta(days=1)
    if _HOUR.fullmatch(text):
        start = _moment(text + ":00")
        return start, start + timedelta(hours=1)
    first, slash, last = text.partition("/")
    if not slash:
        raise ValueError("no slash")
    return _moment(first), _moment(last)


def _moment(text: str) -> datetime:
    if _DAY.fullmatch(text):
        day = date.fromisoformat(text)
        return datetime(day.year, day.month, day.day, tzinfo=timezone.utc)
    if _HOUR.fullmatch(text):
        text += ":00"
    moment = datetime.fromisoformat(text[:-1] + "+00:00" if text.endswith(("Z", "z")) else text)
    return moment.replace(tzinfo=moment.tzinfo or timezone.utc).astimezone(timezone.utc)


def _canonical(start: datetime, end: datetime) -> str:
    if end - start == timedelta(days=1) and start == start.replace(hour=0, minute=0, second=0, microsecond=0):
        return start.date().isoformat()
    if end - start == timedelta(hours=1) and start == start.replace(minute=0, second=0, microsecond=0):
        return start.isoformat()[:13]
    return f"{_instant(start)}/{_instant(end)}"


def _instant(moment: datetime) -> str:
    return moment.replace(tzinfo=None).isoformat() + "Z"
