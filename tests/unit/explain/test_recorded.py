"""Every hint is earned by the log of a real failure (``tests/failures`` makes and records them)."""

from __future__ import annotations

import re

import pytest

from launcher.runs.explain.cause import UNKNOWN
from launcher.runs.explain.causes import BY_ID, CAUSES
from launcher.runs.explain.explanation import explain
from tests.unit.explain.logs import CAUSE_OF, LOGS, recorded

# Their texts come from the job itself, see test_results.py.
OWN = {
    "bad-rows",
    "broker-away",
    "checkpoint-locked",
    "input-refused",
    "write-stale",
    "write-refused",
    "flags-refused",
    "environment-refused",
}


@pytest.mark.parametrize("name", CAUSE_OF)
def test_a_real_failure_is_told_by_its_cause(name: str) -> None:
    log = recorded(name)
    explanation = explain(log.text, exit_code=log.exit_code)
    assert explanation.cause == CAUSE_OF[name], explanation
    assert explanation.hint == (None if explanation.cause == UNKNOWN else BY_ID[explanation.cause].hint)
    assert explanation.message


def test_every_recorded_log_is_used_and_every_cause_has_one() -> None:
    assert {path.stem for path in LOGS.glob("*.txt")} == set(CAUSE_OF)
    assert {cause.id for cause in CAUSES if cause.recorded} - set(CAUSE_OF.values()) == OWN


@pytest.mark.parametrize("name", CAUSE_OF)
def test_a_recorded_log_names_nobodys_machine(name: str) -> None:
    text = recorded(name).text
    paths = set(re.findall(r"(?<![\w.])/(?:work|root|home|usr|mnt|tmp)/[\w./-]*", text))
    assert {path for path in paths if not path.startswith(("/tmp/work", "/usr/bin/env"))} == set()
    hosts = set(re.findall(r"(?<!py4j-)\b\d+\.\d+\.\d+\.\d+\b", text))
    assert {
        host for host in hosts if not host.startswith(("127.", "192.0.2.", "203.0.113.", "0.0.0.0"))
    } == set()


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("worker-exception", "ValueError: no price for article 0"),
        ("module-missing-on-workers", "ModuleNotFoundError: No module named 'usaddress'"),
        ("missing-driver-class", "java.lang.ClassNotFoundException: org.postgresql.Driver"),
        ("unknown-host", "java.net.UnknownHostException: store.invalid"),
        ("script-exit", "the script ended with exit code 3; it said last: 3 of 17 partitions are missing"),
        (
            "file-not-found",
            "FileNotFoundError: [Errno 2] No such file or directory: '/tmp/work/mapping.json'",
        ),
        ("executor-heap", "java.lang.OutOfMemoryError: Java heap space"),
        ("driver-killed", "the driver ended with exit code 137"),
    ],
)
def test_the_message_is_the_root_not_what_wraps_it(name: str, message: str) -> None:
    log = recorded(name)
    assert explain(log.text, exit_code=log.exit_code).message == message


def test_the_traceback_holds_the_users_frames_only() -> None:
    explanation = explain(recorded("ansi-overflow").text)
    assert explanation.traceback[0] == "Traceback (most recent call last):"
    assert [line.strip() for line in explanation.traceback if "selectExpr" in line]
    assert explanation.traceback[-1].startswith(
        "pyspark.errors.exceptions.captured.ArithmeticException: [ARITHMETIC"
    )
    assert not any("py4j" in line or "site-packages" in line for line in explanation.traceback)


def test_the_lines_of_the_failed_task_are_those_of_the_workers_function() -> None:
    task = explain(recorded("worker-exception").text).task
    assert task[-1] == "ValueError: no price for article 0"
    assert "in price" in task[0]
    assert not any("worker.py" in line for line in task)


def test_the_task_of_a_java_failure_shows_where_it_was_raised() -> None:
    task = explain(recorded("executor-heap").text, exit_code=1).task
    assert task[0] == "java.lang.OutOfMemoryError: Java heap space"
    assert task[1].startswith("\tat ")
