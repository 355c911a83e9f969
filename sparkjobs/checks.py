"""Checks that parameters share; each raises ``ValueError`` with the reason."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

COLUMN_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,127}")


def at_least(lowest: float) -> Callable[[Any], None]:
    """The value, where given, must not be below ``lowest``."""

    def check(value: Any) -> None:
        if value is not None and value < lowest:
            raise ValueError(f"must be at least {lowest}")

    return check


def between(lowest: float, highest: float) -> Callable[[Any], None]:
    """The value, where given, must lie in ``[lowest, highest]``."""

    def check(value: Any) -> None:
        if value is not None and not lowest <= value <= highest:
            raise ValueError(f"must lie between {lowest} and {highest}")

    return check


def each(check_one: Callable[[Any], None]) -> Callable[[Any], None]:
    """Every item of the tuple must pass ``check_one``."""

    def check(values: Any) -> None:
        for value in values:
            check_one(value)

    return check


def column_name(value: Any) -> None:
    """Output column names stay plain, so that every Delta reader can name them."""
    if value is not None and not COLUMN_NAME.fullmatch(value):
        raise ValueError("a column name has letters, digits and _ and does not begin with a digit")


def one_character(value: Any) -> None:
    """Delimiters are one character; ``\\t`` is taken for a tab."""
    if value != "\\t" and (len(value) != 1 or value in '"\r\n\0'):
        raise ValueError("must be one character (or \\t for a tab), no quote and no line end")


def timezone(value: Any) -> None:
    """An IANA name such as ``Europe/Paris``; the session, the readers and the config hash use it."""
    try:
        ZoneInfo(value)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ValueError("is not a time zone name such as UTC or Europe/Paris") from error


def bad_rows(value: Any) -> None:
    """``N`` rows or ``P%`` of the rows read."""
    match = re.fullmatch(r"\d+|(\d+(?:\.\d+)?)%", value)
    if not match:
        raise ValueError("takes a number of rows such as 10, or a share such as 0.5%")
    if match.group(1) and float(match.group(1)) > 100:
        raise ValueError("a share cannot be above 100%")
