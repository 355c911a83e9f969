"""``sparkjob runs``: the runs of this user."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta, timezone
from itertools import islice
from typing import TYPE_CHECKING, Any

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
@click.option(
    "--accuracy", is_flag=True, help="What was predicted of the runs of --job, beside what they took."
)
@click.option("--prune", metavar="AGE", help="Remove the runs that ended and are older, such as 30d.")
@output_option
def command(
    job: str | None, state: str | None, since: str | None, limit: int, accuracy: bool, prune: str | None,
    output: str,
) -> int:  # fmt: skip
    """List runs, the newest first."""
    from launcher.records.store import Store, runs_root

    if accuracy:
        if prune is not None:
            raise UsageError("--accuracy removes no runs", "Leave --prune out.")
        return _accuracy(job, state, since, limit, output)
    store = Store(runs_root(os.environ))
    if prune is not None:
        _refuse_filters({"--job": job, "--state": state, "--since": since})
        gone = store.prune(_stamp(prune, "--prune"))
        console.note(f"{len(gone)} runs removed")
    fitting = _fitting(store.all(_stamp(since, "--since") if since else ""), job, state)
    shown = list(islice(fitting, limit))
    if output == "json":
        console.document([_document(run) for run in shown])
    elif not shown:
        console.line("no runs")
    else:
        _table(shown)
        if more := sum(1 for _ in fitting):
            console.note(f"{more} more; -n shows them")
    return EXIT_OK


def _refuse_filters(given: Mapping[str, str | None]) -> None:
    """They say what is shown; whoever adds them may think that they say what is removed."""
    named = [flag for flag, value in given.items() if value is not None]
    if named:
        raise UsageError(
            f"--prune removes old runs of every kind, and {named[0]} names some", f"Leave {named[0]} out."
        )


def _accuracy(job: str | None, state: str | None, since: str | None, limit: int, output: str) -> int:
    from launcher.cli import accuracy_report
    from launcher.records.store import Store, runs_root

    if job is None:
        raise UsageError("--accuracy is that of one job", "Name it: sparkjob runs --job JOB --accuracy.")
    if state is not None:
        raise UsageError("--accuracy is that of runs that succeeded", "Leave --state out.")
    folders = _fitting(Store(runs_root(os.environ)).all(_stamp(since, "--since") if since else ""), job, None)
    records = (record for folder in folders if (record := folder.read_or_none()) is not None)
    accuracy_report.show(job, records, limit, output)
    return EXIT_OK


def _fitting(folders: Iterable[RunFolder], job: str | None, state: str | None) -> Iterator[RunFolder]:
    """Those that fit; without a filter nothing of a run is read."""
    if job is not None:
        folders = (folder for folder in folders if f"-{job}-" in folder.run_id)
    return (folder for folder in folders if (job, state) == (None, None) or _fits(folder, job, state))


def _fits(folder: RunFolder, job: str | None, state: str | None) -> bool:
    from msgspec.structs import replace

    try:
        brief = folder.brief()
        if state is not None and not brief.state.final:
            # One that has lost its supervisor is looked for and closed.
            brief = replace(brief, state=_look(folder).state)
    except DataError:
        return False  # the list without filters names it
    return job in (None, brief.job) and (state is None or brief.state.value == state.upper())


def _record(folder: RunFolder) -> Record | str:
    """The record; a run whose supervisor was killed is looked for and closed."""
    try:
        return _look(folder)
    except DataError as error:
        return error.message


def _look(folder: RunFolder) -> Record:
    from launcher.runs.run_status import look

    return look(folder, os.environ)[0]


def _document(folder: RunFolder) -> dict[str, Any]:
    import msgspec

    from launcher.runs.progress.stream_figures import figures_of

    record = _record(folder)
    if isinstance(record, str):
        return {"v": 1, "run_id": folder.run_id, "state": None, "outcome": None, "because": record}
    document: dict[str, Any] = msgspec.to_builtins(record)
    stream = figures_of(folder)
    return document | ({"stream": stream.document()} if stream else {})


def _table(folders: Sequence[RunFolder]) -> None:
    rows = [("RUN", "STATE", "OUTCOME", "TARGET", "STARTED", "TOOK", "STREAM"), *map(_row, folders)]
    if not any(row[-1] for row in rows[1:]):
        rows = [row[:-1] for row in rows]
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    for row in rows:
        console.line("  ".join(f"{cell:{width}}" for cell, width in zip(row, widths, strict=True)).rstrip())


def _row(folder: RunFolder) -> tuple[str, ...]:
    from launcher.cli.run_report import age

    record = _record(folder)
    if isinstance(record, str):
        console.note(f"{record} ({folder.path}); --prune removes it when it is old enough")
        return (folder.run_id, "BROKEN", "-", "-", "-", "-", "")
    known = (record.run_id, record.state.value, record.outcome or "-", record.target)
    return (*known, *age(record), _stream(folder))


def _stream(folder: RunFolder) -> str:
    """How a stream runs, in a few words; empty for other runs."""
    from launcher.runs.progress.stream_figures import figures_of

    found = figures_of(folder)
    if found is None:
        return ""
    rate = "" if found.rows_per_s is None else f", {found.rows_per_s:,g} rows/s"
    lag = "" if found.newest.lag is None else f", lag {found.newest.lag:,}"
    late = ", behind" if found.behind else ""
    batches = "1 batch" if found.batches == 1 else f"{found.batches:,} batches"
    return f"{batches}{rate}{lag}, {found.latency_s:.2f} s{late}"


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
