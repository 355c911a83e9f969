"""Options of a JVM that the plan needs beside those that somebody pinned."""

from __future__ import annotations

import re

_COLLECTOR = re.compile(r"-XX:\+Use\w+GC")


def additions(pinned: str | None, wanted: list[str]) -> list[str]:
    """Those of ``wanted`` that ``pinned`` does not decide already.

    Args:
        pinned: options that somebody set; ``None`` for none.
        wanted: ``-Dname=value`` or ``-XX:+Use...GC``; the JVM refuses two collectors.
    """
    if pinned is None:
        return wanted
    return [option for option in wanted if not _decided(pinned, option)]


def _decided(pinned: str, option: str) -> bool:
    if _COLLECTOR.fullmatch(option):
        return _COLLECTOR.search(pinned) is not None
    name = option.strip('"').partition("=")[0]
    return f"{name}=" in pinned
