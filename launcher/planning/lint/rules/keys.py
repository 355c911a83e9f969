"""Names of settings: misspelt, old, without effect."""

from __future__ import annotations

import difflib
from collections.abc import Iterator

from launcher.planning.lint.applied import since
from launcher.planning.lint.configuration import Configuration
from launcher.planning.lint.rule import Problem, rule
from launcher.planning.lint.values import shown
from launcher.spec.config.faults import did_you_mean
from launcher.spec.known_keys import DEAD, known

DYNAMIC = "spark.dynamicAllocation."
# Where Spark takes any name, or others than Spark read the settings.
OPEN = (
    "spark.hadoop.",
    "spark.executorEnv.",
    "spark.yarn.appMasterEnv.",
    "spark.kubernetes.",
    "spark.metrics.",
    "spark.ssl.",
    "spark.sql.catalog.",
    "spark.sql.hive.",
    # RAPIDS makes a switch for each of its operators as it starts.
    *(f"spark.rapids.sql.{kind}." for kind in ("exec", "expression", "input", "output", "partitioning")),
    *(f"spark.rapids.sql.{kind}." for kind in ("command", "scan")),
)
# So near must a name be to one that Spark knows, to be taken for a slip (1 = equal).
NEAR = 0.94


@rule("unknown-dynamic-allocation-key", "warning", "Correct the name, or remove it.")
def unknown_dynamic(c: Configuration) -> Iterator[Problem]:
    """Spark has no such setting of dynamic allocation."""
    mine = [key for key in known().names if key.startswith(DYNAMIC)]
    for key in sorted(c.values):
        if key.startswith(DYNAMIC) and key not in known().names:
            yield Problem((key,), f"Spark has no setting {key}{did_you_mean(key, mine)}; it is ignored")


@rule("misspelt-key", "warning", "Correct the name.")
def misspelt(c: Configuration) -> Iterator[Problem]:
    """A setting that Spark does not know is almost one that it knows."""
    for key in sorted(c.values.keys() - known().names):
        meant = None if key.startswith((*OPEN, DYNAMIC)) else _meant(key)
        if meant is not None:
            yield Problem((key,), f"Spark has no setting {key} and ignores it; did you mean {meant}")


@rule("renamed-key", "info", "Take the new name.")
def renamed(c: Configuration) -> Iterator[Problem]:
    """A setting has its old name."""
    for key, new in sorted(c.renamed.items()):
        yield Problem((key,), f"{key} is the old name of {new}", f"Set {new}.")


@rule("dead-key", "warning", "Remove it.")
def dead(c: Configuration) -> Iterator[Problem]:
    """A setting that Spark does not read any more."""
    for key in sorted(c.values.keys() & DEAD.keys()):
        if since(c, DEAD[key]):
            yield Problem((key,), f"Spark does not read {key} any more, since {DEAD[key]}")


@rule("removed-key", "error", "Remove it.")
def removed(c: Configuration) -> Iterator[Problem]:
    """A setting that was removed has a value that Spark refuses."""
    for key in sorted(c.values.keys() & known().removed.keys()):
        version, allowed = known().removed[key]
        if since(c, version) and c.values[key].strip().lower() != allowed.lower():
            yield Problem((key,), f"{shown(c, key)}: removed in Spark {version}, and the session fails")


def _meant(key: str) -> str | None:
    same = [name for name in known().names if name.lower() == key.lower()]
    near = [name for name in sorted(known().names) if abs(len(name) - len(key)) <= 2]
    return next(iter([*same, *difflib.get_close_matches(key, near, n=1, cutoff=NEAR)]), None)


RULES = (unknown_dynamic, misspelt, renamed, dead, removed)
