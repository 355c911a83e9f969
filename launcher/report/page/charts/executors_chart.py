"""Executors that were there, that worked, and that were asked for, over time. Pure."""

from __future__ import annotations

import json
from collections.abc import Iterator

import numpy as np

from launcher.report.page.charts.axes import Scale, picture, ticks, time_axis, value_axis
from launcher.report.page.markup import Markup, tag
from launcher.report.view.run_view import RunView
from launcher.report.view.steps import Floats
from launcher.report.view.target import target_of

STEPS = 240
TOP, BOTTOM, LEFT, RIGHT, HEIGHT = 14.0, 250.0, 46.0, 992.0, 278.0
# Demand may be thousands of executors: above so many times the supply it is cut off.
MOST_DEMAND = 1.5


def executors_chart(view: RunView) -> Markup:
    """The picture, with its values for whoever points at it."""
    begin, end = view.trace.start_ms, view.end_ms
    edges: Floats = np.linspace(begin, end, STEPS + 1)
    supply, demand = view.supply.means(edges), view.demand.means(edges)
    slots = np.maximum(view.slots.means(edges), 1e-9)
    busy = np.minimum(view.running.means(edges) / slots, 1.0) * supply
    ceiling = max(1.0, float(supply.max()))
    high = max(ceiling, min(float(demand.max()), ceiling * MOST_DEMAND)) * 1.05
    x, y = Scale(0, view.seconds, LEFT, RIGHT), Scale(0, high, BOTTOM, TOP)
    seconds = (edges - begin) / 1000
    parts = [
        *time_axis(x, TOP, BOTTOM),
        *value_axis(y, LEFT, RIGHT, ticks(high, steps=(1, 2, 5, 10) if high > 5 else (1, 5, 10))),
        tag("path", d=_area(x, y, seconds, busy), class_="busy"),
        tag("path", d=_line(x, y, seconds, np.minimum(demand, high)), class_="demand"),
        *_target(view, x, y, edges, high),
        tag("path", d=_line(x, y, seconds, supply), class_="supply"),
        tag("line", x1=0, x2=0, y1=TOP, y2=BOTTOM, class_="cursor"),
    ]
    series = {
        "seconds": round(view.seconds, 3),
        "left": LEFT,
        "right": RIGHT,
        "supply": _short(supply),
        "busy": _short(busy),
        "demand": _short(demand),
    }
    label = "Executors running, working, wanted and asked for over time"
    drawn = picture(HEIGHT, label, *parts)
    return tag(
        "div", drawn, class_="scroll pointed", tabindex=0, data_series=json.dumps(series),
        aria_label=f"{label}; arrow keys read the values",
    )  # fmt: skip


def _target(view: RunView, x: Scale, y: Scale, edges: Floats, high: float) -> Iterator[Markup]:
    target = target_of(view)
    if target is not None:
        seconds, means = (edges - edges[0]) / 1000, np.minimum(target.means(edges), high)
        yield tag("path", d=_line(x, y, seconds, means), class_="target")


def executors_note(view: RunView) -> str:
    """What the picture shows, and how far demand reaches above it."""
    most, ceiling = view.demand.most, max(1.0, view.supply.most) * MOST_DEMAND
    above = f"; up to {most:,.0f} were asked for, above the picture" if most > ceiling * 1.05 else ""
    return f"running, at work, and asked for{above}"


def _short(values: Floats) -> list[float]:
    return [round(float(value), 2) for value in values]


def _line(x: Scale, y: Scale, seconds: Floats, values: Floats) -> str:
    """Steps through the means; runs of equal values take one stroke."""
    changes = np.flatnonzero(np.diff(values, prepend=np.nan) != 0)
    moves = [f"M{x.at(float(seconds[0]))} {y.at(float(values[0]))}"]
    moves += [f"H{x.at(float(seconds[place]))}V{y.at(float(values[place]))}" for place in changes[1:]]
    return "".join([*moves, f"H{x.at(float(seconds[-1]))}"])


def _area(x: Scale, y: Scale, seconds: Floats, values: Floats) -> str:
    line = _line(x, y, seconds, values)
    return f"M{x.at(0)} {y.at(0)}L{line[1:]}V{y.at(0)}Z"
