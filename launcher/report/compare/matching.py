"""Which stage of one run is which of another: by call site and operators of its plan. Pure."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from operator import attrgetter
from typing import Any

from launcher.report.view.run_view import RunView
from launcher.report.view.stage_view import StageView

# ``save at /home/me/job.py:12``: a line more above it, or another folder, moves the call site.
_PLACE = re.compile(r" at (?:.*/)?([^/:]+):\d+")
# In another folder the same line is the same place.
_FOLDER = re.compile(r" at .*/([^/:]+:\d+)")
# So many equal pairs, and pairs at all, are aligned in a second or two at worst; more, as a stream has, are
# counted off.
MOST_EQUAL, MOST_PAIRS = 50_000, 4_000_000


@dataclass(frozen=True)
class Pair:
    """A stage of both runs, or of one of them, by its place among that run's stages.

    Attributes:
        a: its place in run A.
        b: its place in run B.
        like: whether call site, but for folder and line, and operators are those of the other.
    """

    a: int | None
    b: int | None
    like: bool = False


@dataclass(frozen=True)
class _Site:
    """What a stage is known by: its call site as it is, without folder, without line too, and its plan."""

    name: str
    line: str
    plain: str
    attempt: int
    operators: tuple[str, ...]


def pairs(
    a: RunView,
    of_a: Sequence[StageView],
    b: RunView,
    of_b: Sequence[StageView],
    *,
    same_code: bool = False,
) -> list[Pair]:
    """Every stage once, in the order of run A, then those that only run B has.

    Where no line moved, which equal code tells, or that one run has all call sites of the other, the n-th
    stage of the same call site and operators is the same; what is left is matched by its call site alone, for
    Spark changes plans while they run. A stage of another line is another one: a branch, or one that was
    skipped. Else the script was changed: then folder and line are left out, and the order of the stages tells
    which is which before their numbers do.
    """
    left, right = _sites(a, of_a), _sites(b, of_b)
    if same_code or _has_all(left, right) or _has_all(right, left):
        found: dict[int, int] = {}
        keys: tuple[Key, ...] = (_EXACT, _BY_NAME, _LINE_EXACT, _BY_LINE)
    else:
        found, keys = dict(_aligned(left, right)), (_PLAIN_EXACT, _BY_PLAIN_NAME)
    for key in keys:
        found.update(list(_same(left, right, found, key)))
    matched = [_pair(place, found.get(place), left, right) for place in range(len(of_a))]
    taken = set(found.values())
    return matched + [Pair(None, place) for place in range(len(of_b)) if place not in taken]


def _has_all(left: Sequence[_Site], right: Sequence[_Site]) -> bool:
    return {one.name for one in left} >= {one.name for one in right}


def _pair(place: int, other: int | None, left: Sequence[_Site], right: Sequence[_Site]) -> Pair:
    like = other is not None and _PLAIN_EXACT(left[place]) == _PLAIN_EXACT(right[other])
    return Pair(place, other, like)


Key = Callable[[_Site], Any]
# The call site as it is, without folder, without line too; each with the plan and alone.
_EXACT, _BY_NAME = attrgetter("name", "attempt", "operators"), attrgetter("name", "attempt")
_LINE_EXACT, _BY_LINE = attrgetter("line", "attempt", "operators"), attrgetter("line", "attempt")
_PLAIN_EXACT, _BY_PLAIN_NAME = attrgetter("plain", "attempt", "operators"), attrgetter("plain", "attempt")


def _sites(view: RunView, stages: Sequence[StageView]) -> list[_Site]:
    return [
        _Site(
            one.stage.name,
            _FOLDER.sub(r" at \1", one.stage.name),
            _PLACE.sub(r" at \1", one.stage.name),
            one.stage.attempt,
            view.queries.operators.get(one.stage.id, ()),
        )
        for one in stages
    ]


def _aligned(left: Sequence[_Site], right: Sequence[_Site]) -> Iterator[tuple[int, int]]:
    """The stages that come in the same order in both; none where finding them would take long."""
    if len(left) * len(right) > MOST_PAIRS:
        return
    one, other = [_PLAIN_EXACT(site) for site in left], [_PLAIN_EXACT(site) for site in right]
    of_one, of_other = Counter(one), Counter(other)
    if sum(count * of_other[key] for key, count in of_one.items()) > MOST_EQUAL:
        return
    for block in SequenceMatcher(None, one, other, autojunk=False).get_matching_blocks():
        yield from ((block.a + step, block.b + step) for step in range(block.size))


def _same(
    left: Sequence[_Site], right: Sequence[_Site], found: dict[int, int], key: Key
) -> Iterator[tuple[int, int]]:
    """The n-th that is left of a key with the n-th that is left of it there."""
    taken = set(found.values())
    waiting: dict[Any, list[int]] = {}
    for place in reversed(range(len(right))):
        if place not in taken:
            waiting.setdefault(key(right[place]), []).append(place)
    for place, site in enumerate(left):
        same = waiting.get(key(site)) if place not in found else None
        if same:
            yield place, same.pop()
