"""The runs of the past that tell of the next one: records, and what is kept of their event logs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path

from launcher.advice.prediction.basis import basis_of
from launcher.advice.tuning.accuracy import MOST_MISSES, Checked, distrust
from launcher.advice.tuning.advise import MOST_PASTS
from launcher.advice.tuning.past import Past
from launcher.intake.asked import asked_of, partitions_of
from launcher.planning.submit.command import script_path
from launcher.records.history.kept_files import read_facts
from launcher.records.history.source import Source, source_of
from launcher.records.history.trace import Trace
from launcher.records.record import Record, State
from launcher.records.store import Store, runs_root
from launcher.spec.application import Application
from sparkjobs.errors import SparkjobsError

# A job that ran out of memory longer ago than this is sized anew.
EARLIER_RUNS = 50


def earlier_runs(app: Application, start: Path, environ: Mapping[str, str]) -> Iterator[Record]:
    """The newest runs of a job or of this very script, read one by one as they are asked for."""
    script = script_path(app, start)
    return (record for record in newest_of(app.name, environ) if record.script == script)


def newest_of(job: str, environ: Mapping[str, str]) -> Iterator[Record]:
    """The newest runs of a name, read one by one as they are asked for."""
    runs = (run for run in Store(runs_root(environ)).all() if run.job == job)
    records = (run.read_or_none() for run in islice(runs, EARLIER_RUNS))
    return (record for record in records if record is not None)


def same_job(records: Iterable[Record], job: str, target: str, content: str | None) -> list[Record]:
    """Those with this name, target and content that came to an end, the newest first."""
    return [
        record
        for record in records
        if content
        and (record.job, record.target, record.content) == (job, target, content)
        and record.state in (State.SUCCEEDED, State.FAILED)
    ]


def pasts(records: Iterable[Record], environ: Mapping[str, str], most: int = MOST_PASTS) -> list[Past]:
    """The newest of them as evidence, so many at most; those whose log is gone tell nothing."""
    store = Store(runs_root(environ))
    found: list[Past] = []
    for record in records:
        if len(found) == most:
            break
        try:
            source = source_of(store.folder(record.run_id), record, environ)
            if source is not None:
                found.append(_past(source.trace, record, source.log))
        except SparkjobsError:  # a log that is damaged tells nothing either; `report` of that run says why
            continue
    return found


def pasts_of(source: Source, records: Sequence[Record], environ: Mapping[str, str]) -> list[Past]:
    """A run that was named as evidence, before the others of its job, the newest first.

    Args:
        source: the run.
        records: as ``records_of`` answers.
        environ: tells where the runs are.
    """
    if not records:
        return [Past(basis_of(source.trace), None, source.log, not source.trace.failed)]
    own, *same = records
    return [_past(source.trace, own, source.log), *pasts(same, environ)][:MOST_PASTS]


def records_of(source: Source, environ: Mapping[str, str]) -> list[Record]:
    """The record of a run that was named, before those of its job, the newest first; none of a log alone."""
    own = source.record
    if own is None:
        return []
    others = (record for record in newest_of(own.job, environ) if record.run_id != own.run_id)
    return [own, *same_job(others, own.job, own.target, own.content)]


def doubt(records: Iterable[Record], environ: Mapping[str, str]) -> str:
    """Why predictions of a job are not believed; empty where they are.

    Args:
        records: of one job on one target.
        environ: tells where the runs are.
    """
    newest_first = sorted(records, key=lambda record: record.run_id, reverse=True)
    return distrust(list(islice(checked(newest_first, environ), MOST_MISSES)))


def _past(trace: Trace, record: Record, log: str) -> Past:
    return Past(
        basis_of(trace),
        record.run_id,
        log,
        record.state is State.SUCCEEDED,
        record.input_bytes,
        partitions_of(record),
        asked_of(record),
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
