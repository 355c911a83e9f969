"""The runs of the past that tell of the next one: records, and what is kept of their event logs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from pathlib import Path

from launcher.advice.prediction.basis import basis_of
from launcher.advice.tuning.accuracy import Checked
from launcher.advice.tuning.past import Past
from launcher.planning.submit.command import script_path
from launcher.records.history.kept_files import read_facts, read_kept_trace
from launcher.records.history.source import Source, read_source
from launcher.records.history.trace import Trace
from launcher.records.record import Record, State
from launcher.records.store import Store, runs_root
from launcher.spec.application import Application
from launcher.spec.cluster import Cluster
from sparkjobs.errors import SparkjobsError

# A job that ran out of memory longer ago than this is sized anew.
EARLIER_RUNS = 50
# Traces are read of so many.
MOST_PASTS = 5


def earlier_runs(app: Application, start: Path, environ: Mapping[str, str]) -> Iterator[Record]:
    """The newest runs of a job or of this very script, read one by one as they are asked for."""
    runs = (run for run in Store(runs_root(environ)).all() if f"-{app.name}-" in run.run_id)
    records = (run.read_or_none() for run in islice(runs, EARLIER_RUNS))
    script = script_path(app, start)
    return (record for record in records if record is not None and record.script == script)


def same_job(records: Iterable[Record], app: Application, cluster: Cluster) -> list[Record]:
    """Those with the same name, target and content that came to an end, the newest first."""
    return [
        record
        for record in records
        if record.job == app.name
        and record.target == cluster.name
        and app.content
        and record.content == app.content
        and record.state in (State.SUCCEEDED, State.FAILED)
    ]


def pasts(records: Iterable[Record], environ: Mapping[str, str]) -> list[Past]:
    """The newest of them as evidence; those whose log is gone tell nothing."""
    found: list[Past] = []
    for record in records:
        if len(found) == MOST_PASTS:
            break
        try:
            trace = _trace(record, environ)
            if trace is not None:
                succeeded = record.state is State.SUCCEEDED
                basis = basis_of(trace)
                found.append(Past(basis, record.run_id, record.run_id, succeeded, record.input_bytes))
        except SparkjobsError:  # a log that is damaged tells nothing either; `report` of that run says why
            continue
    return found


def pasts_of(source: Source, environ: Mapping[str, str]) -> list[Past]:
    """A run that was named as evidence, before the others of its job, the newest first."""
    own = source.record
    if own is None:
        return [Past(basis_of(source.trace), None, source.log)]
    succeeded = own.state is State.SUCCEEDED
    first = Past(basis_of(source.trace), own.run_id, source.log, succeeded, own.input_bytes)
    runs = (run for run in Store(runs_root(environ)).all() if f"-{own.job}-" in run.run_id)
    records = (run.read_or_none() for run in islice(runs, EARLIER_RUNS))
    others = [record for record in records if record is not None and _like(record, own)]
    return [first, *pasts(others, environ)]


def _like(record: Record, own: Record) -> bool:
    """Whether it is an ended run of the same job."""
    return (
        record.run_id != own.run_id
        and own.content is not None
        and (record.job, record.target, record.content) == (own.job, own.target, own.content)
        and record.state in (State.SUCCEEDED, State.FAILED)
    )


def checked(records: Iterable[Record], environ: Mapping[str, str]) -> Iterator[Checked]:
    """What was predicted of runs beside what they took, the newest first."""
    store = Store(runs_root(environ))
    for record in records:
        forecast = record.forecast
        if forecast is None or record.state is not State.SUCCEEDED:
            continue
        facts = read_facts(store.folder(record.run_id))
        if facts is not None and facts.complete:
            yield Checked(record.run_id, forecast.seconds, forecast.low, forecast.high, facts.seconds)


def _trace(record: Record, environ: Mapping[str, str]) -> Trace | None:
    kept = read_kept_trace(Store(runs_root(environ)).folder(record.run_id))
    return read_source(record.run_id, environ).trace if kept is None else kept
