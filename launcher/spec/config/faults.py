"""What is wrong in a file, line by line."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass

from sparkjobs.errors import UsageError

# The keys on the way to a value; numbers count the items of a list from 0.
Path = tuple[str | int, ...]


@dataclass(frozen=True, order=True)
class Fault:
    """A fault and the line it stands on (from 1)."""

    line: int
    message: str


def refuse(shown: str, faults: Iterable[Fault]) -> None:
    """Raise one error that tells every fault, one a line, in the order of the file.

    Args:
        shown: the file's name for people.
        faults: what is wrong; nothing happens when there is none.

    Raises:
        UsageError: ``file:line: message`` for each fault.
    """
    lines = [f"{shown}:{fault.line}: {fault.message}" for fault in sorted(set(faults))]
    if lines:
        raise UsageError("\n".join(lines))


def did_you_mean(given: str, known: Iterable[str]) -> str:
    """``; did you mean X``, or nothing when no known name is near."""
    near = difflib.get_close_matches(given, list(known), n=1)
    return f"; did you mean {near[0]}" if near else ""


def dotted(path: Path) -> str:
    """A path for people: ``nodes.gpu.count``, ``py_files[1]``."""
    text = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path)
    return text.removeprefix(".")
