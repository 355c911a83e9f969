"""The first screen of the page: what it was, how it ended, time, cost, what cost most. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timezone

from launcher.report.findings.loss import Loss, dearest, seconds_text, sentence
from launcher.report.first_screen import NOTHING, ended, predicted
from launcher.report.page.markup import Markup, tag
from launcher.report.report import Report

TITLES = {
    "skew": "Skewed partitions",
    "small-tasks": "Too many small tasks",
    "huge-task": "One task for all",
    "spill": "Spilled to disk",
    "gc": "Collecting garbage",
    "idle-ramp": "Executors came late",
    "idle-driver": "Executors waited for the driver",
    "idle-tail": "Executors without a task",
    "idle-held": "Executors held by their data",
    "slow-start": "Slow start",
    "small-files": "Small output files",
    "full-scan": "Rows read to be dropped",
    "big-broadcast": "Big broadcast",
    "driver-bound": "The driver worked alone",
    "failed-tasks": "Failed tasks",
}
_MARKS = {
    "SUCCEEDED": ("✓", "good"),
    "COMMITTED": ("✓", "good"),
    "SKIPPED": ("✓", "good"),
    "EMPTY": ("✓", "good"),
}


def first_view(report: Report) -> Iterator[Markup]:
    """Head, figures, and the three dearest findings."""
    yield tag("header", [_overline(report), tag("h1", report.name or "Application"), _state(report)])
    yield tag("section", [_figure(*one) for one in _figures(report)], class_="figures", aria_label="Figures")
    yield tag("section", list(_dearest(report)), aria_labelledby="cost")


def _overline(report: Report) -> Markup:
    trace = report.view.trace
    started = datetime.fromtimestamp(trace.start_ms / 1000, timezone.utc)
    parts = [
        f"{started:%d %b %Y, %H:%M} UTC",
        trace.application_id,
        f"Spark {trace.spark}" if trace.spark else "",
    ]
    if report.record is not None:
        parts += [report.record.run_id, f"on {report.record.target}"]
    return tag("p", "  ·  ".join(part for part in parts if part), class_="overline")


def _state(report: Report) -> Markup:
    mark, kind = _MARKS.get(report.outcome or "", ("✕", "bad") if report.outcome else ("?", "unsure"))
    chip = tag("span", f"{mark} {report.outcome or 'END NOT KNOWN'}", class_=f"chip {kind}")
    text = ended(report).removeprefix(f"{report.outcome} ")
    if text.startswith("("):  # nothing stands before the brackets
        text = text.strip("()")
    return tag("p", chip, " ", tag("span", text.removeprefix(f"{report.outcome}: ")), class_="state")


def _figures(report: Report) -> Iterator[tuple[str, str, str]]:
    floor = ""
    if report.curve is not None and not report.view.is_local:
        floor = f"at least {seconds_text(report.curve.floor_s)} with any executors"
    told = f"predicted {predicted(report)}" if predicted(report) else floor
    yield "Time", seconds_text(report.view.seconds), told
    if report.price is None:
        yield "Cost", f"{report.view.executor_seconds:,.0f}", "executor-seconds"
    else:
        yield "Cost", report.price.text(report.cost), f"{report.view.executor_seconds:,.0f} executor-seconds"
    many = "" if report.view.is_local else "at most"
    yield "Executors", "local" if report.view.is_local else f"{report.executors:,}", _each(report, many)
    work = report.view.running.between(report.view.trace.start_ms, report.view.end_ms)
    there = report.view.slots.between(report.view.trace.start_ms, report.view.end_ms)
    if there:
        yield "Slots in use", f"{min(1.0, work / there):.0%}", "of the time that was paid for"


def _each(report: Report, many: str) -> str:
    cores = f"{report.cores or 1} cores each" if (report.cores or 1) != 1 else "1 core each"
    return f"{many}, {cores}" if many else f"{report.cores or 1} cores in one process"


def _figure(title: str, value: str, note: str) -> Markup:
    return tag(
        "div", tag("span", title, class_="label"), tag("strong", value), tag("span", note, class_="note"),
        class_="figure",
    )  # fmt: skip


def _dearest(report: Report) -> Iterator[Markup]:
    yield tag("h2", "What cost most", id="cost")
    top = dearest(report.losses)
    if not top:
        yield tag("p", NOTHING, class_="quiet")
        return
    yield tag("ol", [_card(one, report.view.seconds) for one in top], class_="cards")
    rest = [one for one in report.losses if one not in top]
    if rest:
        rows = [_row(one) for one in rest]
        yield tag("details", tag("summary", f"{len(rest)} more"), tag("ul", rows, class_="more"))


def _card(one: Loss, seconds: float) -> Markup:
    share = f"{one.seconds_lost / seconds:.0%} of the time"
    return tag(
        "li",
        [
            tag("div", tag("strong", seconds_text(one.seconds_lost)), tag("span", share), class_="lost"),
            tag(
                "div",
                tag("h3", TITLES[one.id]),
                tag("p", sentence(one.message)),
                tag("p", one.fix, class_="fix"),
                tag("p", [tag("code", key) for key in one.keys], class_="keys") if one.keys else Markup(""),
            ),
        ],
        data_finding=one.id,
    )  # fmt: skip


def _row(one: Loss) -> Markup:
    return tag(
        "li",
        tag("b", f"{TITLES[one.id]}, {seconds_text(one.seconds_lost)}. "),
        f"{sentence(one.message)} ",
        tag("span", one.fix, class_="fix"),
        data_finding=one.id,
    )
