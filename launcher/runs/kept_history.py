"""Reads a run's event log back when it has ended: sums for its record, facts and trace beside it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from launcher.managers.manager import MARK
from launcher.records.history.access import Access
from launcher.records.history.eventlog import EventLog
from launcher.records.history.fold.trace_builder import TraceBuilder
from launcher.records.history.kept_files import keep
from launcher.records.history.log_files import logs
from launcher.records.history.log_source import names_in, parts_at, parts_of_application
from launcher.records.history.parts import local_logs
from launcher.records.history.read_trace import Part, local, read_parts, trace_of
from launcher.records.record import Record, State, Totals
from launcher.records.store import RunFolder
from sparkjobs import paths

MOST_LOOKED_AT = 20


@dataclass(frozen=True)
class History:
    """What was read back.

    Attributes:
        totals: sums over the tasks; ``None`` without a log.
        warnings: what could not be read or kept.
    """

    totals: Totals | None = None
    warnings: tuple[str, ...] = ()


def keep_history(folder: RunFolder, record: Record, application_id: str | None, access: Access) -> History:
    """Read the event log of a run, wherever it lies, and keep what later plans need.

    No trouble with it may change how the run ended: whatever fails is a warning.

    Args:
        folder: the run's.
        record: tells where its event log lies.
        application_id: Spark's id; ``None`` when the application never was.
        access: how stores are reached.
    """
    try:
        parts = _parts(folder, record, application_id, access)
        if parts is None:
            return History(warnings=_missing(record, application_id))
        return _kept(folder, parts)
    except Exception as error:  # whatever a store or a disk says
        return History(warnings=(f"its event log was not read back: {error}",))


def _parts(
    folder: RunFolder, record: Record, application_id: str | None, access: Access
) -> list[Part] | None:
    own = logs(folder.event_log)[-1:]
    if own:
        return local(own[0])
    if record.event_log is None:
        return None
    if application_id is None:
        return _marked(record.event_log, record, access)
    return parts_of_application(record.event_log, application_id, access)


def _marked(folder: str, record: Record, access: Access) -> list[Part] | None:
    """The log of an application of local mode, whose id nobody tells: its settings name the run."""
    begun = record.times.get(State.SUBMITTED.value)
    if record.manager != "local" or begun is None:
        return None
    since_ms = int(datetime.fromisoformat(begun.replace("Z", "+00:00")).timestamp() * 1000)
    for name in local_logs(names_in(folder, access), since_ms)[:MOST_LOOKED_AT]:
        parts = parts_at(paths.child(paths.normalise(folder), name), access)
        if (trace_of(parts, name).conf or {}).get(MARK) == record.run_id:
            return parts
    return None


def _missing(record: Record, application_id: str | None) -> tuple[str, ...]:
    where = record.event_log
    if where is None or application_id is None or paths.is_local(where):
        return ()
    return (f"no event log of {application_id} lies in {where}",)


def _kept(folder: RunFolder, parts: list[Part]) -> History:
    log, builder = EventLog(), TraceBuilder()

    def take(lines: list[bytes]) -> None:
        log.take(lines)
        builder.take(lines)

    why = read_parts(parts, take)
    try:
        trouble = keep(folder, builder.trace(parts[0].place, cut=bool(why), why=why))
    except Exception as error:  # the sums are there all the same
        trouble = f"no facts of it are kept: {error}"
    return History(log.totals(), (trouble,) if trouble else ())
