"""Every rule."""

from __future__ import annotations

from launcher.planning.lint.rule import Rule
from launcher.planning.lint.rules import (
    allocation,
    executors,
    gpu,
    jars,
    keys,
    memory,
    place,
    rapids,
    readable,
    running,
    security,
    versions,
)

_TOPICS = (
    readable,
    keys,
    allocation,
    executors,
    memory,
    gpu,
    rapids,
    versions,
    jars,
    place,
    running,
    security,
)

RULES: tuple[Rule, ...] = tuple(rule for topic in _TOPICS for rule in topic.RULES)
