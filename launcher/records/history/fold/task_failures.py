"""Why tasks and stages failed, in one line. Pure."""

from __future__ import annotations

from launcher.records.history.facts.memory_ends import tells_of_memory
from launcher.records.history.spark_events import TaskReason
from sparkjobs.errors import one_line


def worse(told: str | None, later: str | None) -> str | None:
    """The first of two reasons, unless the other alone tells of memory: what is predicted hangs on that."""
    if told and (not later or tells_of_memory(told) or not tells_of_memory(later)):
        return told
    return later or None


def thrown(reason: TaskReason) -> str:
    """A task that failed may succeed as another attempt, and no stage tells of it then."""
    return f"{reason.class_name}: {one_line(reason.description)}".removesuffix(": ")
