"""``{interval_start}`` and ``{interval_end}`` in the values of a job file. Pure."""

from __future__ import annotations

from datetime import datetime, time
from string import Formatter

from sparkjobs.errors import UsageError
from sparkjobs.identity import Interval

FIELDS = ("interval_start", "interval_end")


def unknown_fields(text: str) -> str | None:
    """What is wrong with the braces of a text; ``None`` when nothing is."""
    try:
        parts = list(Formatter().parse(text))
    except ValueError:
        return f"{text!r} has a brace without its partner; double a brace that is meant: {{{{ or }}}}"
    for _, name, form, conversion in parts:
        if name is not None and (name not in FIELDS or form or conversion):
            known = " and ".join(f"{{{field}}}" for field in FIELDS)
            return (
                f"{text!r} has an unknown field; there are {known}; double a brace that is meant: {{{{x}}}}"
            )
    return None


def uses_fields(text: str) -> bool:
    """Whether the text has a field."""
    return any(name is not None for _, name, _, _ in Formatter().parse(text))


def fill_in(text: str, interval: Interval | None, place: str) -> str:
    """The text with its fields filled in and doubled braces made single.

    Both ends are written as dates where both are midnights (``2026-01-31``), else as instants
    (``2026-01-31T05:00:00Z``).

    Args:
        text: one that ``unknown_fields`` finds nothing in.
        interval: the run's interval.
        place: where the text stands, for people.

    Raises:
        UsageError: the text has a field and the run has no interval.
    """
    if not uses_fields(text):
        return text.format()
    if interval is None or interval.end is None:
        raise UsageError(f"{place}: {text!r} needs an interval", "Give --interval, such as 2026-01-31.")
    start, end = interval.start, interval.end
    whole_days = start.time() == end.time() == time(0)
    return text.format(interval_start=_written(start, whole_days), interval_end=_written(end, whole_days))


def _written(moment: datetime, whole_days: bool) -> str:
    return moment.date().isoformat() if whole_days else moment.replace(tzinfo=None).isoformat() + "Z"
