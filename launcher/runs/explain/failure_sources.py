"""Who tells something about the end of a run, the most trustworthy first.

1. the error of the job's own result JSON, unless it is Spark's
2. the signal that ended the driver, and what the cluster manager says; see ``explanation``
3. the exception that ended the driver, its root before what wraps it
4. what Spark's event log says of failed tasks and jobs, the newest first
5. errors in the log, the newest first

A warning, or an error of a task that another attempt mended, must not outweigh the exception that ended
the run.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from launcher.runs.explain.blocks import Block
from launcher.runs.explain.cause import BY_MANAGER
from launcher.runs.explain.exceptions import LoggedException, exceptions, only_jvm_is_gone, root

MOST_ERRORS = 200
MOST_DIAGNOSTICS = 8000
UNCAUGHT = ("python", "java")
_PART_OF_ENTRY = re.compile(r"\s|$|Caused by: |[\w.$]+(?:Exception|Error)\b|Driver stacktrace:|Traceback ")
_WORKER = "/pyspark/daemon.py"
_LOGGER = re.compile(r"\w[\w.$]*: ")
# Our jobs' word for what Spark did: the message begins with Spark's own class, the hint points at the log.
SPARKS_OWN = "SparkFailure"


@dataclass(frozen=True)
class Evidence:
    """All that is known of a failed run.

    Attributes:
        log: the log's blocks, in order.
        result_error: ``class``, ``message``, ``hint`` of the job's result JSON.
        exit_code: of spark-submit.
        diagnostics: what the cluster manager says.
        failures: reasons of failed tasks and jobs in the event log, the oldest first.
    """

    log: tuple[Block, ...]
    result_error: Mapping[str, str | None] | None = None
    exit_code: int | None = None
    diagnostics: str = ""
    failures: tuple[str, ...] = ()

    @property
    def plain_lines(self) -> list[str]:
        """What no logger said: the script's own words, a shell's complaint; they may follow an entry."""
        found: list[str] = []
        for block in self.log:
            if block.kind not in UNCAUGHT:
                lines = block.lines if block.kind == "plain" else block.lines[1:]
                found += [line for line in lines if not _PART_OF_ENTRY.match(line)]
        return found

    @property
    def own_error(self) -> bool:
        """The job's result tells an error of its own, and not one of Spark's in other words."""
        return self.result_error is not None and self.result_error.get("class") != SPARKS_OWN

    @property
    def ended_by(self) -> Block | None:
        """The last exception that nobody caught."""
        return next((block for block in reversed(self.log) if _ends_driver(block)), None)


@dataclass(frozen=True)
class FailureSource:
    """Somebody who tells exceptions.

    Attributes:
        chain: from the outermost to the root.
        saw_the_end: what it tells ended the run. Unless it only says that something else did, nobody else is
            asked: an error in the log may have been mended long before.
    """

    chain: tuple[LoggedException, ...]
    saw_the_end: bool = False

    @property
    def is_enough(self) -> bool:
        """What it tells is the cause, known or not."""
        message = None if only_jvm_is_gone(self.chain) else root(self.chain)
        return self.saw_the_end and message is not None and not message.consequence


def _ends_driver(block: Block) -> bool:
    """Python workers on this machine complain on the same stream when their executor goes."""
    of_worker = any(_WORKER in line for line in block.lines[1:3])
    return block.kind in UNCAUGHT and not of_worker


def failure_sources(seen: Evidence) -> Iterator[FailureSource]:
    """All of them, the most trustworthy first."""
    if seen.own_error:
        yield _of_result(seen)
    if seen.diagnostics:
        yield FailureSource(_manager(seen.diagnostics[:MOST_DIAGNOSTICS]))
    if seen.result_error is not None and not seen.own_error:
        yield _of_result(seen)
    ended = seen.ended_by
    if ended is not None:
        yield FailureSource(tuple(exceptions(ended.lines)), saw_the_end=True)
    for reason in reversed(seen.failures):
        yield FailureSource(entry(reason.splitlines()))
    errors = [block for block in seen.log if block.kind in ("error", *UNCAUGHT) and block is not ended]
    yield from _entries(errors)


def _of_result(seen: Evidence) -> FailureSource:
    assert seen.result_error is not None
    return FailureSource((LoggedException(result_text(seen.result_error), False, 0),), saw_the_end=True)


def warnings(seen: Evidence) -> Iterator[FailureSource]:
    """What was logged as a warning, the newest first: too often noise to be believed without need."""
    yield from _entries([block for block in seen.log if block.kind == "warning"])


def _entries(blocks: Sequence[Block]) -> Iterator[FailureSource]:
    for block in reversed(blocks[-MOST_ERRORS:]):
        yield FailureSource(entry(block.lines))


def entry(lines: Sequence[str]) -> tuple[LoggedException, ...]:
    """What a logger said, and the exceptions that it added."""
    return (LoggedException(without_logger(lines[0]), False, 0), *exceptions(lines)) if lines else ()


def without_logger(line: str) -> str:
    """A line of a log without the name of the logger."""
    return _LOGGER.sub("", line, count=1)


def result_text(error: Mapping[str, str | None]) -> str:
    """Class and message of a job's own error."""
    name, message = error.get("class") or "", error.get("message") or ""
    return message if name == SPARKS_OWN else f"{name}: {message}"


def _manager(diagnostics: str) -> tuple[LoggedException, ...]:
    return (LoggedException(BY_MANAGER + diagnostics, False, 0), *exceptions(diagnostics.splitlines()))
