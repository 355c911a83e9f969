"""What is known of one cause of failure."""

from __future__ import annotations

import re
from dataclasses import dataclass

from launcher.records.learnt_memory import Memory

UNKNOWN = "unknown"
IN_TASK = "in a task: "
BY_MANAGER = "manager: "


@dataclass(frozen=True)
class Cause:
    """One cause.

    Attributes:
        id: its name, in kebab case.
        looks_like: how people meet it, for the manual.
        hint: what to do.
        errors: patterns for exceptions and errors; what happened in a task begins with ``IN_TASK``, what the
            cluster manager says with ``BY_MANAGER``.
        lines: patterns for plain lines, and for errors that follow from this cause only.
        warnings: patterns for warnings, which are often noise: asked last.
        ended: patterns for what Spark logs when the manager ends the application, or is gone: whatever the
            script says after that follows from it.
        unless: id of the cause that stands behind this one, where an error of the log tells it.
        exit_codes: codes of the driver that tell it when nothing else does.
        retry: a second attempt with the same settings may succeed.
        memory: the memory that was too small.
        recorded: tests hold it by a real failure; else by the text that the source or the documentation of
            Spark or the manager gives.
    """

    id: str
    looks_like: str
    hint: str
    errors: tuple[str, ...] = ()
    lines: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    ended: tuple[str, ...] = ()
    unless: str = ""
    exit_codes: tuple[int, ...] = ()
    retry: bool = False
    memory: Memory | None = None
    recorded: bool = True


def tells(patterns: tuple[str, ...], text: str) -> bool:
    """Whether one of the patterns is in the text; ``re`` keeps them compiled."""
    return any(re.search(pattern, text) for pattern in patterns)
