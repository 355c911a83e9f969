"""What is written down about a run: ``record.json``, made from ``events.jsonl`` and the request."""

from __future__ import annotations

import re
from collections.abc import Sequence
from enum import Enum
from typing import Any

import msgspec

from launcher.records.forecast import Forecast


class State(str, Enum):
    """Where a run is; the last five are final."""

    PLANNED = "PLANNED"
    LOCKED = "LOCKED"
    SUBMITTED = "SUBMITTED"
    RUNNING = "RUNNING"
    SUCCEEDED = "SUCCEEDED"
    FAILED = "FAILED"
    CANCELLED = "CANCELLED"
    REFUSED = "REFUSED"
    LOST = "LOST"

    @property
    def final(self) -> bool:
        """Nothing follows."""
        return self in FINAL


# A run that came to nothing of its own, as one that never got its lock, has the outcome of its end.
OUTCOMES = {
    State.SUCCEEDED: "SUCCEEDED",
    State.FAILED: "FAILED",
    State.CANCELLED: "FAILED",
    State.REFUSED: "REFUSED",
    State.LOST: "FAILED",
}
FINAL = frozenset(OUTCOMES)

VERSION = 1


class Transition(msgspec.Struct, frozen=True, omit_defaults=True):
    """One line of ``events.jsonl``: a new state, or a fact that somebody must find after a crash.

    Attributes:
        ts: UTC, ISO 8601.
        state: the state from now on.
        detail: why, for people.
        facts: what else became known: ``supervisor``, ``child`` (pid and start time), ``application_id``.
    """

    ts: str
    state: State
    detail: str = ""
    facts: dict[str, Any] = {}


class Process(msgspec.Struct, frozen=True):
    """A process that can be found again: a pid alone may be somebody else's by then."""

    pid: int
    started_s: float


class Attempt(msgspec.Struct, frozen=True, omit_defaults=True):
    """One start of spark-submit.

    Attributes:
        number: counts from 1.
        exit_code: of spark-submit.
        application_id: Spark's.
        cause: id of the failure's cause.
        changed: the one setting that the next attempt changes: key, before, after.
        seconds: how long it lasted.
    """

    number: int
    exit_code: int | None = None
    application_id: str | None = None
    cause: str | None = None
    changed: tuple[str, str | None, str] | None = None
    seconds: float | None = None


def retried(attempt: Attempt) -> str:
    """What an attempt failed of, and what the next one changes, for people."""
    message = f"attempt {attempt.number} ended with {attempt.exit_code}, {attempt.cause or 'cause unknown'}"
    if attempt.changed is None:
        return message
    key, before, after = attempt.changed
    return f"{message}; {key} {before} -> {after}"


class Explanation(msgspec.Struct, frozen=True, omit_defaults=True):
    """Why a run failed, pulled out of the noise.

    Attributes:
        cause: id of the cause; ``unknown`` when none is known.
        message: the root exception.
        hint: what to do.
        traceback: the Python traceback, shortened.
        task: last lines of the failed task.
    """

    cause: str
    message: str
    hint: str | None = None
    traceback: tuple[str, ...] = ()
    task: tuple[str, ...] = ()


class Totals(msgspec.Struct, frozen=True, omit_defaults=True):
    """Sums over the tasks of the run, from its event log; ``None`` where there was none.

    Times in milliseconds as Spark counts them, sizes in bytes. ``executors`` is the timeline: (seconds since
    the application began, executors alive).
    """

    tasks: int = 0
    failed_tasks: int = 0
    run_ms: int = 0
    cpu_ms: int = 0
    gc_ms: int = 0
    input_bytes: int = 0
    output_bytes: int = 0
    shuffle_read_bytes: int = 0
    shuffle_write_bytes: int = 0
    memory_spill_bytes: int = 0
    disk_spill_bytes: int = 0
    peak_memory_bytes: int = 0
    executors: tuple[tuple[float, int], ...] = ()


class Record(msgspec.Struct, frozen=True, omit_defaults=False):
    """All about one run; ``record.json`` holds it and is replaced in one step.

    Attributes:
        run_id: its name.
        job: name of the job or script.
        target: name of the cluster profile.
        manager: who hands out executors.
        interval: its logical interval.
        state: where it is.
        times: when each state was entered, UTC.
        argv: what was called, secrets masked.
        command: what was typed, for a shell and without secrets; ``None``: nobody knows.
        plan: the plan's JSON with its reasons, secrets masked.
        versions: of Spark, Java, Python, sparkjobs.
        host: where it was launched.
        launcher: the process that starts the supervisor; it stands for it until that one has said its name.
        supervisor: the process that looks after it.
        child: the last spark-submit.
        driver: the Python of its driver, when it runs on this machine.
        application_id: Spark's id.
        ui: address of the running driver's pages.
        attempts: every start of spark-submit.
        token: the lock's fencing token.
        result: the job's own result JSON.
        outcome: what it came to; never ``None`` in a final state.
        driver_exit_code: of the driver or the script.
        exit_code: of the launcher.
        because: which witness decided.
        explanation: why it failed.
        totals: sums over its tasks.
        log: path of the log.
        script: path of the script; ``None`` for a job of the catalogue.
        event_log: folder of Spark's event log.
        warnings: what went wrong beside the run.
        content: hash of the script, or of the job's version and row-changing parameters without its input.
        input_bytes: of its input, as it was listed; ``None`` where nobody knew.
        forecast: what was predicted of it.
    """

    run_id: str
    job: str
    target: str
    manager: str
    state: State
    host: str
    log: str
    script: str | None = None
    v: int = VERSION
    interval: str | None = None
    times: dict[str, str] = {}
    argv: tuple[str, ...] = ()
    plan: dict[str, Any] | None = None
    versions: dict[str, str] = {}
    launcher: Process | None = None
    supervisor: Process | None = None
    child: Process | None = None
    driver: Process | None = None
    application_id: str | None = None
    ui: str | None = None
    attempts: tuple[Attempt, ...] = ()
    token: int | None = None
    result: dict[str, Any] | None = None
    outcome: str | None = None
    driver_exit_code: int | None = None
    exit_code: int | None = None
    because: str = ""
    explanation: Explanation | None = None
    totals: Totals | None = None
    event_log: str | None = None
    warnings: tuple[str, ...] = ()
    content: str | None = None
    input_bytes: int | None = None
    forecast: Forecast | None = None
    command: str | None = None


class Brief(msgspec.Struct, frozen=True):
    """What a list of runs is chosen by; decoding it alone passes over the plan, which is most of a record."""

    job: str
    state: State


def apply(record: Record, line: Transition) -> Record:
    """The record after one more line of ``events.jsonl``."""
    facts = msgspec.convert(line.facts, _Facts)
    known = {name: value for name in _Facts.__struct_fields__ if (value := getattr(facts, name)) is not None}
    times = {**record.times, line.state.value: record.times.get(line.state.value, line.ts)}
    if line.state.final:
        known.setdefault("outcome", record.outcome or OUTCOMES[line.state])
        if line.detail:
            known["because"] = _because(record, line.detail)
    return msgspec.structs.replace(record, state=line.state, times=times, **known)


def _because(record: Record, detail: str) -> str:
    return f"{REBUILT}; {detail}" if record.because.startswith(REBUILT) else detail


class _Facts(msgspec.Struct, frozen=True):
    """What a line may add to the record."""

    job: str | None = None
    target: str | None = None
    manager: str | None = None
    host: str | None = None
    script: str | None = None
    interval: str | None = None
    supervisor: Process | None = None
    child: Process | None = None
    driver: Process | None = None
    application_id: str | None = None
    ui: str | None = None
    token: int | None = None
    exit_code: int | None = None
    outcome: str | None = None
    driver_exit_code: int | None = None


REBUILT = "its record was broken and is made from its events"
_ORIGIN = ("job", "target", "manager", "host", "script", "interval")
_JOB = re.compile(r"\d{8}T\d{6}Z-(?P<job>.*)-[^-]*")


def origin(record: Record) -> dict[str, str]:
    """The facts of the first line: what a record that breaks could else not be made from again."""
    return {name: value for name in _ORIGIN if (value := getattr(record, name)) is not None}


def rebuilt(run_id: str, log: str, events: Sequence[Transition]) -> Record:
    """What is known of a run without its record; its events are still to be applied.

    Runs of 0.1.0 wrote no origin: of those only the id tells the job, and nobody the host.

    Args:
        run_id: its name.
        log: path of its log.
        events: what its events tell.

    Raises:
        ValueError: they tell nothing.
    """
    if not events:
        raise ValueError("record.json is missing or broken, and events.jsonl tells nothing")
    named = _JOB.fullmatch(run_id)
    return Record(
        run_id=run_id, job=named["job"] if named else run_id, target="?", manager="?", state=State.PLANNED,
        host="", log=log, because=REBUILT,
    )  # fmt: skip
