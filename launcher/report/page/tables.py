"""The tables of the page: stages, other sizes, the plan, figures of elasticity. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from heapq import nlargest
from typing import Any

from launcher.report.curve import Curve
from launcher.report.findings.loss import seconds_text
from launcher.report.page.markup import Markup, scrolling, tag
from launcher.report.report import Report
from launcher.report.stage_rows import StageRow
from launcher.spec.cluster import Price
from launcher.spec.units import human_bytes

MOST_AT_ONCE, MOST_STAGES, LONGEST_NAME = 12, 200, 64
# Of so few tasks a median tells nothing.
FEW = 3
SKEWED, COLLECTING = 3.0, 0.08
Column = tuple[str, Callable[[StageRow], tuple[float, str, bool]]]


def _size(size: int, marked: bool = False) -> tuple[float, str, bool]:
    return size, human_bytes(size) if size else "", marked and size > 0


COLUMNS: tuple[Column, ...] = (
    ("Time", lambda row: (row.seconds, seconds_text(row.seconds), False)),
    ("Tasks", lambda row: (row.tasks, f"{row.tasks:,}", False)),
    ("Median", lambda row: (row.median_s, seconds_text(row.median_s), False)),
    ("Longest", lambda row: (row.longest_s, seconds_text(row.longest_s), False)),
    ("Skew", lambda row: _skew(row)),
    ("Spill", lambda row: _size(row.spilled_bytes, marked=True)),
    ("GC", lambda row: (row.gc_share, f"{row.gc_share:.0%}" * bool(row.gc_share), row.gc_share > COLLECTING)),
    ("Read", lambda row: _size(row.read_bytes)),
    ("Shuffle in", lambda row: _size(row.shuffle_read_bytes)),
    ("Shuffle out", lambda row: _size(row.shuffle_written_bytes)),
    ("Written", lambda row: _size(row.written_bytes)),
    ("Failed", lambda row: (row.failed, f"{row.failed:,}" if row.failed else "", row.failed > 0)),
)  # fmt: skip


def _skew(row: StageRow) -> tuple[float, str, bool]:
    if row.skew is None or row.tasks < FEW:
        return 0.0, "", False
    return row.skew, f"{row.skew:.1f}×", _skewed(row)


def _skewed(row: StageRow) -> bool:
    return (row.skew or 0) >= SKEWED and row.longest_s - row.median_s >= 1


def stages_table(report: Report) -> Iterator[Markup]:
    """The stages that took longest in the order of their start, and behind a fold more of them."""
    rows = report.stages
    if not rows:
        yield tag("p", "No stage ran.", class_="quiet")
        return
    ranked = nlargest(MOST_STAGES, range(len(rows)), key=lambda place: rows[place].seconds)
    first, rest = sorted(ranked[:MOST_AT_ONCE]), sorted(ranked[MOST_AT_ONCE:])
    shown = [(title, take) for title, take in COLUMNS if any(take(row)[1] for row in rows)]
    longest = max(row.seconds for row in rows) or 1.0
    yield _stages([rows[place] for place in first], shown, longest)
    if rest:
        folded = _stages([rows[place] for place in rest], shown, longest)
        yield tag("details", tag("summary", f"{len(rest)} shorter ones"), folded)
    if len(ranked) < len(rows):
        left_out = len(rows) - len(ranked)
        yield tag("p", f"{left_out:,} still shorter ones are left out; -o json has them.", class_="quiet")


def _stages(rows: list[StageRow], shown: list[Column], longest: float) -> Markup:
    head = [tag("th", "Stage", scope="col")]
    head += [
        tag("th", tag("button", title, type="button"), scope="col", class_="number") for title, _ in shown
    ]
    body = [_stage(row, shown, longest) for row in rows]
    table = tag("table", tag("thead", tag("tr", head)), tag("tbody", body), class_="stages sortable")
    return scrolling("Stages", table)


def _stage(row: StageRow, shown: Iterable[Column], longest: float) -> Markup:
    name = row.name if len(row.name) <= LONGEST_NAME else f"{row.name[: LONGEST_NAME - 1]}…"
    number = f"{row.id}.{row.attempt}" if row.attempt else str(row.id)
    bar = tag("span", "", class_="length", style=f"width:{100 * row.seconds / longest:.1f}%")
    first = tag("th", tag("span", number, class_="id"), tag("span", name, class_="name", title=row.name), bar,
                scope="row")  # fmt: skip
    cells = [first, *(_cell(*take(row)) for _, take in shown)]
    return tag("tr", cells, data_stage=f"{row.id}.{row.attempt}", tabindex=0)


def _cell(value: float, text: str, marked: bool) -> Markup:
    return tag(
        "td", f"▲ {text}" if marked else text, data_value=f"{value:g}", class_="marked" if marked else None
    )


def sizes_table(curve: Curve, price: Price | None) -> Iterator[Markup]:
    """What each number of executors would have taken and cost."""
    # Where executors came and went a fixed number is another size than the run's own.
    own = " (this run)" if curve.fixed else " (this run had so many at most)"
    rows = [
        tag(
            "tr",
            tag("th", f"{one.case.executors}{own if one.case.executors == curve.chosen else ''}",
                scope="row"),
            tag("td", seconds_text(one.seconds or 0.0)),
            tag("td", f"{seconds_text(one.low or 0.0)} to {seconds_text(one.high or 0.0)}"),
            tag("td", price.text(one.cost or 0.0) if price else f"{one.executor_seconds or 0:,.0f}"),
            tag("td", f"{one.idle_share or 0:.0%}"),
        )
        for one in curve.points
    ]  # fmt: skip
    cost = "Cost" if price else "Executor-seconds"
    titles = ("Executors", "Time", "80 % of runs", cost, "Idle")
    head = [
        tag("th", title, scope="col", class_="number" if place else None)
        for place, title in enumerate(titles)
    ]
    if rows:
        table = tag("table", tag("thead", tag("tr", head)), tag("tbody", rows), class_="sizes")
        yield scrolling("Other sizes", table)
    reasons: dict[str, list[str]] = {}
    for one in curve.unknown:
        reasons.setdefault(one.why, []).append(str(one.case.executors))
    for why, sizes in reasons.items():
        yield tag("p", f"Not predictable at {', '.join(sizes)}: {why}.", class_="quiet")


def plan_table(settings: Iterable[dict[str, Any]]) -> Iterator[Markup]:
    """Every setting of the plan with its reason."""
    rows = [
        tag("tr", tag("th", tag("code", str(one.get("key", ""))), scope="row"),
            tag("td", tag("code", str(one.get("value", "")))), tag("td", str(one.get("origin", ""))),
            tag("td", str(one.get("reason", ""))))
        for one in settings
    ]  # fmt: skip
    head = [tag("th", title, scope="col") for title in ("Setting", "Value", "Origin", "Reason")]
    yield scrolling(
        "The plan", tag("table", tag("thead", tag("tr", head)), tag("tbody", rows), class_="plan")
    )


ELASTICITY = (
    ("accuracy_under", "Too few, by how much", "executors missing, by those asked for"),
    ("accuracy_over", "Too many, by how much", "executors beyond those asked for"),
    ("timeshare_under", "Too few, how long", "of the time"),
    ("timeshare_over", "Too many, how long", "of the time"),
    ("instability", "Instability", "of the time demand and supply moved apart"),
)


def elasticity_figures(report: Report) -> Iterator[Markup]:
    """The five figures with their meaning."""
    for name, title, meaning in ELASTICITY:
        value = getattr(report.elasticity, name)
        yield tag("div", tag("span", title, class_="label"), tag("strong", f"{value:.0f} %"),
                  tag("span", meaning, class_="note"), class_="figure small")  # fmt: skip
