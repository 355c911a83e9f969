"""Event logs: sums, executors over time, failures, figures, and reading on while they grow."""

from __future__ import annotations

import json
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from launcher.records.figures import Figures
from launcher.records.history.eventlog import MOST_FAILURES, EventLog
from launcher.records.history.file_lines import FileLines
from launcher.records.history.log_files import read


def event(kind: str, **fields: Any) -> str:
    """One line of an event log; ``Stage_ID=1`` is its field ``Stage ID``."""
    return json.dumps(
        {
            "Event": f"SparkListener{kind}",
            **{name.replace("_", " "): value for name, value in fields.items()},
        },
        separators=(",", ":"),
    )


def task(stage: int, reason: dict[str, Any] | None = None, **metrics: Any) -> str:
    """The end of a task."""
    return event(
        "TaskEnd",
        Stage_ID=stage,
        Stage_Attempt_ID=0,
        Task_End_Reason=reason or {"Reason": "Success"},
        Task_Info={"Task ID": 7, "Executor ID": "1", "Host": "node4"},
        Task_Metrics={name.replace("_", " "): value for name, value in metrics.items()},
    )


def stage(kind: str, number: int, tasks: int, **more: Any) -> str:
    """A stage that was submitted or completed."""
    info = {"Stage ID": number, "Stage Attempt ID": 0, "Number of Tasks": tasks, **more}
    return event(f"Stage{kind}", Stage_Info=info)


def log_of(*lines: str) -> EventLog:
    """A log of these lines."""
    log = EventLog()
    log.take(line.encode() for line in lines)
    return log


START = event("ApplicationStart", App_Name="daily", App_ID="app-1", Timestamp=1_000)


def test_an_application_begins_and_ends() -> None:
    log = log_of(START, event("ApplicationEnd", Timestamp=9_000))
    assert (log.application_id, log.name, log.start_ms, log.end_ms) == ("app-1", "daily", 1_000, 9_000)


def test_totals_are_sums_over_the_tasks_and_the_peak_is_that_of_one() -> None:
    one = {
        "Executor_Run_Time": 10,
        "Executor_CPU_Time": 5_600_000,
        "JVM_GC_Time": 1,
        "Peak_Execution_Memory": 100,
    }
    two = {"Executor_Run_Time": 20, "Executor_CPU_Time": 5_600_000, "Peak_Execution_Memory": 70}
    sizes = {
        "Input_Metrics": {"Bytes Read": 1000, "Records Read": 3},
        "Output_Metrics": {"Bytes Written": 200},
        "Shuffle_Read_Metrics": {"Remote Bytes Read": 30, "Local Bytes Read": 4},
        "Shuffle_Write_Metrics": {"Shuffle Bytes Written": 50},
        "Memory_Bytes_Spilled": 600,
        "Disk_Bytes_Spilled": 60,
    }
    totals = log_of(START, task(0, **one, **sizes), task(0, **two)).totals()
    assert (totals.tasks, totals.run_ms, totals.cpu_ms, totals.gc_ms) == (2, 30, 11, 1)
    assert (totals.input_bytes, totals.output_bytes) == (1000, 200)
    assert (totals.shuffle_read_bytes, totals.shuffle_write_bytes) == (34, 50)
    assert (totals.memory_spill_bytes, totals.disk_spill_bytes, totals.peak_memory_bytes) == (600, 60, 100)


def test_executors_come_and_go_over_time() -> None:
    log = log_of(
        START,
        event("ExecutorAdded", Timestamp=3_500, Executor_ID="1", Executor_Info={}),
        event("ExecutorAdded", Timestamp=4_000, Executor_ID="2", Executor_Info={}),
        event("ExecutorRemoved", Timestamp=8_000, Executor_ID="1", Removed_Reason="idle"),
        event("ExecutorRemoved", Timestamp=8_100, Executor_ID="1", Removed_Reason="twice"),
    )
    assert log.totals().executors == ((2.5, 1), (3.0, 2), (7.0, 1))
    assert log.figures(target=3) == Figures((), 0, 0, 1, 3)


def test_figures_count_the_running_stages_alone() -> None:
    log = log_of(
        stage("Submitted", 0, 2), task(0), task(0), stage("Completed", 0, 2), stage("Submitted", 1, 10),
        task(1), stage("Submitted", 2, 5), task(2, {"Reason": "TaskKilled", "Kill Reason": "speculation"}),
    )  # fmt: skip
    assert log.figures() == Figures((1, 2), 1, 15, 0)
    assert log.totals().failed_tasks == 0


def test_a_job_that_has_just_begun_shows_its_first_stages() -> None:
    infos = [
        {"Stage ID": 4, "Stage Attempt ID": 0, "Number of Tasks": 8, "Parent IDs": []},
        {"Stage ID": 5, "Stage Attempt ID": 0, "Number of Tasks": 200, "Parent IDs": [4]},
    ]
    begun = event("JobStart", Job_ID=2, Stage_Infos=infos)
    assert log_of(begun).figures() == Figures((4,), 0, 8, 0)
    assert log_of(begun, stage("Submitted", 5, 200)).figures() == Figures((5,), 0, 200, 0)
    assert log_of(begun, event("JobEnd", Job_ID=2, Job_Result={})).figures() == Figures((), 0, 0, 0)


def test_failures_are_told_in_the_words_of_the_drivers_log() -> None:
    exception = {
        "Reason": "ExceptionFailure",
        "Class Name": "java.io.IOException",
        "Description": "No space left on device",
        "Full Stack Trace": "java.io.IOException: No space left on device\n\tat java.io.File.x(F.java:1)\n",
    }
    lost = {
        "Reason": "ExecutorLostFailure",
        "Executor ID": "3",
        "Loss Reason": "Command exited with code 137",
    }
    fetch = {"Reason": "FetchFailed", "Message": "org.apache.spark.shuffle.FetchFailedException"}
    message = {"Result": "JobFailed", "Exception": {"Message": "Job aborted due to stage failure: x"}}
    log = log_of(
        task(0, exception),
        task(0, lost),
        task(0, fetch),
        stage("Completed", 0, 3, **{"Failure Reason": "Job 0 cancelled"}),
        event("JobEnd", Job_ID=0, Job_Result=message),
        event("JobEnd", Job_ID=1, Job_Result={"Result": "JobSucceeded"}),
    )
    where = "Lost task in stage 0.0 (TID 7) (node4 executor 1): "
    assert [failure.splitlines()[0] for failure in log.failures] == [
        f"{where}java.io.IOException: No space left on device",
        f"{where}ExecutorLostFailure (executor 3) Reason: Command exited with code 137",
        f"{where}FetchFailed: org.apache.spark.shuffle.FetchFailedException",
        "Job 0 cancelled",
        "Job aborted due to stage failure: x",
    ]
    assert log.totals().failed_tasks == 3


def test_only_the_last_failures_are_kept() -> None:
    lost = {"Reason": "ExecutorLostFailure", "Executor ID": "3", "Loss Reason": "gone"}
    log = log_of(*[task(0, lost)] * (MOST_FAILURES + 5))
    assert (len(log.failures), log.totals().failed_tasks) == (MOST_FAILURES, MOST_FAILURES + 5)


def test_a_task_that_died_with_its_executor_has_no_metrics() -> None:
    line = task(0).replace('"Task Metrics":{}', '"Task Metrics":null')
    assert log_of(line).totals().tasks == 1


def test_a_malformed_line_is_counted_and_left_out() -> None:
    log = log_of(START, task(0)[:-20], task(0))
    assert (log.totals().tasks, log.unreadable) == (1, 1)


@given(st.lists(st.integers(0, 400), max_size=20))
def test_a_log_fed_in_any_pieces_says_the_same(cuts: list[int]) -> None:
    lines = (START, stage("Submitted", 0, 3), task(0, Executor_Run_Time=4), task(0, Executor_Run_Time=5))
    data = "".join(f"{line}\n" for line in lines).encode()
    edges = sorted({0, len(data), *(min(cut, len(data)) for cut in cuts)})
    log, fed = EventLog(), FileLines("made")
    for begin, end in pairwise(edges):
        for whole in fed.feed(data[begin:end]):
            log.take(whole)
    assert log.totals() == log_of(*lines).totals()
    assert log.figures() == log_of(*lines).figures()


# Counted with other tools: lines of each kind, and the figures that Spark's own pages show.
REAL = [
    ("dynamic_allocation.zstd", "application_1707709865217_0493", 235, 29),
    ("local_dataset_and_dataframe.zstd", "local-1622043423018", 651, 1),
    ("malformed_json.zstd", "application_1603128018386_7759", 217, 10),
    ("nds_q72_cpu_yarn.zstd", "application_1751493828576_0001", 13_504, 8),
    ("same_job_attempt_1.zstd", "application_1724877841851_0016", 107, 10),
    ("yarn_dynamic_small.zstd", "application_1603128018386_7759", 217, 10),
]


@pytest.mark.parametrize(("name", "application", "tasks", "changes"), REAL)
def test_real_logs_of_many_versions(
    shared: Path, name: str, application: str, tasks: int, changes: int
) -> None:
    log = read(shared / "eventlogs" / name)
    totals = log.totals()
    assert (log.application_id, totals.tasks, len(totals.executors)) == (application, tasks, changes)
    assert log.end_ms is not None
    assert log.figures().stages == ()
    assert 0 < totals.cpu_ms < totals.run_ms * 2
    assert all(alive >= 0 and second >= 0 for second, alive in totals.executors)


def test_a_log_that_was_cut_tells_what_precedes_the_cut(shared: Path) -> None:
    log = read(shared / "eventlogs" / "truncated")
    assert log.end_ms is None
    assert log.figures() == Figures((1, 2), 9, 12, 1)
    assert log.totals().tasks == 21
