"""Where the time of a run went: each second counts once, so that the parts sum to the whole. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from launcher.report.view.first_wait import first_wait
from launcher.report.view.run_view import RunView
from launcher.report.view.stage_view import StageView, stage_views


@dataclass(frozen=True)
class Wall:
    """The time of a run, seconds.

    Attributes:
        start_s: waiting for the first executor.
        driver_s: else without a stage.
        stages: in each stage, by its place; where several ran they share the time evenly.
    """

    start_s: float
    driver_s: float
    stages: Mapping[int, float]


def wall_of(view: RunView, stages: list[StageView]) -> Wall:
    """The parts; ``start_s + driver_s + sum(stages)`` is the run's time."""
    begin, end = view.trace.start_ms, view.end_ms
    wait = first_wait(view)
    changes = []
    for place, stage in enumerate(stages):
        first, last = (min(max(ms, begin), end) for ms in (stage.begin, stage.end))
        if first < last:  # at one moment the end of a stage would come before its begin
            changes += [(first, 1, place), (last, 0, place)]
    shares = dict.fromkeys(range(len(stages)), 0.0)
    begun: dict[int, float] = {}
    alone = start = each = 0.0  # ``each``: what a stage that ran from the beginning would have had
    now = begin
    for ms, begins, place in sorted(changes):
        if begun:
            each += (ms - now) / len(begun)
        else:
            waited = wait.within(now, ms)
            start += waited
            alone += ms - now - waited
        now = ms
        if begins:
            begun[place] = each
        elif place in begun:
            shares[place] = (each - begun.pop(place)) / 1000
    waited = wait.within(now, end)
    return Wall((start + waited) / 1000, (alone + end - now - waited) / 1000, shares)


def views(view: RunView) -> list[StageView]:
    """The stages that ran, in the order of their start."""
    return list(stage_views(view))
