"""Two plans side by side."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from launcher.planning.result import Plan
from launcher.redact import masked

ABSENT = "-"


@dataclass(frozen=True)
class Difference:
    """A key that the two plans set differently; ``None`` = left to Spark."""

    key: str
    ours: str | None
    theirs: str | None
    group: str


def differences(ours: Plan, theirs: Plan) -> tuple[Difference, ...]:
    """The keys with different values: in the order of the first plan, then those that only the second has."""
    groups = {s.key: s.group for plan in (theirs, ours) for s in plan.settings}
    keys = dict.fromkeys(s.key for plan in (ours, theirs) for s in plan.settings)
    pairs = ((key, _shown(ours, key), _shown(theirs, key)) for key in keys)
    return tuple(
        Difference(key, one, other, groups[key])
        for key, one, other in pairs
        if ours.value(key) != theirs.value(key)
    )


def diff_text(ours: Plan, theirs: Plan) -> str:
    """A table of the differences, and how many settings are equal."""
    found = differences(ours, theirs)
    if not found:
        return f"{ours.cluster.name} and {theirs.cluster.name}: equal plans"
    rows = [("", ours.cluster.name, theirs.cluster.name)]
    rows += [(d.key, d.ours or ABSENT, d.theirs or ABSENT) for d in found]
    widths = [max(len(row[column]) for row in rows) for column in (0, 1)]
    lines = [f"{key:{widths[0]}}  {one:{widths[1]}}  {other}".rstrip() for key, one, other in rows]
    same = len({s.key for plan in (ours, theirs) for s in plan.settings}) - len(found)
    return "\n".join([*lines, "", f"{len(found)} differ, {same} are equal; {ABSENT} = left to Spark"])


def diff_document(ours: Plan, theirs: Plan) -> dict[str, Any]:
    """The differences as JSON."""
    return {
        "v": 1,
        "targets": [ours.cluster.name, theirs.cluster.name],
        "differences": [{"key": d.key, "values": [d.ours, d.theirs]} for d in differences(ours, theirs)],
    }


def _shown(plan: Plan, key: str) -> str | None:
    value = plan.value(key)
    return None if value is None else masked(key, value)
