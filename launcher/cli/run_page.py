"""The report that each run leaves in its folder."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

from launcher.cli import console

if TYPE_CHECKING:
    from launcher.records.history.trace import Trace
    from launcher.records.record import Record
    from launcher.records.store import RunFolder
    from launcher.report.report import Report

# A person waits: what takes longer is left to ``sparkjob report``.
MOST_LOG_BYTES, MOST_PREDICTED = 64 << 20, 20_000


@dataclass(frozen=True)
class WrittenReport:
    """What the board at the end of a run shows of its report.

    Attributes:
        path: where the page lies.
        cost: what the run cost.
        dearest: what cost most; ``None`` where nothing stood out.
    """

    path: str
    cost: str
    dearest: str | None


def write_run_page(folder: RunFolder, record: Record) -> WrittenReport | None:
    """Write a run's page into its folder; ``None`` where its event log told nothing.

    Trouble is a warning: the run ended as it ended.
    """
    try:
        return _written(folder, record)
    except Exception as error:  # whatever a log holds
        console.note(f"warning: the report of {record.run_id} was not written: {error}")
        return None


def _written(folder: RunFolder, record: Record) -> WrittenReport | None:
    from launcher.records.history.kept_files import read_kept_trace

    trace = read_kept_trace(folder)
    if trace is None:
        return None
    from launcher.cli.make_report import write_page

    report = _report(folder, record, trace)
    return WrittenReport(str(write_page(report, folder.report)), report.cost_text, _dearest(report))


def _report(folder: RunFolder, record: Record, trace: Trace) -> Report:
    from launcher.cli.make_report import report_of
    from launcher.records.history.log_files import logs
    from launcher.records.history.read_trace import local
    from launcher.records.history.source import Source
    from launcher.report.sql.read_queries import read_queries
    from launcher.runs.progress.stream_decisions import decisions_of

    own = [local(path) for path in logs(folder.event_log)[-1:]]
    size = sum(os.path.getsize(part.place) for parts in own for part in parts)  # noqa: PTH202 - a place is a text
    queries = read_queries(own[0]) if own and size <= MOST_LOG_BYTES else None
    log = own[0][0].place if own else record.event_log or str(folder.trace)
    return report_of(Source(trace, log, record), queries, decisions_of(folder), MOST_PREDICTED)


def _dearest(report: Report) -> str | None:
    from launcher.report.findings.loss import dearest, seconds_text, sentence

    top = dearest(report.losses, 1)
    return f"{seconds_text(top[0].seconds_lost)}: {sentence(top[0].message)} {top[0].fix}" if top else None
