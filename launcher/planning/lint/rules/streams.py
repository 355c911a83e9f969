"""Streams that move the number of their executors themselves (``--max-latency``)."""

from __future__ import annotations

from collections.abc import Iterator

from launcher.planning.lint.applied import at_rest, bounded, dynamic
from launcher.planning.lint.configuration import Configuration
from launcher.planning.lint.rule import Problem, rule
from launcher.planning.lint.rules.allocation import ENABLED, INITIAL, MAX, MIN
from launcher.planning.lint.values import integer, shown

# The fact by which a plan tells the objective of its stream.
MAX_LATENCY = "max_latency"


@rule("two-masters-of-executors", "error", f"Set {ENABLED}=false; its bounds go on to hold.")
def two_masters(c: Configuration) -> Iterator[Problem]:
    """A stream is to move the number of its executors, and so is Spark's dynamic allocation."""
    if MAX_LATENCY in c.facts and dynamic(c):
        message = f"{shown(c, ENABLED)} beside --max-latency {c.facts[MAX_LATENCY]}"
        yield Problem((ENABLED,), f"{message}: each undoes what the other asks for")


@rule("max-latency-in-local-mode", "error", "Choose a cluster (--target), or leave --max-latency out.")
def no_executors(c: Configuration) -> Iterator[Problem]:
    """A stream is to move the number of its executors in local mode, which has none."""
    if MAX_LATENCY in c.facts and c.manager == "local":
        message = f"--max-latency {c.facts[MAX_LATENCY]} with {c.master}"
        yield Problem(("spark.master",), f"{message}: the driver is the only executor")


@rule("bounds-at-rest-out-of-order", "warning", f"Set {MIN} <= {INITIAL} <= {MAX}.")
def out_of_order(c: Configuration) -> Iterator[Problem]:
    """Bounds that only a stream reads, for dynamic allocation is off, are out of order."""
    least, first, most = integer(c, MIN, 0), integer(c, INITIAL), bounded(c)
    if not at_rest(c) or most is None:
        return
    if least is not None and least > most:
        yield Problem((MIN, MAX), f"{shown(c, MIN, MAX)}: a stream with --max-latency refuses to start")
    if first is not None and not (least or 0) <= first <= most:
        yield Problem((INITIAL, MIN, MAX), f"{shown(c, INITIAL, MIN, MAX)}: the start is outside")


RULES = (two_masters, no_executors, out_of_order)
