"""Time at other numbers of executors, with its band, and what each would cost. Pure."""

from __future__ import annotations

import math

from launcher.report.curve import Curve
from launcher.report.page.charts.axes import Scale, clock, picture, ticks, value_axis
from launcher.report.page.markup import Markup, scrolling, tag

TOP, BOTTOM, LEFT, RIGHT, HEIGHT = 26.0, 230.0, 62.0, 970.0, 268.0


def curve_chart(curve: Curve) -> Markup:
    """The picture; one point alone is no curve and is told in words."""
    known = [(one.case.executors or 0, one) for one in curve.points]
    low, high = math.log2(known[0][0]), math.log2(known[-1][0])
    margin = max(0.25, (high - low) * 0.06)
    x = Scale(low - margin, high + margin, LEFT, RIGHT)
    y = Scale(0, 1.08 * max(one.high or 0.0 for _, one in known), BOTTOM, TOP)
    places = [(x.at(math.log2(size)), one) for size, one in known]
    upper = [(place, y.at(one.high or 0.0)) for place, one in places]
    lower = [(place, y.at(one.low or 0.0)) for place, one in places]
    middle = [(place, y.at(one.seconds or 0.0)) for place, one in places]
    floor = y.at(curve.floor_s)
    parts = [
        *value_axis(y, LEFT, RIGHT, ticks(y.high)),
        tag("path", d=_polygon([*upper, *reversed(lower)]), class_="band"),
        tag("line", x1=LEFT, x2=RIGHT, y1=floor, y2=floor, class_="floor"),
        tag(
            "text",
            f"no executor buys less than {clock(round(curve.floor_s, 1))}",
            x=RIGHT,
            y=floor + 16,
            class_="tick",
            text_anchor="end",
        ),
        tag("path", d="M" + "L".join(f"{px:g} {py:g}" for px, py in middle), class_="curve"),
        tag("text", "seconds", x=LEFT - 8, y=TOP - 10, class_="tick", text_anchor="end"),
        tag("text", "executors", x=RIGHT, y=BOTTOM + 34, class_="tick", text_anchor="end"),
    ]
    for (place, one), (_, height) in zip(places, middle, strict=True):
        own = one.case.executors == curve.chosen
        parts.append(
            tag("circle", cx=place, cy=height, r=8 if own else 4.5, class_="own" if own else "point")
        )
        parts.append(
            tag("text", str(one.case.executors), x=place, y=BOTTOM + 18, class_="tick", text_anchor="middle")
        )
    drawing = picture(HEIGHT, "Predicted time by executors, with its 80 % band", *parts)
    return scrolling("Predicted time by executors", drawing)


def _polygon(points: list[tuple[float, float]]) -> str:
    return "M" + "L".join(f"{px:g} {py:g}" for px, py in points) + "Z"
