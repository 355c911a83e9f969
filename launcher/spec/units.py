"""Sizes, lengths of time and switches as Spark writes them."""

from __future__ import annotations

import re
from collections.abc import Mapping

KIB, MIB, GIB = 1 << 10, 1 << 20, 1 << 30
_BYTES = {"": 1, "b": 1, "k": KIB, "kb": KIB, "m": MIB, "mb": MIB, "g": GIB, "gb": GIB}
_BYTES |= {"t": GIB << 10, "tb": GIB << 10, "p": GIB << 20, "pb": GIB << 20}
_SECONDS = {"us": 1e-6, "ms": 1e-3, "": 1.0, "s": 1.0, "m": 60.0, "min": 60.0, "h": 3600.0, "d": 86400.0}
_PERCENT = re.compile(r"\s*(\d{1,6}(?:\.\d{1,6})?)\s*%\s*")
_PARTS = re.compile(r"\s*(-?[0-9]{1,18})([a-zA-Z]*)\s*")


class Mib(int):
    """A memory size in MiB, written in YAML as Spark writes it: ``4g``, ``512m``."""


class Seconds(float):
    """A length of time in seconds, written in YAML as ``90s``, ``30m`` or ``2h``."""


class Share(float):
    """A share of one, written in YAML as a percentage: ``10%``."""


def size_bytes(text: str, bare: int = 1) -> int:
    """Bytes of a size such as ``4g``, ``512m`` or ``4096``.

    Args:
        text: digits and a unit of Spark's JavaUtils (``b k m g t p``, each with or without a ``b``).
        bare: bytes of one unit when none is written: 1 for most keys, ``MIB`` for Spark's memory keys.

    Raises:
        ValueError: it is no such size; Spark takes no fractions.
    """
    number, unit = _split(text, _BYTES, "a size such as 4g or 512m")
    return number * (bare if unit == "" else _BYTES[unit])


def size_mib(text: str) -> int:
    """MiB of a memory setting; a bare number is MiB already, a remainder rounds down as in Spark.

    Raises:
        ValueError: it is no size.
    """
    return size_bytes(text, bare=MIB) // MIB


def time_s(text: str) -> float:
    """Seconds of a length of time such as ``60s``, ``500ms`` or ``10min``.

    Raises:
        ValueError: it is no such length.
    """
    number, unit = _split(text, _SECONDS, "a length of time such as 60s or 10min")
    return number * _SECONDS[unit]


def share(text: str) -> float:
    """The share that a percentage such as ``10%`` is.

    Raises:
        ValueError: it is none.
    """
    found = _PERCENT.fullmatch(text)
    if found is None:
        raise ValueError(f"{text!r} is no share")
    return float(found[1]) / 100


def is_on(settings: Mapping[str, str], key: str, *, default: bool = False) -> bool:
    """Whether a setting is ``true``, in whatever case; ``default`` where nobody set it."""
    return settings.get(key, str(default)).strip().lower() == "true"


def mib_text(mib: int) -> str:
    """A memory size as Spark takes it, in the largest unit that divides it."""
    return f"{mib // 1024}g" if mib >= 1024 and mib % 1024 == 0 else f"{mib}m"


def human_bytes(size: int) -> str:
    """A size for people, such as ``1.9 TiB``."""
    value = float(size)
    for unit in ("B", "KiB", "MiB", "GiB"):
        if value < 1024:
            return f"{value:.0f} {unit}" if unit == "B" else f"{value:.1f} {unit}".replace(".0 ", " ")
        value /= 1024
    return f"{value:.1f} TiB".replace(".0 ", " ")


def _split(text: str, units: dict[str, int] | dict[str, float], kind: str) -> tuple[int, str]:
    match = _PARTS.fullmatch(text)
    unit = match.group(2).lower() if match else "?"
    if match is None or unit not in units:
        raise ValueError(f"{text!r} is not {kind}")
    return int(match.group(1)), unit


def counted(number: int, noun: str) -> str:
    """``1 core``, ``2 cores``."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
