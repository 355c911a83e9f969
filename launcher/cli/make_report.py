"""Reads an event log and makes a report of it; writes its page."""

from __future__ import annotations

from pathlib import Path

from launcher.cli.sources import Source
from launcher.records.history.read_trace import trace_of
from launcher.records.store import replace_file
from launcher.report.curve import MOST_TASKS, time_cost_curve
from launcher.report.hidden_texts import queries_without_secrets, without_secrets
from launcher.report.report import Report
from launcher.report.sql.read_queries import read_queries
from launcher.report.view.run_view import RunView
from sparkjobs.errors import UsageError


def report_of(source: Source, most_predicted: int = MOST_TASKS) -> Report:
    """The report of an event log.

    Args:
        source: the log.
        most_predicted: above so many tasks other sizes are left out, which take longest.

    Raises:
        DataError: the log cannot be read.
    """
    trace = without_secrets(trace_of(source.parts, source.log))
    view = RunView(trace, queries_without_secrets(read_queries(source.parts)))
    curve = time_cost_curve(trace, source.price, most_predicted)
    return Report(view, source.log, source.record, source.price, curve)


def write_page(report: Report, path: Path) -> Path:
    """Write a report as a page.

    Raises:
        UsageError: it cannot be written there.
    """
    from launcher.report.page.page import page

    content = page(report).encode("utf-8", "replace")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        replace_file(path, content)
    except OSError as error:
        raise UsageError(f"{path} cannot be written: {error.strerror}") from error
    return path
