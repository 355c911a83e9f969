"""What a rule is: an id, a severity, what to do, and a function that looks for one thing."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from launcher.planning.lint.configuration import Configuration
from launcher.spec.finding import Finding, Severity


@dataclass(frozen=True)
class Problem:
    """What a rule's function yields.

    Attributes:
        keys: the Spark keys involved.
        message: the values involved and why they are wrong together.
        fix: what to do, where the rule's own words can be made more exact.
    """

    keys: tuple[str, ...]
    message: str
    fix: str = ""


Look = Callable[[Configuration], Iterator[Problem]]


@dataclass(frozen=True)
class Rule:
    """One rule.

    Attributes:
        id: stable, in kebab-case; silences name it.
        severity: of its findings.
        remedy: what to do.
        look: finds the problem in a configuration.
    """

    id: str
    severity: Severity
    remedy: str
    look: Look

    @property
    def summary(self) -> str:
        """What it finds, in one sentence."""
        return (self.look.__doc__ or "").strip()

    def findings(self, configuration: Configuration) -> Iterator[Finding]:
        """What it finds in ``configuration``."""
        for problem in self.look(configuration):
            fix = problem.fix or self.remedy
            yield Finding(self.id, self.severity, problem.keys, problem.message, fix)


def rule(identity: str, severity: Severity, remedy: str) -> Callable[[Look], Rule]:
    """Make a rule of the decorated function."""
    return lambda look: Rule(identity, severity, remedy, look)
