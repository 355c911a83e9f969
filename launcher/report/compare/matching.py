"""Which stage of one run is which of another: by call site and operators of its plan. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from launcher.report.view.run_view import RunView
from launcher.report.view.stage_view import StageView


@dataclass(frozen=True)
class Pair:
    """A stage of both runs, or of one of them, by its place among that run's stages."""

    a: int | None
    b: int | None


def pairs(a: RunView, of_a: Sequence[StageView], b: RunView, of_b: Sequence[StageView]) -> list[Pair]:
    """Every stage once, in the order of run A, then those that only run B has.

    The n-th stage of the same call site and the same operators is the same; what is left is matched by its
    call site alone, for Spark changes plans while they run.
    """
    found: dict[int, int] = {}
    for key in (_exact, _by_name):
        left = [place for place in range(len(of_a)) if place not in found]
        taken = set(found.values())
        right = [place for place in range(len(of_b)) if place not in taken]
        found.update(_same(a, of_a, left, b, of_b, right, key))
    matched = [Pair(place, found.get(place)) for place in range(len(of_a))]
    taken = set(found.values())
    return matched + [Pair(None, place) for place in range(len(of_b)) if place not in taken]


Key = Callable[[RunView, StageView], Any]


def _exact(view: RunView, stage: StageView) -> tuple[str, int, tuple[str, ...]]:
    return stage.stage.name, stage.stage.attempt, view.queries.operators.get(stage.stage.id, ())


def _by_name(view: RunView, stage: StageView) -> tuple[str, int]:
    return stage.stage.name, stage.stage.attempt


def _same(
    a: RunView, of_a: Sequence[StageView], left: list[int],
    b: RunView, of_b: Sequence[StageView], right: list[int], key: Key,
) -> Iterator[tuple[int, int]]:  # fmt: skip
    waiting: dict[Any, list[int]] = {}
    for place in reversed(right):
        waiting.setdefault(key(b, of_b[place]), []).append(place)
    for place in left:
        same = waiting.get(key(a, of_a[place]))
        if same:
            yield place, same.pop()
