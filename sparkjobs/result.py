"""The result of a run: one JSON line, every key always there, unknown values null."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from typing import Literal

from sparkjobs.errors import SparkjobsError, joined, one_line
from sparkjobs.exits import EXIT_FAILED, EXIT_OK
from sparkjobs.phases import Phase

Outcome = Literal["COMMITTED", "SKIPPED", "EMPTY", "STALE", "FAILED"]
# Set by a launcher that prints a run's error itself, at the end, with what is to be done.
LAUNCHED_VARIABLE = "SPARKJOBS_LAUNCHED"
GOOD: frozenset[str] = frozenset({"COMMITTED", "SKIPPED", "EMPTY"})


@dataclass(frozen=True)
class TableResult:
    """One table of the run: the commit's version and the rows it wrote."""

    name: str
    path: str
    version: int | None
    rows: int


@dataclass(frozen=True)
class QuarantineResult:
    """Where the bad rows went."""

    path: str
    version: int | None


@dataclass(frozen=True)
class ErrorResult:
    """What went wrong, for people and for the launcher."""

    cls: str
    message: str
    hint: str | None


@dataclass(frozen=True)
class RunResult:
    """What a run did. ``None`` means unknown."""

    job: str
    run_id: str
    interval: str | None
    config_hash: str | None
    outcome: Outcome
    rows_read: int | None = None
    rows_accepted: int | None = None
    rows_quarantined: int | None = None
    rows_written: int | None = None
    rows_late: int | None = None
    batches: int | None = None
    files_skipped: int | None = None
    tables: tuple[TableResult, ...] = ()
    quarantine: QuarantineResult | None = None
    seconds: float | None = None
    phases: tuple[Phase, ...] | None = None
    error: ErrorResult | None = None
    warnings: tuple[str, ...] = field(default=())

    @property
    def exit_code(self) -> int:
        """0 for a good outcome, 1 otherwise (an error's own code is the runner's affair)."""
        return EXIT_OK if self.outcome in GOOD else EXIT_FAILED

    def to_json(self) -> str:
        """One line of JSON; the order of the keys is part of the format."""
        plain = {"v": 1, **asdict(self)}
        if self.error is not None:
            plain["error"] = {
                "class": self.error.cls,
                "message": self.error.message,
                "hint": self.error.hint,
            }
        return json.dumps(plain, ensure_ascii=False)


def error_result(error: BaseException) -> ErrorResult:
    """Describe an exception: ours with its hint, a foreign one by the line that says it."""
    if isinstance(error, SparkjobsError):
        return ErrorResult(type(error).__name__, joined(error.message), error.hint)
    return ErrorResult(type(error).__name__, one_line(str(error)) or repr(error), None)
