"""A stream as it is now, drawn for a terminal. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rich.panel import Panel
from rich.table import Table
from rich.text import Text

WIDTH = 100
_BARS = " ▁▂▃▄▅▆▇█"
_PLAIN = " .:-=+*#@"
_SHOWN = 40


@dataclass(frozen=True)
class Moment:
    """What is seen at one time.

    Attributes:
        at_s: seconds since the load began.
        sent: rows a second that arrive.
        taken: rows a second that the newest batch took in.
        rows: rows in the table.
        version: of the table; -1 before the first.
        waiting: rows that were sent and are not in the table.
        latency_s: how long the rows of the newest batch had waited at most.
        executors: how many there are.
        target: how many the stream asks for.
    """

    at_s: float
    sent: float
    taken: float
    rows: int
    version: int
    waiting: int
    latency_s: float
    executors: int
    target: int


def spark_line(values: Sequence[float], plain: bool = False) -> str:
    """The last values as a row of bars."""
    bars, shown = (_PLAIN if plain else _BARS), values[-_SHOWN:]
    most = max(shown, default=0) or 1
    return "".join(bars[round(value / most * (len(bars) - 1))] for value in shown)


def in_a_line(now: Moment) -> str:
    """The moment for a log."""
    return (
        f"{now.at_s:4.0f} s: {now.sent:.0f} rows/s sent, {now.taken:.0f} taken in, {now.waiting} wait, "
        f"latency {now.latency_s:.1f} s, {now.executors} executors (target {now.target}), {now.rows} rows in "
        f"version {now.version}"
    )


def view(
    moments: Sequence[Moment], length_s: float, objective_s: float, most: int, why: str, plain: bool = False
) -> Panel:
    """The board.

    Args:
        moments: all there were, the oldest first; at least one.
        length_s: how long the load lasts.
        objective_s: ``--max-latency``.
        most: the most executors.
        why: the last decision about executors.
        plain: draw with ASCII characters.
    """
    now = moments[-1]
    grid = Table.grid(padding=(0, 2))
    grid.add_column(style="dim", no_wrap=True)
    grid.add_column(width=_SHOWN, no_wrap=True)
    grid.add_column(no_wrap=True, overflow="ellipsis")
    late = "bold red" if now.latency_s > objective_s else "green"
    full, free = ("#", ".") if plain else ("█", "░")
    here = full * now.executors + free * (most - now.executors)
    rows: list[tuple[str, Sequence[float], str, str]] = [
        ("sent", [moment.sent for moment in moments], f"{now.sent:.0f} rows/s", "cyan"),
        ("taken in", [moment.taken for moment in moments], f"{now.taken:.0f} rows/s", "blue"),
        ("waiting", [moment.waiting for moment in moments], f"{now.waiting} rows", "yellow"),
        ("latency", [moment.latency_s for moment in moments],
         f"{now.latency_s:.1f} s of {objective_s:.0f} s", late),
        ("executors", [moment.executors for moment in moments],
         f"{here} {now.executors}, target {now.target}", "magenta"),
    ]  # fmt: skip
    for name, values, text, style in rows:
        grid.add_row(name, Text(spark_line(values, plain), style=style), Text(text))
    grid.add_row("table", Text(f"{now.rows} rows, version {now.version}"), Text(""))
    whole = Table.grid()
    whole.add_row(grid)
    whole.add_row(Text(why or "nothing was decided yet", style="dim", overflow="ellipsis", no_wrap=True))
    title = f"a stream whose executors follow the load: {now.at_s:.0f} s of {length_s:.0f} s"
    return Panel(whole, title=title, title_align="left", width=WIDTH)
