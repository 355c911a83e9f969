"""The first screen of a report in words: what it was, how it ended, time, cost, what cost most. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime, timezone
from textwrap import wrap

from launcher.report.findings.loss import dearest, seconds_text
from launcher.report.report import Report
from launcher.report.view.stream_changes import changes
from launcher.spec.units import counted

WIDTH, INDENT = 100, 18
_UNIT = re.compile(r"(\d) (s|min|h|ms|B|[KMGT]iB)\b")
NOTHING = "Nothing stood out: no finding cost half a second and 1% of the time."
# Decisions on executors that are told.
NEWEST = 5


def facts(report: Report) -> Iterator[tuple[str, str]]:
    """Title and text, one after the other."""
    trace = report.view.trace
    yield "application", _application(report)
    if report.record is not None:
        yield "run", f"{report.record.run_id} on {report.record.target}"
    yield "started", f"{datetime.fromtimestamp(trace.start_ms / 1000, timezone.utc):%Y-%m-%d %H:%M:%S} UTC"
    yield "ended", ended(report)
    yield "time", seconds_text(report.view.seconds)
    if predicted(report):
        yield "predicted", predicted(report)
    yield "cost", f"{report.cost_text}; {report.shape_text}"
    rows = _rows(report)
    if rows:
        yield "rows", rows
    if report.curve is not None and not report.view.is_local:
        curve = report.curve
        yield (
            "floor",
            f"no executor buys less than {seconds_text(curve.floor_s)}: driver "
            f"{seconds_text(curve.driver_s)}, longest chain of tasks {seconds_text(curve.critical_s)}",
        )
    for why in report.warnings:
        yield "warning", why


def predicted(report: Report) -> str:
    """What was predicted before it began; empty without a prediction."""
    forecast = report.record.forecast if report.record is not None else None
    if forecast is None:
        return ""
    low, high = seconds_text(forecast.low), seconds_text(forecast.high)
    within = forecast.low <= report.view.seconds <= forecast.high
    return f"{seconds_text(forecast.seconds)}, {low} to {high}: {'as it came' if within else 'missed'}"


def _application(report: Report) -> str:
    trace = report.view.trace
    spark = f"Spark {trace.spark}" if trace.spark else "Spark's version is not known"
    return ", ".join(part for part in (trace.name, trace.application_id, spark) if part)


def ended(report: Report) -> str:
    """How it ended, for people."""
    trace, record = report.view.trace, report.record
    failed = sum(job.end_ms is not None and not job.succeeded for job in trace.jobs)
    jobs = counted(len(trace.jobs), "job") + (f", {failed:,} failed" if failed else "")
    tasks = sum(len(stage.tasks) for stage in trace.stages)
    ran = "1 task" if tasks == 1 else f"{tasks:,} tasks"
    work = f"{jobs}, {counted(len(report.stages), 'stage')}, {ran}"
    if record is not None and record.explanation is not None:
        return f"{report.outcome}: {record.explanation.message} ({work})"
    if report.outcome is None:
        return f"its end is not known ({work})"
    return f"{report.outcome} ({work})"


def _rows(report: Report) -> str:
    result = (report.record.result if report.record is not None else None) or {}
    if result.get("rows_read") is None:
        return ""
    written = result.get("rows_written")
    return f"{result['rows_read']:,} read" + (f", {written:,} written" if written is not None else "")


def first_screen(report: Report, width: int = WIDTH) -> Iterator[str]:
    """The lines for a terminal."""
    yield report.name or "an application without a name"
    for title, text in facts(report):
        yield from _folded(f"  {title:<{INDENT - 4}}", text, width)
    yield ""
    yield from _dearest(report, width)
    yield from _decisions(report, width)


def _dearest(report: Report, width: int) -> Iterator[str]:
    top = dearest(report.losses)
    if not top:
        yield NOTHING
        return
    yield "What cost most"
    for place, one in enumerate(top, 1):
        yield from _folded(f"  {place}. {seconds_text(one.seconds_lost):<{INDENT - 7}}", one.message, width)
        yield from _folded(" " * (INDENT - 2), one.fix, width)
    more = len(report.losses) - len(top)
    if more:
        yield ""
        yield f"{more} more with -o json or -o FILE.html"


def _decisions(report: Report, width: int) -> Iterator[str]:
    found = changes(report.view)
    if not found:
        return
    yield ""
    yield "Executors followed the load"
    for one in found[-NEWEST:]:
        title = f"  {seconds_text(max(0.0, one.seconds)):<{INDENT - 6}} {one.numbers('->'):<9}"
        yield from _folded(title, one.reason, width)
    if len(found) > NEWEST:
        yield f"  {len(found) - NEWEST} earlier ones with -o json or -o FILE.html"


def _folded(title: str, text: str, width: int) -> Iterator[str]:
    # A number and its unit stay on one line: ``wrap`` breaks at spaces of ASCII alone.
    whole = _UNIT.sub("\\1\u00a0\\2", text)
    lines = wrap(whole, max(20, width - len(title)), break_long_words=False, break_on_hyphens=False) or [""]
    for place, line in enumerate(lines):
        yield f"{' ' * len(title) if place else title}{line}".replace("\u00a0", " ")
