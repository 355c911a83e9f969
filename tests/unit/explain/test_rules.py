"""Which witness is believed, and what is never shown."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from launcher.runs.explain.blocks import blocks
from launcher.runs.explain.cause import UNKNOWN
from launcher.runs.explain.explanation import explain
from launcher.runs.explain.reading import CUT, bounded_text
from tests.unit.explain.logs import CAUSE_OF, recorded

MENDED = (
    "26/11/20 10:00:00 ERROR Executor: Exception in task 3.0 in stage 2.0 (TID 38)\n"
    "java.io.IOException: No space left on device\n\tat "
    "java.io.FileOutputStream.write(FileOutputStream.java:1)\n"
    "26/11/20 10:00:00 WARN TaskSetManager: Lost task 3.0 in stage 2.0 (TID 38) (10.0.0.7 executor 5): "
    "java.io.IOException: No space left on device\n"
)
PYTHON = 'Traceback (most recent call last):\n  File "/app/daily.py", line 3, in <module>\n    main()\n'


def test_an_error_that_another_attempt_mended_does_not_outweigh_the_end() -> None:
    explanation = explain(MENDED + PYTHON + "KeyError: 'price'\n", exit_code=1)
    assert (explanation.cause, explanation.message, explanation.hint) == (UNKNOWN, "KeyError: 'price'", None)


def test_an_unknown_cause_gets_no_invented_hint() -> None:
    explanation = explain(PYTHON + "mypackage.Odd: the moon was full\n", exit_code=1)
    assert (explanation.cause, explanation.message, explanation.hint) == (
        UNKNOWN,
        "mypackage.Odd: the moon was full",
        None,
    )


def test_a_driver_that_lost_its_jvm_is_explained_by_what_ended_the_jvm() -> None:
    jvm = "26/11/20 10:00:00 ERROR Utils: uncaught error in thread "
    jvm += "main\njava.lang.OutOfMemoryError: Java heap space\n"
    python = PYTHON + "ConnectionRefusedError: [Errno 111] Connection refused\n\n"
    python += "During handling of the above exception, another exception occurred:\n\n" + PYTHON
    python += "py4j.protocol.Py4JNetworkError: An error occurred while trying to connect to the Java server\n"
    assert explain(jvm + python, exit_code=1).cause == "driver-heap"


def test_the_users_own_refused_connection_is_a_cause() -> None:
    assert explain(
        PYTHON + "ConnectionRefusedError: [Errno 111] Connection refused\n", exit_code=1
    ).cause == ("connection-refused")


def test_a_warning_of_waiting_does_not_explain_a_script_that_ended_itself() -> None:
    waited = "26/11/20 10:00:00 WARN TaskSchedulerImpl: Initial job has not accepted any resources; check\n"
    assert explain(f"{waited}too few rows today\n", exit_code=3).message.endswith("too few rows today")
    assert explain(waited, exit_code=None).cause == "no-resources"


def test_the_event_log_tells_what_the_drivers_log_does_not() -> None:
    reason = "Lost task in stage 0.0 (TID 0) (node4 executor 1): java.lang.OutOfMemoryError: Java heap space"
    explanation = explain("", exit_code=1, failures=[reason])
    assert (explanation.cause, explanation.task) == (
        "executor-heap",
        ("java.lang.OutOfMemoryError: Java heap space",),
    )


def test_nothing_at_all_is_said_to_be_nothing() -> None:
    explanation = explain("", exit_code=None)
    assert explanation.cause == UNKNOWN
    assert "nothing in the log" in explanation.message


def test_structured_logging_is_read_as_well() -> None:
    line = '{"ts":"2026-11-20T10:00:00Z","level":"ERROR","logger":"Executor","msg":"Exception in task 0.0",'
    line += '"exception":{"class":"org.apache.spark.SparkArithmeticException","msg":"[DIVIDE_BY_ZERO] no"}}\n'
    assert explain(line, exit_code=1).cause == "division-by-zero"


def test_no_secret_is_shown() -> None:
    log = PYTHON.replace("main()", "connect('jdbc://anna:canary-1@db', password='canary-2')")
    log += "IOError: https://anna:canary-3@store/?sig=canary-4 with spark.hadoop.fs.s3a.secret.key=canary-5\n"
    shown = repr(explain(log, exit_code=1, diagnostics="spark.authenticate.secret=canary-6"))
    assert "canary" not in shown
    assert "jdbc://anna:***@db" in shown


@given(
    st.lists(
        st.sampled_from([MENDED, PYTHON, "KeyError: 1\n", "\n", '{"ts": x', "Caused by: \n"]) | st.text()
    )
)
def test_any_text_gets_an_explanation(parts: list[str]) -> None:
    explanation = explain("".join(parts), exit_code=1)
    assert explanation.message


@given(st.lists(st.sampled_from(sorted(CAUSE_OF)), min_size=1, max_size=3))
def test_no_line_of_a_log_is_lost_in_its_blocks(names: list[str]) -> None:
    text = "".join(recorded(name).text for name in names)
    assert sum(len(block.lines) for block in blocks(text)) == len(text.splitlines())


ENDED_BY_PYTHON = [
    "ansi-overflow",
    "worker-exception",
    "module-missing-on-workers",
    "executor-heap",
    "disk-full",
]


@given(st.sampled_from(ENDED_BY_PYTHON), st.integers(1, 200), st.integers(1, 3))
def test_lines_of_the_jvm_between_those_of_python_change_nothing(name: str, depth: int, count: int) -> None:
    lines = recorded(name).text.splitlines()
    begun = max(at for at, line in enumerate(lines) if line == "Traceback (most recent call last):")
    frames = [at for at, line in enumerate(lines) if at > begun and line.startswith(("  ", "\tat "))]
    place = frames[depth % len(frames)]
    noise = [
        "26/11/20 10:00:00 INFO BlockManagerInfo: Removed broadcast_3_piece0 on node4:40127 in memory"
    ] * count
    torn = "\n".join([*lines[:place], *noise, *lines[place:]]) + "\n"
    whole = explain(recorded(name).text, exit_code=1)
    seen = explain(torn, exit_code=1)
    assert (seen.cause, seen.message, seen.traceback) == (whole.cause, whole.message, whole.traceback)


def test_of_a_long_log_the_beginning_and_the_end_are_read(tmp_path: Path) -> None:
    path = tmp_path / "log.txt"
    path.write_text("first line\n" + "".join(f"line {number}\n" for number in range(100_000)) + "last line\n")
    text = bounded_text(path, head_bytes=1000, tail_bytes=2000)
    assert text.startswith("first line\n")
    assert text.endswith("line 99999\nlast line\n")
    assert len(text) <= 3000 + len(CUT)
    assert all(line.startswith(("line ", "first", "last", "[... cut")) for line in text.splitlines() if line)


def test_a_short_log_is_read_whole_and_a_missing_one_is_empty(tmp_path: Path) -> None:
    path = tmp_path / "log.txt"
    path.write_text("one\ntwo")
    assert bounded_text(path) == "one\ntwo"
    assert bounded_text(tmp_path / "none") == ""


def test_a_thread_of_the_jvm_that_died_for_want_of_memory_is_the_cause():
    log = (
        'Exception in thread "Thread-16" java.lang.OutOfMemoryError: Java heap space\n'
        "\tat java.base/java.lang.Thread.run(Thread.java:840)\n"
        "Traceback (most recent call last):\n"
        '  File "/app/greedy.py", line 4, in <module>\n'
        "py4j.protocol.Py4JError: An error occurred while calling None.None\n"
    )
    assert explain(log, exit_code=1).cause == "driver-heap"


def test_frames_of_pysparks_own_examples_are_those_of_a_script() -> None:
    log = (
        "Traceback (most recent call last):\n"
        '  File "/v/pyspark/examples/src/main/python/sort.py", line 38, in <module>\n    rows.collect()\n'
        '  File "/v/pyspark/core/rdd.py", line 1700, in collect\n    sock_info = self.ctx._jvm\n'
        "ValueError: invalid literal for int()\n"
    )
    explanation = explain(log, exit_code=1)
    assert any("examples/src/main/python/sort.py" in line for line in explanation.traceback)
    assert not any("rdd.py" in line for line in explanation.traceback)


DEAD_MASTER = (
    "26/11/20 10:00:00 ERROR StandaloneSchedulerBackend: Application has been killed. Reason: All masters "
    "are unresponsive! Giving up.\n"
)
KILLED = DEAD_MASTER.replace(
    "All masters are unresponsive! Giving up.", "Master removed our application: KILLED"
)
OWN_WORDS = (
    f"{PYTHON}KeyError: 'price'\n\nDuring handling of the above exception, another exception occurred:\n\n"
)
OWN_WORDS += f"{PYTHON}RuntimeError: today's load failed\n"
LATER = [
    "",
    OWN_WORDS,
    f"{PYTHON}ConnectionRefusedError: [Errno 111] Connection refused\n",
    f"{PYTHON}py4j.protocol.Py4JJavaError: An error occurred while calling o1.x.\n: java.lang.Error: x\n",
    MENDED,
    "26/11/20 10:00:09 ERROR Utils: Uncaught exception\njava.lang.ClassNotFoundException: a.B\n",
    "FATAL the daily job gives up\n",
]


@pytest.mark.parametrize("after", LATER)
@pytest.mark.parametrize(
    ("log", "exit_code", "diagnostics", "cause"),
    [
        (DEAD_MASTER, 1, "", "master-unreachable"),
        (KILLED, 1, "", "application-killed"),
        ("", 137, "", "driver-killed"),
        ("", 143, "", "driver-stopped"),
        ("", 1, "FAILED: AM Container for appattempt_1_1 exited with  exitCode: 137", "driver-killed"),
        ("", 1, "KILLED: Application application_1_1 was killed by user anna", "application-killed"),
    ],
)
def test_signals_and_the_manager_come_before_whatever_is_logged_after(
    log: str, exit_code: int, diagnostics: str, cause: str, after: str
) -> None:
    error = {"class": "SparkFailure", "message": "java.lang.IllegalStateException: stopped", "hint": None}
    for result in (None, error):
        assert explain(log + after, result, exit_code, diagnostics).cause == cause


@pytest.mark.parametrize(("log", "exit_code"), [(DEAD_MASTER, 1), ("", 143)])
def test_the_jobs_own_error_comes_before_them(log: str, exit_code: int) -> None:
    error = {"class": "DataError", "message": "in.csv has no column price", "hint": "Mend it."}
    assert explain(log, error, exit_code).cause == "input-refused"


def test_a_signal_to_a_messenger_says_nothing_of_a_driver_on_the_cluster() -> None:
    explanation = explain(
        f"{PYTHON}KeyError: 'price'\n", None, 143, "FAILED: User application exited with status 1"
    )
    assert explanation.message == "KeyError: 'price'"


def test_a_kill_with_a_sign_of_too_little_memory_is_one_for_want_of_memory() -> None:
    log = "26/11/20 10:00:00 ERROR Utils: uncaught error\njava.lang.OutOfMemoryError: Java heap space\n"
    assert explain(log, exit_code=137).cause == "driver-heap"


SUBMITTER = 'Exception in thread "main" org.apache.spark.SparkException: Application application_1_0001 '
SUBMITTER += "finished with failed status\n\tat org.apache.spark.deploy.yarn.Client.run(Client.scala:1393)\n"


@pytest.mark.parametrize(
    ("driver", "message"),
    [
        (f"{PYTHON}KeyError: 'price'\n", "KeyError: 'price'"),
        ("3 of 17 partitions are missing\n", "FINISHED/FAILED: User application exited with status 3"),
    ],
)
def test_of_a_driver_on_the_cluster_its_own_log_tells_then_the_manager(driver: str, message: str) -> None:
    said = "FINISHED/FAILED: User application exited with status 3"
    assert explain(SUBMITTER + driver, exit_code=1, diagnostics=said).message == message
