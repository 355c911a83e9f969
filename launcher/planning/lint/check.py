"""Every rule."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType

from launcher.planning.lint.configuration import Configuration
from launcher.planning.lint.rule import Rule
from launcher.planning.lint.rules import (
    allocation,
    executors,
    gpu,
    jars,
    keys,
    limits,
    memory,
    place,
    rapids,
    readable,
    running,
    security,
    streams,
    versions,
)
from launcher.spec.finding import Finding

_TOPICS = (
    readable,
    keys,
    allocation,
    streams,
    executors,
    limits,
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


_NOTHING: Mapping[str, str] = MappingProxyType({})
_RANKS = {"error": 0, "warning": 1, "info": 2}


def check(configuration: Configuration, silenced: Mapping[str, str] = _NOTHING) -> tuple[Finding, ...]:
    """What is wrong with a configuration: errors, then warnings, then infos.

    Args:
        configuration: the settings and what is known about where they apply.
        silenced: reasons by the ids of the rules that shall not speak.
    """
    configuration = configuration.by_todays_names()
    spoken = (rule for rule in RULES if rule.id not in silenced)
    found = (finding for rule in spoken for finding in rule.findings(configuration))
    return in_order(found)


def in_order(found: Iterable[Finding]) -> tuple[Finding, ...]:
    """Errors, then warnings, then infos."""
    return tuple(sorted(found, key=lambda finding: _RANKS[finding.severity]))
