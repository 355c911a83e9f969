"""How a run is told to people."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timezone
from typing import TYPE_CHECKING

from launcher.records.record import Record, State, retried
from sparkjobs.streaming.progress.batch_progress import most_behind

if TYPE_CHECKING:
    from launcher.runs.progress.stream_figures import StreamFigures


def age(record: Record) -> tuple[str, str]:
    """When the run began, and how long it took or has taken so far."""
    times = sorted(_moment(text) for text in record.times.values())
    if not times:
        return "-", "-"
    end = times[-1] if record.state.final else datetime.now(timezone.utc)
    return f"{times[0]:%Y-%m-%d %H:%M:%S}", duration((end - times[0]).total_seconds())


def _moment(text: str) -> datetime:
    # Before Python 3.11 fromisoformat knows no "Z".
    return datetime.fromisoformat(text.replace("Z", "+00:00"))


def duration(seconds: float) -> str:
    """A length of time such as ``1h 02m``, ``3m 05s``, ``12s``."""
    whole = round(seconds)
    if whole >= 3600:
        return f"{whole // 3600}h {whole % 3600 // 60:02}m"
    return f"{whole // 60}m {whole % 60:02}s" if whole >= 60 else f"{whole}s"


def report(record: Record, because: str, stream: StreamFigures | None = None) -> Iterator[str]:
    """The lines of ``sparkjob status``."""
    began, took = age(record)
    yield f"{record.run_id}  {record.state.value}"
    yield f"  why          {record.because or because}"
    yield f"  job          {record.job} on {record.target} ({record.manager}), from {record.host}"
    if record.interval:
        yield f"  interval     {record.interval}"
    yield f"  started      {began}, {'took' if record.state.final else 'runs for'} {took}"
    if record.application_id:
        yield f"  application  {record.application_id}"
    if record.ui and not record.state.final:
        yield f"  ui           {record.ui}"
    if record.outcome:
        yield f"  outcome      {record.outcome}, exit code {record.exit_code}"
    # While it goes on, the last attempt that is written down was followed by one as well.
    for attempt in record.attempts[:-1] if record.state.final else record.attempts:
        yield f"  tried again  {retried(attempt)}"
    yield from _stream(stream)
    yield from _result(record)
    yield from _failure(record)
    if record.state is State.LOST and record.command is not None:
        yield f"  again        {record.command}"
    for warning in record.warnings:
        yield f"  warning      {warning}"
    yield f"  log          {record.log}"


def _stream(found: StreamFigures | None) -> Iterator[str]:
    if found is None:
        return
    newest = found.newest
    yield f"  batches      {found.batches:,}, the newest is {newest.batch}, done at {newest.ts}"
    rate = "unknown" if found.rows_per_s is None else f"{found.rows_per_s:,g} rows/s"
    most = most_behind(newest.lag_by_partition)
    yield f"  rate         {rate}, lag {_known(newest.lag)}{most and f', {most}'}"
    yield f"  latency      median {found.latency_s:.2f} s, at most {found.slowest_s:.2f} s"
    if newest.executors is not None:
        wanted = "" if newest.target is None else f" of {newest.target}"
        yield f"  executors    {newest.executors}{wanted}"
    if newest.watermark is not None:
        yield f"  watermark    {newest.watermark}"
    if found.behind is not None:
        yield f"  behind       {found.behind.text.removeprefix('behind ')}"


def _known(count: int | None) -> str:
    return "unknown" if count is None else f"{count:,}"


def _result(record: Record) -> Iterator[str]:
    for table in (record.result or {}).get("tables", []):
        yield f"  table        {table['path']} version {table['version']}, {table['rows']} rows"
    if record.totals is not None and record.totals.tasks:
        tasks = record.totals
        yield f"  tasks        {tasks.tasks}, {tasks.failed_tasks} failed, {tasks.run_ms / 1000:.1f} s in all"


def _failure(record: Record) -> Iterator[str]:
    explanation = record.explanation
    if explanation is None:
        return
    yield f"  cause        {explanation.cause}: {explanation.message}"
    if explanation.hint:
        yield f"  mend         {explanation.hint}"
