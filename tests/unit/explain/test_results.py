"""What our own jobs say of their failure, in their result JSON."""

from __future__ import annotations

import pytest

from launcher.runs.explain.explanation import explain
from sparkjobs import errors
from sparkjobs.causes import SparkFailure
from sparkjobs.errors import SparkjobsError
from sparkjobs.result import error_result
from sparkjobs.streaming.sources.kafka.faults import AwayError


def as_json(error: Exception) -> dict[str, str | None]:
    """The ``error`` of a result JSON."""
    explanation = error_result(error)
    return {"class": explanation.cls, "message": explanation.message, "hint": explanation.hint}


@pytest.mark.parametrize(
    ("error", "cause"),
    [
        (errors.BadRowsError(10, 5, "5 of 10 rows are bad"), "bad-rows"),
        (errors.DataError("in.csv: the header lacks price"), "input-refused"),
        (errors.StaleWriteError("no commit of this run"), "write-stale"),
        (errors.WriteError("the table holds other rows"), "write-refused"),
        (AwayError("no broker of b:9092 answers for the topic t: DisconnectException"), "broker-away"),
        (errors.LockedError("the checkpoint is in use"), "checkpoint-locked"),
        (errors.UsageError("unknown flag --outputs"), "flags-refused"),
        (errors.EnvironmentProblem("jieba is not installed"), "environment-refused"),
    ],
)
def test_each_class_of_our_errors_is_a_cause(error: SparkjobsError, cause: str) -> None:
    explanation = explain("", as_json(error), exit_code=1)
    assert (explanation.cause, error.message in explanation.message) == (cause, True)
    assert explanation.hint


def test_the_jobs_own_hint_knows_the_case_better() -> None:
    explanation = explain("", as_json(errors.DataError("in.csv is empty", "Allow it with --allow-empty.")), 1)
    assert explanation.hint == "Allow it with --allow-empty."


def test_sparks_own_failure_is_told_by_its_root_and_our_hint() -> None:
    failure = SparkFailure(
        "SparkArithmeticException: [ARITHMETIC_OVERFLOW] long overflow.", "The log above has the whole story."
    )
    explanation = explain("", as_json(failure), exit_code=1)
    assert explanation.cause == "overflow"
    assert explanation.message.startswith("SparkArithmeticException: [ARITHMETIC_OVERFLOW]")
    assert "try_add" in (explanation.hint or "")


def test_the_result_outweighs_whatever_the_log_holds() -> None:
    noise = "26/11/20 10:00:00 ERROR Executor: Exception in task 0.0 in stage 0.0 (TID 0)\n"
    noise += "java.lang.OutOfMemoryError: Java heap space\n"
    assert explain(noise, as_json(errors.DataError("in.csv is cut short")), 1).cause == "input-refused"


def test_a_message_of_several_lines_is_told_in_one() -> None:
    log = 'Traceback (most recent call last):\n  File "x.py", line 1\nValueError: two faults:\n  a\n  b\n'
    assert explain(log, exit_code=1).message == "ValueError: two faults: a b"
    ended = explain("3 of 17 are missing\nnothing was sent\n", exit_code=3).message
    assert ended == "the script ended with exit code 3; it said last: 3 of 17 are missing | nothing was sent"
