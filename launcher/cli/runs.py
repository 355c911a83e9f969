"""``sparkjob runs``: the runs of this user."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING

import click

from launcher.cli import console
from launcher.cli.support import output_option
from sparkjobs.errors import DataError, UsageError
from sparkjobs.exits import EXIT_OK

if TYPE_CHECKING:
    from launcher.records.record import Record
    from launcher.records.store import RunFolder

STATES = ("PLANNED", "LOCKED", "SUBMITTED", "RUNNING", "SUCCEEDED", "FAILED", "CANCELLED", "REFUSED", "LOST")


@click.command(name="runs")
@click.option("--job", help="Only runs of this job or script.")
@click.option("--state", type=click.Choice(STATES, case_sensitive=False), help="Only runs in this state.")
@click.option("--since", metavar="TIME", help="Only runs since then: 2026-01-31, 2026-01-31T05:00, 2h, 7d.")
@click.option("-n", "--limit", type=click.IntRange(min=1), default=20, show_default=True, help="How many.")
@click.option("--prune", metavar="AGE", help="Remove the runs that ended and are older, such as 30d.")
@output_option
def command(
    job: str | None, state: str | None, since: str | None, limit: int, prune: str | None, output: str
) -> int:
    """List runs, the newest first."""
    from launcher.records.store import Store, runs_root

    store = Store(runs_root(os.environ))
    if prune is not None:
        gone = store.prune(_stamp(prune, "--prune"))
        console.note(f"{len(gone)} runs removed")
    start = _stamp(since, "--since") if since else ""
    records = _readable(folder for folder in store.all() if folder.run_id >= start)
    fitting = [record for record in records if _fits(record, job, state)]
    shown = fitting[:limit]
    if output == "json":
        import msgspec

        console.document([msgspec.to_builtins(record) for record in shown])
    elif not shown:
        console.line("no runs")
    else:
        _table(shown)
        if len(fitting) > limit:
            console.note(f"{len(fitting) - limit} more; -n shows them")
    return EXIT_OK


def _readable(folders: Iterable[RunFolder]) -> Iterator[Record]:
    """The records; a run whose supervisor was killed is looked for and closed."""
    from launcher.runs.run_status import look

    for folder in folders:
        try:
            yield look(folder, os.environ)[0]
        except DataError as error:
            console.note(f"left out: {error.message}")


def _fits(record: Record, job: str | None, state: str | None) -> bool:
    return job in (None, record.job) and (state is None or record.state.value == state.upper())


def _table(records: Sequence[Record]) -> None:
    from launcher.cli.run_report import age

    rows = [("RUN", "STATE", "OUTCOME", "TARGET", "STARTED", "TOOK")]
    for record in records:
        began, took = age(record)
        rows.append((record.run_id, record.state.value, record.outcome or "-", record.target, began, took))
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    for row in rows:
        console.line("  ".join(f"{cell:{width}}" for cell, width in zip(row, widths, strict=True)).rstrip())


def _stamp(text: str, flag: str) -> str:
    """The beginning of the run ids of a moment: they sort by time."""
    moment = _moment(text)
    if moment is None:
        raise UsageError(f"{flag} {text!r} is no time", "Write 2026-01-31, 2026-01-31T05:00, 2h or 7d.")
    return f"{moment.astimezone(timezone.utc):%Y%m%dT%H%M%SZ}"


def _moment(text: str) -> datetime | None:
    units = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
    try:
        if text[:-1].isdecimal() and text[-1:] in units:
            return datetime.now(timezone.utc) - timedelta(**{units[text[-1]]: int(text[:-1])})
        moment = datetime.fromisoformat(text)
    except (ValueError, OverflowError):
        return None
    return moment.replace(tzinfo=moment.tzinfo or timezone.utc)
