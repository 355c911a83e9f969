"""What a user names when history is asked: an event log, a run, or a job."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from launcher.records.history.access import Access, access_of, target_of
from launcher.records.history.kept_files import read_kept_trace
from launcher.records.history.log_files import logs
from launcher.records.history.log_source import parts_at, parts_of_application, read_trace_at
from launcher.records.history.read_trace import Part, local, read_trace, trace_of
from launcher.records.history.trace import Trace
from launcher.records.record import Record
from launcher.records.store import LAST, RunFolder, Store, runs_root
from sparkjobs import paths
from sparkjobs.errors import EventLogError, UsageError


@dataclass(frozen=True)
class Source:
    """A run of the past.

    Attributes:
        trace: what its log tells.
        log: where the log lies, or what is kept of it.
        record: what the launcher wrote down; ``None`` for a log that was named itself.
    """

    trace: Trace
    log: str
    record: Record | None = None


def read_source(name: str, environ: Mapping[str, str]) -> Source:
    """Find a run of the past and read its log.

    Args:
        name: path or address of an event log; else id of a run, the beginning of one, or ``last``; else name
            of a job or script, whose newest run with a log is taken.
        environ: tells where the runs are, and how stores are reached.

    Raises:
        UsageError: nothing is called so.
        EventLogError: its log cannot be read, or it has none.
    """
    trouble: EventLogError | None = None
    if not paths.is_local(name) or _is_there(name):
        try:
            return Source(read_trace_at(name, Access(environ)), name)
        except EventLogError as error:
            if not paths.is_local(name) or not Path(paths.local(name)).expanduser().is_dir():
                raise
            trouble = error  # a folder may be called as a job is
    store = Store(runs_root(environ))
    if name == LAST or any(run.run_id.startswith(name) for run in store.all()):
        return _of_run(store.find(name), environ)
    for run in store.all():
        if run.job == name and (record := run.read_or_none()) and record.job == name:
            found = source_of(run, record, environ)
            if found is not None:
                return found
    if trouble is not None:
        raise trouble
    raise UsageError(
        f"no event log, run or job with a log is called {name!r}",
        "Name a file, an eventlog_v2_ folder, or what sparkjob runs lists.",
    )


def _is_there(name: str) -> bool:
    try:
        return Path(paths.local(name)).expanduser().exists()
    except (OSError, RuntimeError):  # longer than a name can be, the home of nobody
        return False


def _of_run(run: RunFolder, environ: Mapping[str, str]) -> Source:
    found = source_of(run, run.read(), environ)
    if found is None:
        raise EventLogError(
            f"run {run.run_id} has no event log",
            "Its driver wrote none, or it lies where this machine cannot look: name the log itself.",
        )
    return found


def source_of(run: RunFolder, record: Record, environ: Mapping[str, str]) -> Source | None:
    """What is kept of a run's log; else the log in its folder, or where its driver wrote it.

    Raises:
        EventLogError: it cannot be read.
    """
    own = logs(run.event_log)
    try:
        kept = read_kept_trace(run)
    except EventLogError:
        if not own:
            raise
        kept = None  # damaged, and the log itself is still there
    if kept is not None:
        return Source(kept, str(run.trace), record)
    if own:
        return Source(read_trace(own[-1]), str(own[-1]), record)
    if not record.event_log or not record.application_id:
        return None
    parts = parts_of_application(record.event_log, record.application_id, _access(record, environ))
    return Source(trace_of(parts, record.event_log), record.event_log, record) if parts else None


def log_parts(source: Source, environ: Mapping[str, str]) -> list[Part]:
    """The files of a source's event log, the oldest first; none where no more than its trace is kept.

    Raises:
        EventLogError: a store does not answer or refuses.
    """
    record = source.record
    if record is None:
        return parts_at(source.log, Access(environ))
    own = logs(Store(runs_root(environ)).folder(record.run_id).event_log)
    if own:
        return local(own[-1])
    if not record.event_log or not record.application_id:
        return []
    return parts_of_application(record.event_log, record.application_id, _access(record, environ)) or []


def _access(record: Record, environ: Mapping[str, str]) -> Access:
    return access_of(target_of(record, environ), environ)
