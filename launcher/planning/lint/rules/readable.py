"""Values that Spark cannot read, and names that say nothing."""

from __future__ import annotations

from collections.abc import Iterator

from launcher.planning.lint.applied import since
from launcher.planning.lint.configuration import Configuration
from launcher.planning.lint.rule import Problem, rule
from launcher.planning.lint.stricter import master, strict
from launcher.planning.lint.values import shown, variable
from launcher.spec.known_keys import known
from launcher.spec.value_types import parse

MASTER = "spark.master"
# What ConfigReader fills in by itself.
SUBSTITUTED = ("${spark.", "${env:", "${system:")


@rule("invalid-value", "error", "Write the value as Spark reads it.")
def invalid(c: Configuration) -> Iterator[Problem]:
    """A value that Spark cannot read, or that lies outside what it takes."""
    for key in sorted(c.values):
        problem = _fault(c, key, c.values[key])
        if problem and not variable(c.values[key]):
            yield Problem((key,), f"{shown(c, key)}: {problem}")


@rule("variable-not-read", "warning", "Write the value itself.")
def unread(c: Configuration) -> Iterator[Problem]:
    """A value holds a variable that nobody has filled in, so that it is not checked."""
    for key in sorted(c.values):
        name = variable(c.values[key])
        if name and not name.startswith(SUBSTITUTED):
            message = "Spark fills in none of the shell's, and what a shell would put there is not known here"
            yield Problem((key,), f"{key} holds {name}: {message}")


@rule("key-set-twice", "warning", "Keep one of them.")
def twice(c: Configuration) -> Iterator[Problem]:
    """One place sets the same key twice, and the last one decides."""
    for key in sorted(c.repeated):
        yield Problem((key,), f"{shown(c, key)} decides: {c.repeated[key]}")


def _fault(c: Configuration, key: str, text: str) -> str | None:
    kind = known().types.get(key)
    try:
        if kind is not None:
            parse(kind, text)
        strict(key, text)
        if key == MASTER:
            master(text, mesos=not since(c, "4.0"))
    except ValueError as error:
        return str(error)
    return None


RULES = (invalid, unread, twice)
