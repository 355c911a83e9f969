"""Two plans side by side."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from launcher.planning.result import Plan
from launcher.redact import masked

ABSENT = "-"
WIDEST_VALUE = 24


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


def diff_text(ours: Plan, theirs: Plan, quiet: bool, width: int) -> str:
    """A table of the differences, and how many settings are equal.

    Args:
        ours: the first plan.
        theirs: the second.
        quiet: only the rows.
        width: columns to fill; values that do not fit stand below their key.
    """
    found = differences(ours, theirs)
    names = ours.cluster.name, theirs.cluster.name
    table = list(_table(found, names, width))
    if quiet:
        return "\n".join(table[1:])
    if not found:
        return f"{names[0]} and {names[1]}: equal plans"
    same = len({s.key for plan in (ours, theirs) for s in plan.settings}) - len(found)
    return "\n".join([*table, "", f"{len(found)} differ, {same} are equal; {ABSENT} = left to Spark"])


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


def _table(found: Sequence[Difference], names: tuple[str, str], width: int) -> Iterator[str]:
    key = max((len(d.key) for d in found), default=0)
    value = max(len(names[0]), min(WIDEST_VALUE, max((len(d.ours or ABSENT) for d in found), default=0)))
    name = max(map(len, names))
    yield f"{'':{key}}  {names[0]:{value}}  {names[1]}"
    for d in found:
        one, other = d.ours or ABSENT, d.theirs or ABSENT
        line = f"{d.key:{key}}  {one:{value}}  {other}"
        if len(one) <= value and len(line) <= width:
            yield line
        else:
            yield from (d.key, f"    {names[0]:{name}}  {one}", f"    {names[1]:{name}}  {other}")
