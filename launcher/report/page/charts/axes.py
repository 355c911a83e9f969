"""What all charts share: scales, rounded ticks, grids. Pure."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

from launcher.report.page.markup import Markup, tag

WIDTH = 1000.0


@dataclass(frozen=True)
class Scale:
    """Maps values to places of a picture.

    Attributes:
        low: value at ``begin``.
        high: value at ``end``.
        begin: place.
        end: place.
    """

    low: float
    high: float
    begin: float
    end: float

    def at(self, value: float) -> float:
        """The place of a value."""
        span = (self.high - self.low) or 1.0
        return round(self.begin + (value - self.low) / span * (self.end - self.begin), 1)


def ticks(high: float, most: int = 5, steps: tuple[float, ...] = (1, 2, 5, 10)) -> list[float]:
    """Round values from 0 to no more than ``high``."""
    if high <= 0:
        return [0.0]
    raw = high / most
    power = 10 ** math.floor(math.log10(raw))
    step = next(step * power for step in steps if step * power >= raw * (1 - 1e-9))
    return [place * step for place in range(math.floor(high / step + 1e-9) + 1)]


_TIMES = (
    0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400, 21600, 43200, 86400,
)  # fmt: skip


def time_ticks(seconds: float, most: int = 8) -> list[float]:
    """Round moments from 0 to no more than ``seconds``."""
    days = 86400 * max(1, math.ceil(seconds / most / 86400))
    step = next((one for one in _TIMES if one * most >= seconds), days)
    return [place * step for place in range(math.floor(seconds / step + 1e-9) + 1)]


def clock(seconds: float) -> str:
    """``0.5s``, ``45s``, ``1:30``, ``2:05:00``."""
    if seconds < 60:
        return f"{seconds:g}s" if seconds else "0"
    hours, rest = divmod(round(seconds), 3600)
    minutes, second = divmod(rest, 60)
    return f"{hours}:{minutes:02}:{second:02}" if hours else f"{minutes}:{second:02}"


def time_axis(x: Scale, top: float, bottom: float) -> Iterator[Markup]:
    """Moments below a picture, with thin lines through it."""
    for second in time_ticks(x.high):
        place = x.at(second)
        yield tag("line", x1=place, x2=place, y1=top, y2=bottom, class_="grid")
        yield tag("text", clock(second), x=place, y=bottom + 18, class_="tick", text_anchor="middle")


def value_axis(y: Scale, left: float, right: float, values: list[float]) -> Iterator[Markup]:
    """Values beside a picture."""
    for value in values:
        place = y.at(value)
        yield tag("line", x1=left, x2=right, y1=place, y2=place, class_="grid")
        yield tag("text", f"{value:g}", x=left - 8, y=place + 4, class_="tick", text_anchor="end")


def picture(height: float, label: str, *parts: object, **more: object) -> Markup:
    """A drawing with a name for those who cannot see it."""
    body = [tag("title", label), *(part for part in parts if isinstance(part, str))]
    return tag(
        "svg", body, viewBox=f"0 0 {WIDTH:g} {height:g}", role="img", aria_label=label, **more
    )  # fmt: skip
