"""What SOURCE names: an event log of any scheme, a run, or the newest run of a job."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from launcher.records.history.log_files import logs
from launcher.records.history.log_source import Access, parts_at, parts_of_application
from launcher.records.history.read_trace import Part, local
from launcher.records.record import Record
from launcher.records.store import LAST, RunFolder, Store, runs_root
from launcher.spec.cluster import Price
from launcher.spec.config.read_profile import read_cluster
from sparkjobs import paths
from sparkjobs.errors import DataError, SparkjobsError, UsageError

# A job's newest run may have left no log, as one that never started; how many are looked at.
MOST_RUNS = 50


@dataclass(frozen=True)
class Source:
    """An event log.

    Attributes:
        log: where it lies.
        parts: its files, the oldest first.
        record: of the run it is of; ``None`` for a log alone.
        price: of the executors, by the run's profile.
    """

    log: str
    parts: list[Part]
    record: Record | None = None
    price: Price | None = None


def source_of(name: str, environ: Mapping[str, str]) -> Source:
    """The event log that a name stands for.

    Args:
        name: a file or folder of any scheme; a run's id, the beginning of it, or ``last``; a job's name.
        environ: tells the folder of the runs and how stores are reached.

    Raises:
        UsageError: it names none of these.
        DataError: its event log cannot be had.
    """
    if paths.scheme_of(name) != "file" or Path(name).exists():
        return Source(name, parts_at(name, Access(environ)))
    return source_of_run(_run(name, environ), environ)


def source_of_run(folder: RunFolder, environ: Mapping[str, str]) -> Source:
    """The event log of a run; raises as ``source_of``."""
    record = folder.read()
    price = _price(record, environ)
    own = logs(folder.event_log)
    if own:
        return Source(str(own[-1]), local(own[-1]), record, price)
    if record.event_log is not None and record.application_id:
        parts = parts_of_application(record.event_log, record.application_id, Access(environ))
        if parts:
            return Source(parts[0].place, parts, record, price)
    raise DataError(
        f"{record.run_id} has no event log",
        "Spark begins one once the driver has a session; in cluster mode set event_log in the profile.",
    )


def _run(name: str, environ: Mapping[str, str]) -> RunFolder:
    store = Store(runs_root(environ))
    if name != LAST:
        newest = next(_of_job(store, name), None)
        if newest is not None:
            return newest
    try:
        return store.find(name)
    except UsageError as error:
        raise UsageError(
            f"{name!r} is no event log, no run and no job that has run",
            "Name a file or folder of Spark's event log, a run (sparkjob runs lists them) or a job.",
        ) from error


def _of_job(store: Store, job: str) -> Iterator[RunFolder]:
    """The runs of a job that left an event log, the newest first; else all of them."""
    named = islice((run for run in store.all() if f"-{job}-" in run.run_id), MOST_RUNS)
    fitting = [run for run in named if (found := run.read_or_none()) is not None and found.job == job]
    with_log = [run for run in fitting if logs(run.event_log)]
    yield from with_log or fitting


def _price(record: Record, environ: Mapping[str, str]) -> Price | None:
    """By the profile of a run; ``None`` where it is gone or has faults by now."""
    try:
        return read_cluster(record.target, environ, Path.cwd()).price
    except SparkjobsError:
        return None
