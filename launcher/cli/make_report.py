"""Reads an event log and makes a report of it; writes its page."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from launcher.cli.known_of_target import kept_contention, price_of
from launcher.records.history.source import Source, log_parts, read_source
from launcher.records.store import Store, replace_file, runs_root
from launcher.report.curve import MOST_TASKS, time_cost_curve
from launcher.report.hidden_texts import queries_without_secrets, without_secrets
from launcher.report.report import Report
from launcher.report.sql.queries import Queries
from launcher.report.sql.read_queries import read_queries
from launcher.report.view.run_view import RunView
from launcher.runs.progress.stream_decisions import decisions_of
from sparkjobs.errors import UsageError
from sparkjobs.streaming.progress.batch_progress import Decided

PLANS_LEFT_OUT = "plans of queries were not looked at: files, scans and broadcasts may hide there"


def read_report(name: str, environ: Mapping[str, str], most_predicted: int = MOST_TASKS) -> Report:
    """The report of what a user names: a log, a run, a job.

    Args:
        name: what the user typed.
        environ: tells where runs are.
        most_predicted: as ``report_of``.

    Raises:
        UsageError: nothing is called so.
        DataError: its log cannot be read.
    """
    source = read_source(name, environ)
    parts = log_parts(source, environ)
    record = source.record
    decisions = () if record is None else decisions_of(Store(runs_root(environ)).folder(record.run_id))
    return report_of(source, read_queries(parts) if parts else None, decisions, most_predicted)


def report_of(
    source: Source, queries: Queries | None, decisions: tuple[Decided, ...], most_predicted: int = MOST_TASKS
) -> Report:
    """The report of a run.

    Args:
        source: its trace and record.
        queries: what the plans in its log tell; ``None``: nobody looked.
        decisions: how it moved its executors, where it is a stream.
        most_predicted: above so many tasks other sizes are left out, which take longest.
    """
    trace = without_secrets(source.trace)
    # A stream that was started again is several applications, and the log is that of the last.
    own = tuple(one for one in decisions if one.at_ms >= trace.start_ms)
    view = RunView(trace, queries_without_secrets(queries or Queries()), own)
    price, contention = price_of(source.record), kept_contention(source.record)
    curve = time_cost_curve(trace, price, contention, most_predicted)
    left_out = tuple(_left_out(view, queries, most_predicted))
    return Report(view, source.log, source.record, price, curve, left_out)


def _left_out(view: RunView, queries: Queries | None, most_predicted: int) -> Iterator[str]:
    """What the report does not tell, one sentence each."""
    if queries is None:
        yield PLANS_LEFT_OUT
    if not view.is_local and sum(len(stage.tasks) for stage in view.stages) > most_predicted:
        yield (
            f"other sizes were not predicted, for it has more than {most_predicted:,} tasks: "
            "sparkjob simulate predicts them"
        )


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
