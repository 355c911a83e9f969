"""Where the time of a run went: each second counts once, so that the parts sum to the whole. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from launcher.report.view.first_wait import Wait, asks_with_its_first_job, first_wait, until_served
from launcher.report.view.run_view import RunView
from launcher.report.view.stage_view import StageView, stage_views


@dataclass(frozen=True)
class Wall:
    """The time of a run, seconds.

    Attributes:
        start_s: waiting for the first executor; or all until the first job had one, see ``walls_of``.
        driver_s: else without a stage.
        stages: in each stage, by its place; where several ran they share the time evenly.
    """

    start_s: float
    driver_s: float
    stages: Mapping[int, float]


Run = tuple[RunView, list[StageView]]


def walls_of(a: Run, b: Run) -> tuple[Wall, Wall]:
    """The times of two runs, measured alike.

    One that asks for executors at once works on while it waits for them, one that asks with its first job
    waits after that: of such a pair all counts as start until the first job had an executor, for nobody knows
    how long the driver of the former would have worked before its first job.
    """
    asks = [asks_with_its_first_job(view) for view, _ in (a, b)]
    if asks[0] != asks[1]:
        of_a, of_b = (wall_of(view, stages, until_served(view)) for view, stages in (a, b))
    else:
        of_a, of_b = (wall_of(*run) for run in (a, b))
    return of_a, of_b


def wall_of(view: RunView, stages: list[StageView], wait: Wait | None = None) -> Wall:
    """The parts; ``start_s + driver_s + sum(stages)`` is the run's time; ``wait`` is its start."""
    begin, end = view.trace.start_ms, view.end_ms
    wait = wait or first_wait(view)
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
