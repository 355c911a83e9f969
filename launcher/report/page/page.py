"""The page of a report: one file of HTML that holds all it needs. Pure but for its own style and script."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator
from functools import cache
from importlib.resources import files

from launcher.report.findings.loss import sentence
from launcher.report.page.charts.curve_chart import curve_chart
from launcher.report.page.charts.executors_chart import executors_chart, executors_note
from launcher.report.page.charts.lanes import lanes_chart, lanes_note
from launcher.report.page.decisions import decisions_table
from launcher.report.page.first_view import first_view
from launcher.report.page.markup import Markup, joined, tag
from launcher.report.page.memory_panel import memory_panel
from launcher.report.page.tables import elasticity_figures, plan_table, sizes_table, stages_table
from launcher.report.report import Report
from launcher.report.view.run_view import RunView
from launcher.report.view.target import target_of

MOST_BYTES = 2 << 20


def page(report: Report) -> str:
    """The whole file."""
    body = joined([*_bar(), tag("main", [*first_view(report), *_sections(report)]), _footer(report)])
    title = f"{report.name or 'Application'} · sparkjob report"
    script = _own("script.js")
    head = [
        tag("meta", charset="utf-8"),
        tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
        # Nothing is fetched, and no script runs but this one, whatever the names in the log hold.
        tag("meta", http_equiv="Content-Security-Policy", content=_policy(script)),
        tag("title", title),
        tag("style", Markup(_own("style.css"))),
    ]
    html = tag("html", tag("head", head), tag("body", body, tag("script", Markup(script))), lang="en")
    return f"<!doctype html>\n{html}\n"


def _policy(script: str) -> str:
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    return f"default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-{digest}'; img-src data:"


@cache
def _own(name: str) -> str:
    return files("launcher.report.page").joinpath(name).read_text(encoding="utf-8")


def _bar() -> Iterator[Markup]:
    button = tag(
        "button", "Light or dark", type="button", id="theme", aria_label="Switch between light and dark"
    )
    yield tag("nav", tag("span", "sparkjob report"), button)


def _sections(report: Report) -> Iterator[Markup]:
    view = report.view
    if view.stages and not view.is_local:
        parts = [executors_chart(view), _legend(view), *decisions_table(view)]
        yield _section("Executors", *parts, note=executors_note(view))
    if view.stages:
        note = lanes_note(view) or "each box is a task, each colour a stage"
        yield _section("Tasks", lanes_chart(view), note=note)
    yield _section("Stages", *stages_table(report), note="▲ marks what stands out; titles sort")
    yield _section("Memory", *memory_panel(report), note="the most that one executor used")
    if report.curve is not None and not view.is_local:
        parts = [curve_chart(report.curve)] if len(report.curve.points) > 1 else []
        sizes = sizes_table(report.curve, report.price)
        yield _section("Other sizes", *parts, *sizes, note="predicted from this run alone")
    if not view.is_local:
        figures = tag("div", list(elasticity_figures(report)), class_="figures")
        yield _section("Elasticity", figures, note="how well executors followed the work; 0 is best")
    plan = (report.record.plan if report.record is not None else None) or {}
    if plan.get("settings"):
        yield _section("Plan", *plan_table(plan["settings"]), note="every setting and why")


def _section(title: str, *parts: Markup, note: str = "") -> Markup:
    name = title.lower().replace(" ", "-")
    heading = tag("h2", title, tag("small", note) if note else Markup(""), id=name)
    return tag("section", heading, list(parts), aria_labelledby=name)


def _legend(view: RunView) -> Markup:
    entries = [("busy", "at work"), ("supply", "there")]
    whose = "of the stream" if view.decisions else "by its settings"
    entries += [("target", f"target {whose}")] if target_of(view) is not None else []
    entries += [("demand", "asked for by its tasks")]
    items = [tag("span", tag("i", "", class_=kind), text) for kind, text in entries]
    return tag("p", items, tag("output", "", class_="readout"), class_="legend")


def _footer(report: Report) -> Markup:
    lost = [tag("p", sentence(why)) for why in report.warnings]
    return tag("footer", lost, tag("p", "From the event log ", tag("code", report.log_text)))
