"""Values as Spark parses them. A value that cannot be parsed reads as ``None``; the rule
``invalid-value`` names it, and every other rule is silent about it.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TypeVar

from launcher.planning.lint.configuration import Configuration
from launcher.redact import masked
from launcher.spec.units import size_bytes, size_mib, time_s

T = TypeVar("T")

_INTEGER = re.compile(r"[+-]?[0-9]{1,18}")
_VARIABLE = re.compile(r"(?<![\w.$])\$(?:\{[^}\s]+\}|[A-Za-z_]\w*)")
_BARE = re.compile(r"\s*-?[0-9]+\s*")
# Spark's "without bound": spark.dynamicAllocation.maxExecutors is Int.MaxValue by default.
INT_MAX = 2**31 - 1


def read(c: Configuration, key: str, parse: Callable[[str], T], default: T | None = None) -> T | None:
    """The value of ``key``; ``default`` when it is not set, ``None`` when it cannot be parsed."""
    text = c.get(key)
    if text is None:
        return default
    try:
        return parse(text)
    except ValueError:
        return None


def mib(c: Configuration, key: str, default: int | None = None) -> int | None:
    """MiB of a memory key, whose bare numbers are MiB."""
    return read(c, key, size_mib, default)


def byte(c: Configuration, key: str, default: int | None = None) -> int | None:
    """Bytes of a key whose bare numbers are bytes."""
    return read(c, key, size_bytes, default)


def integer(c: Configuration, key: str, default: int | None = None) -> int | None:
    """A whole number."""
    return read(c, key, whole, default)


def number(c: Configuration, key: str, default: float | None = None) -> float | None:
    """A number."""
    return read(c, key, real, default)


def seconds(c: Configuration, key: str, default: float | None = None, bare_s: float = 1.0) -> float | None:
    """A length of time in seconds; a bare number counts ``bare_s``."""
    return read(c, key, lambda text: length_s(text, bare_s), default)


def whole(text: str) -> int:
    """A whole number as Java reads it.

    Raises:
        ValueError: it is none.
    """
    if not _INTEGER.fullmatch(text.strip()):
        raise ValueError(f"{text!r} is not a whole number")
    return int(text)


def real(text: str) -> float:
    """A number.

    Raises:
        ValueError: it is none, or not a finite one.
    """
    value = float(text)
    if not abs(value) < float("inf"):
        raise ValueError(f"{text!r} is not a finite number")
    return value


def length_s(text: str, bare_s: float) -> float:
    """Seconds of a length of time.

    Raises:
        ValueError: it is none.
    """
    return time_s(text) * (bare_s if bare(text) else 1.0)


def variable(text: str) -> str | None:
    """A variable that a value holds, such as ``$MEM`` or ``${env:MEM}``; no inner class such as ``A$B``."""
    match = _VARIABLE.search(text)
    return match[0] if match else None


def bare(text: str) -> bool:
    """Whether a number has no unit."""
    return _BARE.fullmatch(text) is not None


def names(c: Configuration, key: str) -> tuple[str, ...]:
    """The items of a comma list."""
    return tuple(item.strip() for item in (c.get(key) or "").split(",") if item.strip())


def shown(c: Configuration, *keys: str) -> str:
    """``key=value`` of each key for people; secrets are masked."""
    return " and ".join(_pin_text(key, c.get(key)) for key in keys)


def _pin_text(key: str, value: str | None) -> str:
    return f"no {key}" if value is None else f"{key}={masked(key, value)}"
