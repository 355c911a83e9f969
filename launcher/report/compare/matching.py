"""Which stage of one run is which of another: by call site and operators of its plan. Pure."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any

from launcher.report.view.run_view import RunView
from launcher.report.view.stage_view import StageView

# ``save at /home/me/job.py:12``: a line more above it, or another folder, moves the call site.
_PLACE = re.compile(r" at (?:.*/)?([^/:]+):\d+")
# So many equal pairs are aligned in less than a second at worst; more, as a stream has, are counted off.
MOST_EQUAL = 50_000


@dataclass(frozen=True)
class Pair:
    """A stage of both runs, or of one of them, by its place among that run's stages."""

    a: int | None
    b: int | None


@dataclass(frozen=True)
class _Site:
    """What a stage is known by: its call site as the log has it, without folder and line, and its plan."""

    name: str
    plain: str
    attempt: int
    operators: tuple[str, ...]


def pairs(a: RunView, of_a: Sequence[StageView], b: RunView, of_b: Sequence[StageView]) -> list[Pair]:
    """Every stage once, in the order of run A, then those that only run B has.

    Where both runs have the same call sites, the n-th stage of the same call site and operators is the same;
    what is left is matched by its call site alone, for Spark changes plans while they run, then likewise
    without folder and line. Else the script was changed or lies elsewhere: then the order of the stages tells
    which is which before their numbers do.
    """
    left, right = _sites(a, of_a), _sites(b, of_b)
    if {one.name for one in left} == {one.name for one in right}:
        found: dict[int, int] = {}
        keys: tuple[Key, ...] = (_exact, _by_name, _plain_exact, _by_plain_name)
    else:
        found, keys = dict(_aligned(left, right)), (_plain_exact, _by_plain_name)
    for key in keys:
        found.update(list(_same(left, right, found, key)))
    matched = [Pair(place, found.get(place)) for place in range(len(of_a))]
    taken = set(found.values())
    return matched + [Pair(None, place) for place in range(len(of_b)) if place not in taken]


Key = Callable[[_Site], Any]


def _sites(view: RunView, stages: Sequence[StageView]) -> list[_Site]:
    return [
        _Site(
            one.stage.name,
            _PLACE.sub(r" at \1", one.stage.name),
            one.stage.attempt,
            view.queries.operators.get(one.stage.id, ()),
        )
        for one in stages
    ]


def _exact(site: _Site) -> tuple[str, int, tuple[str, ...]]:
    return site.name, site.attempt, site.operators


def _by_name(site: _Site) -> tuple[str, int]:
    return site.name, site.attempt


def _plain_exact(site: _Site) -> tuple[str, int, tuple[str, ...]]:
    return site.plain, site.attempt, site.operators


def _by_plain_name(site: _Site) -> tuple[str, int]:
    return site.plain, site.attempt


def _aligned(left: Sequence[_Site], right: Sequence[_Site]) -> Iterator[tuple[int, int]]:
    """The stages that come in the same order in both."""
    one, other = [_plain_exact(site) for site in left], [_plain_exact(site) for site in right]
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
