"""The one family of errors: the message names the value and the place, the hint says what to do."""

from __future__ import annotations

from sparkjobs.exits import EXIT_FAILED, EXIT_LOCKED, EXIT_USAGE

# A path, a name and an address fit; a plan of Spark does not.
_LONGEST = 1000
_TRACEBACK = "Traceback (most recent call last)"


def one_line(text: str) -> str:
    """What of a foreign message a person can read: one line, without Spark's plan or a stack. Pure.

    The first line says it, but for a Python traceback, where it is the last.
    """
    lines = [line.strip() for line in text.strip().splitlines() if line.strip()]
    return _cut((lines[-1] if _TRACEBACK in text else lines[0]) if lines else "")


def joined(message: str) -> str:
    """One of our own messages in one line; what it quotes of others may hold more. Pure."""
    return _cut(" ".join(line.strip() for line in message.splitlines() if line.strip()))


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST else text[: _LONGEST - 3] + "..."


class SparkjobsError(Exception):
    """Base of every error that a user is meant to read.

    Args:
        message: what is wrong, with the value and the place.
        hint: what the user can do about it; ``None`` where the message says it all.
    """

    exit_code: int = EXIT_FAILED

    def __init__(self, message: str, hint: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class UsageError(SparkjobsError):
    """The command, its flags or its configuration are wrong: nothing was started (exit 2)."""

    exit_code = EXIT_USAGE


class EnvironmentProblem(SparkjobsError):
    """The machine lacks something that the run needs: Java, jars, a Python package (exit 2)."""

    exit_code = EXIT_USAGE


class DataError(SparkjobsError):
    """The input cannot be read as asked: missing, truncated, wrong header, too many bad rows."""


class EventLogError(DataError):
    """A run's event log, or what is kept of it, cannot be read (exit 2).

    For those who ask what runs tell, 1 means an answer: no size meets the objective, a run is slower.
    """

    exit_code = EXIT_USAGE


class BadRowsError(DataError):
    """More rows are bad than ``--max-bad-rows`` allows.

    Args:
        rows_read: how many rows the input has.
        rows_bad: how many of them are bad.
        message: as for every error.
        hint: as for every error.
    """

    def __init__(self, rows_read: int, rows_bad: int, message: str, hint: str | None = None) -> None:
        super().__init__(message, hint)
        self.rows_read = rows_read
        self.rows_bad = rows_bad


class WriteError(SparkjobsError):
    """The output table cannot be written, or does not hold what the run wrote."""


class StaleWriteError(WriteError):
    """Delta accepted the write call but the table's history holds no commit of this run."""


class LockedError(SparkjobsError):
    """Somebody else works there now (exit 5)."""

    exit_code = EXIT_LOCKED


class SourceGrewError(DataError):
    """The source of a stream has got a column: its query is started again inside the run, and takes it in."""
