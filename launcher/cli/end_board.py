"""The end of a run as people read it, on a terminal's stderr: what it came to and what to look at."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from rich import box
from rich.console import Console
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from launcher.cli.run_page import WrittenReport
from launcher.cli.run_report import age, duration
from launcher.records.record import Record
from sparkjobs.standard_streams import leave_stream

WIDTH, MOST_TABLES = 80, 6
_GOOD = "SUCCEEDED"
Row = tuple[str, str]


def show_end(result: Mapping[str, Any], record: Record, report: WrittenReport | None = None) -> None:
    """Draw the board on stderr.

    Args:
        result: the run's result JSON.
        record: of the run.
        report: of the run, where there is one.
    """
    screen = Console(stderr=True, highlight=False)
    try:
        screen.print(board(result, record, not _draws(sys.stderr.encoding), screen.width, report))
    except OSError:  # the terminal is gone; the exit code is the run's own
        leave_stream(2)


def board(
    result: Mapping[str, Any],
    record: Record,
    plain: bool,
    width: int = WIDTH,
    report: WrittenReport | None = None,
) -> Panel:
    """The board.

    Args:
        result: the run's result JSON.
        record: of the run.
        plain: draw with ASCII characters.
        width: columns of the terminal; 80 are taken at most.
        report: of the run, where there is one.
    """
    good = result["state"] == _GOOD
    style = "green" if good else "yellow" if result["state"] == "CANCELLED" else "red"
    grid = Table.grid(padding=(0, 2))
    grid.add_column(style="dim", no_wrap=True)
    grid.add_column(overflow="fold", ratio=1)
    rows = [*facts(result, record), *cost(report), *warnings(result), *trouble(result)]
    for title, text in [*rows, *looks(result, record), *page(report)]:
        # Text, not markup: a path may hold brackets.
        grid.add_row(title, Text(text, style=_STYLES.get(title, "")))
    return Panel(
        grid,
        title=Text(headline(result, plain), style=f"bold {style}"),
        title_align="left",
        border_style=style,
        box=box.ASCII if plain else box.ROUNDED,
        width=min(width, WIDTH),
        padding=(0, 1),
    )


_STYLES = {"error": "bold red", "mend": "bold", "warning": "yellow"}


def headline(result: Mapping[str, Any], plain: bool) -> str:
    """What ran, and what it came to."""
    mark = ("ok" if plain else "✔") if result["state"] == _GOOD else ("!!" if plain else "✘")
    ends = dict.fromkeys((result["state"], result["outcome"]))  # a script's outcome is its state
    between = " - " if plain else " · "
    return f"{mark} {result['job']}{between}{between.join(ends)}"


def facts(result: Mapping[str, Any], record: Record) -> Iterator[Row]:
    """The run, its rows, tables, time and quarantine, as far as they are known."""
    yield "run", str(result["run_id"])
    if result["interval"]:
        yield "interval", str(result["interval"])
    if result["rows_read"] is not None:
        yield "rows", _rows(result)
    if result.get("batches"):
        yield "batches", _count(result["batches"])
    if result.get("files_skipped"):
        yield "skipped", f"{_count(result['files_skipped'])} files"
    yield from _tables(result["tables"])
    if result["quarantine"]:
        where = result["quarantine"]
        yield "quarantine", f"{where['path']}, version {_or_unknown(where['version'])}"
    yield "time", _time(result, record)


def _rows(result: Mapping[str, Any]) -> str:
    read, good = _count(result["rows_read"]), _count(result["rows_accepted"])
    late = f" + {_count(result['rows_late'])} late" if result.get("rows_late") else ""
    parts = f"{read} read = {good} accepted + {_count(result['rows_quarantined'])} quarantined{late}"
    written = result["rows_written"]
    return parts if written is None else f"{parts}; {written:,} written"


def _tables(tables: Sequence[Mapping[str, Any]]) -> Iterator[Row]:
    for table in tables[:MOST_TABLES]:
        yield (
            "table",
            f"{table['path']}, version {_or_unknown(table['version'])}, {_count(table['rows'])} rows",
        )
    if len(tables) > MOST_TABLES:
        yield "", f"and {len(tables) - MOST_TABLES} more"


def _time(result: Mapping[str, Any], record: Record) -> str:
    parts = [age(record)[1]]
    if result["seconds"] is not None:
        parts.append(f"{duration(result['seconds'])} of it the job's own work")
    tasks = record.totals
    if tasks is not None and tasks.tasks:
        failed = f", {tasks.failed_tasks:,} failed" if tasks.failed_tasks else ""
        parts.append(f"{tasks.tasks:,} tasks{failed}")
    return "; ".join(parts)


def cost(report: WrittenReport | None) -> Iterator[Row]:
    """What it cost, and the one thing that cost most."""
    if report is None:
        return
    yield "cost", report.cost
    if report.dearest is not None:
        yield "cost most", report.dearest


def page(report: WrittenReport | None) -> Iterator[Row]:
    """Where its report lies."""
    if report is not None:
        yield "report", report.path


def warnings(result: Mapping[str, Any]) -> Iterator[Row]:
    """What the user should know."""
    yield from (("warning", str(text)) for text in result["warnings"])


def trouble(result: Mapping[str, Any]) -> Iterator[Row]:
    """Why it failed, and what to do."""
    error = result["error"]
    if error is None:
        return
    yield "error", str(error["message"])
    if error["hint"]:
        yield "mend", str(error["hint"])
    yield "exit code", str(result["exit_code"])


def looks(result: Mapping[str, Any], record: Record) -> Iterator[Row]:
    """Commands that show more."""
    run = result["run_id"]
    commands = []
    if result["rows_quarantined"] and result["quarantine"]:
        commands.append(f"sparkjob table read {result['quarantine']['path']}")
    if result["state"] == _GOOD and result["tables"]:
        commands.append(f"sparkjob table read {result['tables'][0]['path']}")
    if record.child is not None and (result["state"] != _GOOD or not result["tables"]):
        commands.append(f"sparkjob logs {run}")
    if record.totals is not None:
        commands.append(f"sparkjob ui {run}")
    yield from zip(("look at", *[""] * len(commands)), commands, strict=False)


def _count(value: int | None) -> str:
    return "?" if value is None else f"{value:,}"


def _or_unknown(value: Any) -> str:
    return "?" if value is None else str(value)


def _draws(encoding: str | None) -> bool:
    return (encoding or "").lower().replace("-", "").startswith("utf8")
