"""What ran on which executor: every task where they are few enough, else shares of small times. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from heapq import heappop, heappush, nlargest

import numpy as np

from launcher.records.history.facts.slots import slots_in
from launcher.records.history.trace import Stage
from launcher.report.findings.loss import named, seconds_text
from launcher.report.page.charts.axes import Scale, picture, time_axis
from launcher.report.page.markup import Markup, joined, scrolling, tag
from launcher.report.view.run_view import RunView, column
from launcher.report.view.steps import Floats, Ints

MOST_LANES, MOST_TASKS, MOST_STAGES, BINS, COLOURS = 40, 12_000, 300, 320, 8
LEFT, RIGHT, TOP = 104.0, 992.0, 6.0
LANE, GAP, LEAST_SLOT = 16.0, 5.0, 3.0
# Shares below it would be drawn thinner than a line.
LEAST_SHARE = 0.04
LONGEST_NAME = 14


@dataclass(frozen=True)
class _Lane:
    place: int
    name: str
    top: float
    height: float
    slots: int
    came: float
    went: float


def lanes_chart(view: RunView) -> Markup:
    """The picture."""
    tasks = sum(len(stage.tasks) for stage in view.stages)
    places = _busiest(view)
    each = tasks <= MOST_TASKS
    lanes = list(_lanes(view, places, each))
    bottom = lanes[-1].top + lanes[-1].height + 4 if lanes else TOP + LANE
    x = Scale(0, view.seconds, LEFT, RIGHT)
    drawn = _tasks(view, lanes, x) if each else _shares(view, lanes, x)
    label = "Tasks by executor over time" + ("" if each else ", height is the share of its slots that worked")
    drawing = picture(
        bottom + 26,
        label,
        *time_axis(x, TOP, bottom),
        *(_title(lane, x) for lane in lanes),
        joined(drawn),
        class_="lanes",
    )
    return scrolling(label, drawing)


def lanes_note(view: RunView) -> str:
    """What the picture leaves out."""
    left_out = len(view.trace.executors) - MOST_LANES
    tasks = sum(len(stage.tasks) for stage in view.stages)
    parts = [f"the {MOST_LANES} busiest executors of {left_out + MOST_LANES:,}"] if left_out > 0 else []
    parts += ["heights are shares of an executor's slots"] if tasks > MOST_TASKS else []
    return "; ".join(parts)


def _busiest(view: RunView) -> list[int]:
    """The executors with the most tasks, in the order of their adding."""
    counts = np.zeros(len(view.trace.executors), np.int64)
    for stage in view.stages:
        counts += np.bincount(column(stage.tasks.executor), minlength=len(counts))
    return sorted(nlargest(MOST_LANES, range(len(counts)), key=lambda place: int(counts[place])))


def _lanes(view: RunView, places: list[int], each: bool) -> Iterator[_Lane]:
    top = TOP
    for place in places:
        one = view.trace.executors[place]
        slots = slots_in(view.trace, one)
        height = max(LANE, min(slots, 32) * LEAST_SLOT) if each else LANE
        gone = view.end_ms if one.removed_ms is None else one.removed_ms
        came, went = ((ms - view.trace.start_ms) / 1000 for ms in (one.added_ms, gone))
        name = one.id if view.is_local else f"executor {one.id}"
        yield _Lane(place, name, top, height, slots, max(0.0, came), max(0.0, min(went, view.seconds)))
        top += height + GAP


def _title(lane: _Lane, x: Scale) -> Markup:
    """The name of an executor, and a ground for the time in which it was there."""
    name = lane.name if len(lane.name) <= LONGEST_NAME else f"{lane.name[: LONGEST_NAME - 1]}…"
    middle, begin = lane.top + lane.height / 2 + 4, x.at(lane.came)
    width = round(max(1.0, x.at(lane.went) - begin), 1)
    return joined(
        [
            tag("text", name, x=LEFT - 8, y=round(middle, 1), class_="tick", text_anchor="end"),
            tag("rect", x=begin, y=lane.top, width=width, height=lane.height, class_="lane"),
        ]
    )


def _tasks(view: RunView, lanes: list[_Lane], x: Scale) -> Iterator[Markup]:
    """Every task in a row of its executor, one path for each stage."""
    by_place = {lane.place: lane for lane in lanes}
    spots = _rows(view, by_place)
    start = view.trace.start_ms
    for number, stage in enumerate(view.stages):
        moves = []
        for row, executor in enumerate(stage.tasks.executor):
            lane = by_place.get(executor)
            if lane is None:
                continue
            height = lane.height / max(1, spots.most.get(executor, 1))
            top = lane.top + spots.of[number][row] * height
            begin = x.at((stage.tasks.launch_ms[row] - start) / 1000)
            width = max(0.6, x.at((stage.tasks.finish_ms[row] - start) / 1000) - begin - 0.3)
            moves.append(f"M{begin:g} {top:.1f}h{width:.1f}v{max(0.8, height - 0.5):.1f}h-{width:.1f}z")
        if moves:
            yield _stage_path(stage, number, "".join(moves))


@dataclass(frozen=True)
class _Rows:
    of: list[list[int]]
    most: dict[int, int]


def _rows(view: RunView, lanes: dict[int, _Lane]) -> _Rows:
    """A row for each task such that none overlaps another on its executor."""
    of = [[0] * len(stage.tasks) for stage in view.stages]
    found: dict[int, list[tuple[int, int, int, int]]] = {}
    for number, stage in enumerate(view.stages):
        for row, executor in enumerate(stage.tasks.executor):
            if executor in lanes:
                spans = stage.tasks
                found.setdefault(executor, []).append(
                    (spans.launch_ms[row], spans.finish_ms[row], number, row)
                )
    most: dict[int, int] = {}
    for executor, tasks in found.items():
        busy: list[tuple[int, int]] = []
        free: list[int] = []
        made = 0
        for launch, finish, number, row in sorted(tasks):
            while busy and busy[0][0] <= launch:
                heappush(free, heappop(busy)[1])
            if free:
                spot = heappop(free)
            else:
                spot, made = made, made + 1
            of[number][row] = spot
            heappush(busy, (finish, spot))
        most[executor] = max(made, min(lanes[executor].slots, 32))
    return _Rows(of, most)


def _shares(view: RunView, lanes: list[_Lane], x: Scale) -> Iterator[Markup]:
    """For each small time of an executor the share of slots that worked, coloured by the busiest stage."""
    index = np.full(len(view.trace.executors), -1, np.int64)
    for row, lane in enumerate(lanes):
        index[lane.place] = row
    edges: Floats = np.linspace(0, view.seconds, BINS + 1)
    best = np.zeros((len(lanes), BINS))
    whole = np.zeros((len(lanes), BINS))
    whose = np.full((len(lanes), BINS), -1, np.int64)
    longest = nlargest(
        MOST_STAGES, range(len(view.stages)), key=lambda number: len(view.stages[number].tasks)
    )
    for number, stage in enumerate(view.stages):
        busy = _busy(view, stage, index, len(lanes))
        whole += busy
        if number in set(longest):
            better = busy > best
            best[better], whose[better] = busy[better], number
    slots = np.array([[lane.slots] for lane in lanes], dtype=np.float64)
    shares = np.minimum(whole / slots, 1.0)
    for number, stage in enumerate(view.stages):
        rows, bins = np.nonzero((whose == number) & (shares >= LEAST_SHARE))
        if len(rows):
            yield _stage_path(stage, number, _bars(lanes, x, edges, shares, rows, bins))


def _busy(view: RunView, stage: Stage, index: Ints, lanes: int) -> Floats:
    """Mean tasks that a stage ran, by lane and small time."""
    rows = index[column(stage.tasks.executor)]
    kept = rows >= 0
    rows, width = rows[kept], (view.end_ms - view.trace.start_ms) / BINS
    begin = np.clip((column(stage.tasks.launch_ms)[kept] - view.trace.start_ms) / width, 0, BINS)
    end = np.clip((column(stage.tasks.finish_ms)[kept] - view.trace.start_ms) / width, 0, BINS)
    # A task adds a part to the bin in which it begins and all to the next ones: two kinks, summed up later.
    kinks = np.zeros((lanes, BINS + 2))
    for moments, sign in ((begin, 1.0), (end, -1.0)):
        whole = np.floor(moments).astype(np.int64)
        part = moments - whole
        np.add.at(kinks, (rows, whole), sign * (1 - part))
        np.add.at(kinks, (rows, whole + 1), sign * part)
    return np.maximum(np.cumsum(kinks, axis=1)[:, :BINS], 0.0)


def _bars(
    lanes: list[_Lane], x: Scale, edges: Floats, shares: Floats, rows: Ints, bins: Ints
) -> str:  # fmt: skip
    width = round(x.at(float(edges[1])) - x.at(0.0), 1)
    moves = []
    for row, place in zip(rows.tolist(), bins.tolist(), strict=True):
        lane, height = lanes[row], round(float(shares[row, place]) * LANE, 1)
        top = round(lane.top + LANE - height, 1)
        moves.append(f"M{x.at(float(edges[place])):g} {top:g}h{width:g}v{height:g}h-{width:g}z")
    return "".join(moves)


def _stage_path(stage: Stage, number: int, d: str) -> Markup:
    span = (max(stage.tasks.finish_ms) - min(stage.tasks.launch_ms)) / 1000
    title = f"{named(stage)}: {len(stage.tasks):,} tasks in {seconds_text(span)}"
    return Markup(
        f'<path class="stage c{number % COLOURS}" data-stage="{stage.id}.{stage.attempt}" d="{d}">'
        f"{tag('title', title)}</path>"
    )
