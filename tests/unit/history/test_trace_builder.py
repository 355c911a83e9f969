"""From lines to a trace: what each version of Spark writes, and what goes wrong in logs."""

from __future__ import annotations

import pytest

from launcher.records.history.fold.trace_builder import SETTINGS_LOST, TraceBuilder
from launcher.records.history.trace import Ended, Executor, Lost, Peaks, Profile
from sparkjobs.errors import DataError
from tests.unit.history.made import (
    END,
    SQL,
    START,
    VERSION,
    added,
    environment,
    event,
    job,
    job_end,
    line,
    only_stage,
    removed,
    stage,
    task,
    trace,
)


def test_an_application_with_settings() -> None:
    found = trace(VERSION, environment(task_cpus="2"), START, END)
    assert (found.spark, found.application_id, found.attempt_id, found.name) == (
        "3.5.3",
        "app-1",
        None,
        "daily",
    )
    assert (found.conf, found.start_ms, found.end_ms, found.last_ms) == (
        {"spark.task.cpus": "2"},
        500,
        9_000,
        9_000,
    )
    assert found.profiles == {0: Profile(0, 2.0, 0.0, None, 0)}
    assert found.lost == Lost()


def test_a_name_cannot_rule_the_terminal_that_shows_it() -> None:
    start = event("ApplicationStart", App_Name="daily\x1b[2J\nnight \u591c", App_ID="a\x07", Timestamp=5)
    found = trace(event("LogStart", Spark_Version="3.5\x1b[2J"), start)
    assert (found.name, found.application_id) == ("daily\ufffd[2J\ufffdnight \u591c", "a\ufffd")
    assert found.spark == "3.5\ufffd[2J"


def test_an_attempt_of_a_cluster_manager_is_kept() -> None:
    start = event("ApplicationStart", App_Name="x", App_ID="a", Timestamp=5, App_Attempt_ID="2")
    assert trace(start).attempt_id == "2"


def test_settings_as_pairs_and_no_profiles_as_before_spark_3() -> None:
    pairs = [["spark.executor.cores", "4"], ["spark.task.cpus", "1"], ["odd"]]
    found = trace(START, event("EnvironmentUpdate", Spark_Properties=pairs))
    assert found.conf == {"spark.executor.cores": "4", "spark.task.cpus": "1"}
    assert found.profiles[0] == Profile(0, 1.0, 0.0, 4, 0)


def test_settings_of_the_start_stay_when_an_added_jar_repeats_them() -> None:
    found = trace(START, environment(a="1"), environment(a="2"))
    assert found.conf == {"spark.a": "1"}


def test_lost_settings_are_unknown_and_not_empty() -> None:
    damaged = '{"Event": "SparkListenerEnvironmentUpdate",_"Spark Properties":{}}'
    found = trace(START, damaged, END)
    assert found.conf is None
    assert found.lost.lines == 1
    assert found.lost.why[0] == "1 damaged line (SparkListenerEnvironmentUpdate)"
    assert "CPUs of a task" in found.lost.why[1]
    with_profile = trace(START, damaged, event("ResourceProfileAdded", Resource_Profile_Id=0), END)
    assert SETTINGS_LOST in with_profile.lost.why


def test_resource_profiles_with_gpus() -> None:
    asked = event(
        "ResourceProfileAdded",
        Resource_Profile_Id=1,
        Executor_Resource_Requests={"gpu": {"Amount": 2}, "cores": {"Amount": 8}},
        Task_Resource_Requests={"cpus": {"Amount": 2.0}, "gpu": {"Amount": 0.25}},
    )
    gpu = {"gpu": {"name": "gpu", "addresses": ["0", "1"]}}
    found = trace(START, asked, added("1", 700, 8, Resources=gpu, **{"Resource Profile Id": 1}))
    assert found.profiles[1] == Profile(1, 2.0, 0.25, 8, 2)
    assert found.profiles[0].task_cpus == 1.0
    assert found.executors == (Executor("1", "node4", 8, 1, 2, 700, None, ""),)


def test_executors_come_and_go_with_reasons_and_spark_says_so_twice() -> None:
    found = trace(
        START, added("1", 700), removed("1", 800, "lost"), removed("1", 900, "again"), added("2", 750)
    )
    assert found.executors == (
        Executor("1", "node4", 2, 0, 0, 700, 800, "lost"),
        Executor("2", "node4", 2, 0, 0, 750, None, ""),
    )


def test_an_executor_that_is_told_of_after_its_first_task() -> None:
    found = trace(START, added("9", 600), task(executor="7"), task(executor="9"), added("7", 550, cores=4))
    assert [(one.id, one.cores) for one in found.executors] == [("7", 4), ("9", 2)]
    assert list(found.stages[0].tasks.executor) == [0, 1]
    assert found.lost.why == (found.lost.why[0], found.lost.why[-1])  # settings and end alone


def test_an_executor_that_nothing_tells_of_has_as_many_cores_as_tasks_at_once() -> None:
    tasks = [task(index=n, launch=1_000 + n, finish=2_000 + n) for n in range(3)]
    found = trace(START, environment(task_cpus="2"), *tasks, task(index=3, launch=2_002, finish=2_500))
    assert found.executors == (Executor("1", "node4", 6, 0, 0, 1_000, None, ""),)
    assert "nothing tells of 1 executor but tasks" in found.lost.why


def test_a_launch_just_before_the_end_is_stamped_is_no_further_core() -> None:
    launches = range(1_000, 9_000, 1_000)
    tasks = [task(index=n, launch=ms, finish=ms + 1_003) for n, ms in enumerate(launches)]
    late = task(index=8, launch=9_000, finish=12_000)
    after = [task(index=9, launch=10_000, finish=11_000), task(index=10, launch=12_000, finish=13_000)]
    (found,) = trace(START, *tasks, after[0], late, after[1]).executors
    assert (found.cores, found.added_ms) == (1, 1_000)


def test_the_columns_of_a_task() -> None:
    metrics = {
        "Executor Run Time": 90, "Executor CPU Time": 45_900_000, "JVM GC Time": 3,
        "Peak Execution Memory": 7, "Memory Bytes Spilled": 99, "Disk Bytes Spilled": 8,
        "Input Metrics": {"Bytes Read": 10, "Records Read": 11},
        "Output Metrics": {"Bytes Written": 12, "Records Written": 13},
        "Shuffle Read Metrics": {"Remote Bytes Read": 5, "Local Bytes Read": 6, "Total Records Read": 14},
        "Shuffle Write Metrics": {"Shuffle Bytes Written": 15},
    }  # fmt: skip
    tasks = only_stage(START, added("1", 600), task(metrics=metrics, Speculative=True)).tasks
    row = {name: column[0] for name, column in vars(tasks).items()}
    assert row == {
        "index": 0, "attempt": 0, "executor": 0, "launch_ms": 1_000, "finish_ms": 2_000, "ended": 0,
        "speculative": 1, "run_ms": 90, "cpu_ms": 45, "gc_ms": 3, "read_bytes": 10, "read_rows": 11,
        "written_bytes": 12, "written_rows": 13, "shuffle_read_bytes": 11, "shuffle_read_rows": 14,
        "shuffle_written_bytes": 15, "spilled_bytes": 8, "peak_bytes": 7,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("reason", "ended"),
    [
        ("Success", Ended.SUCCESS), ("ExceptionFailure", Ended.FAILED), ("FetchFailed", Ended.FAILED),
        ("TaskResultLost", Ended.FAILED), ("UnknownReason", Ended.FAILED), ("TaskKilled", Ended.KILLED),
        ("TaskCommitDenied", Ended.KILLED), ("ExecutorLostFailure", Ended.LOST),
    ],
)  # fmt: skip
def test_how_a_task_ended(reason: str, ended: Ended) -> None:
    assert list(only_stage(START, task(reason=reason)).tasks.ended) == [ended]


def test_a_task_that_is_told_a_second_time_because_its_output_is_lost_holds_no_slot() -> None:
    tasks = only_stage(
        START, task(), task(reason="Resubmitted"), task(attempt=1, launch=3_000, finish=4_000)
    ).tasks
    assert list(tasks.launch_ms) == [1_000, 3_000]


def test_a_task_that_died_without_a_time_ended_where_it_began() -> None:
    assert list(only_stage(START, task(finish=0, reason="ExecutorLostFailure")).tasks.finish_ms) == [1_000]


def test_partitions_of_a_stage_that_runs_again_keep_their_numbers() -> None:
    again = task(index=0, stage_attempt=1, **{"Partition ID": 5})
    found = trace(START, task(index=5), stage("Completed", 0, 6), again, stage("Completed", 0, 1, attempt=1))
    assert [(one.id, one.attempt, one.size, list(one.tasks.index)) for one in found.stages] == [
        (0, 0, 6, [5]),
        (0, 1, 1, [5]),
    ]


def test_a_number_beyond_64_bits_is_a_damaged_line_and_shifts_no_column() -> None:
    huge = {"Peak Execution Memory": 1 << 70}
    found = trace(START, task(), task(index=1, metrics=huge), task(index=2))
    assert {len(column) for column in vars(found.stages[0].tasks).values()} == {2}
    assert found.lost.lines == 1


def test_skipped_stages_stand_in_their_job_alone() -> None:
    found = trace(START, job(0, 600, [0, 1]), stage("Submitted", 1), stage("Completed", 1), job_end(0, 700))
    assert found.jobs[0].stages == (0, 1)
    assert [one.id for one in found.stages] == [1]


def test_a_stage_of_which_only_tasks_tell_is_what_its_job_announced() -> None:
    found = only_stage(START, job(0, 600, [4]), task(4, index=1))
    assert (found.name, found.size, found.submitted_ms, found.completed_ms) == ("s4", 3, None, None)
    assert only_stage(START, task(4, index=1)).size == 2


def test_times_and_failure_of_a_stage() -> None:
    times = {
        "Submission Time": 800,
        "Completion Time": 900,
        "Parent IDs": [1],
        "Stage Name": "count at x.py:1",
    }
    done = stage("Completed", 2, 5, **times, **{"Failure Reason": "no", "Resource Profile Id": 1})
    found = only_stage(START, stage("Submitted", 2, 5, **{"Submission Time": 700}), done)
    assert (found.submitted_ms, found.completed_ms, found.failure, found.parents) == (800, 900, "no", (1,))
    assert (found.name, found.size, found.profile) == ("count at x.py:1", 5, 1)
    runs = only_stage(START, stage("Submitted", 2, 5, **{"Submission Time": 700}))
    assert (runs.submitted_ms, runs.completed_ms) == (700, None)


def test_jobs_know_the_root_of_their_execution() -> None:
    began = [
        line(f"{SQL}Start", executionId=4, time=550, description="top"),
        line(f"{SQL}Start", executionId=5, time=560, description="below", rootExecutionId=4),
    ]
    found = trace(
        START, *began,
        job(0, 600, [0], sql_execution_id="5"), job(1, 610, [1], sql_execution_id="4"),
        job(2, 620, [2], sql_execution_id="9", sql_execution_root_id="8"), job(3, 630, [3]),
        job_end(0, 700), job_end(1, 710, "JobFailed"), line(f"{SQL}End", executionId=5, time=720),
    )  # fmt: skip
    assert [(one.execution, one.root, one.end_ms, one.succeeded) for one in found.jobs] == [
        (5, 4, 700, True), (4, 4, 710, False), (9, 8, None, False), (None, None, None, False),
    ]  # fmt: skip
    assert [(one.id, one.root, one.end_ms) for one in found.executions] == [(4, None, None), (5, 4, 720)]


def test_the_most_memory_of_an_executor_comes_from_stages_and_tasks() -> None:
    small = {"JVMHeapMemory": 5, "OnHeapUnifiedMemory": 2, "ProcessTreeJVMRSSMemory": 9}
    large = {"JVMHeapMemory": 4, "OnHeapUnifiedMemory": 3, "ProcessTreePythonRSSMemory": 7}
    whole_stage = event("StageExecutorMetrics", Executor_ID="1", Stage_ID=0, Executor_Metrics=small)
    found = trace(START, added("1", 600), whole_stage, task(memory=large), task(memory={"JVMHeapMemory": 0}))
    assert found.peaks == {"1": Peaks(heap=5, unified=3, storage=0, off_heap=0, jvm_rss=9, python_rss=7)}
    jvm = trace(START, task(memory={"JVMHeapMemory": 5}))
    assert jvm.peaks["1"].python_rss is None
    assert trace(START, task(memory={"JVMHeapMemory": 0, "ProcessTreeJVMRSSMemory": 0})).peaks == {}


def test_executors_hold_cached_blocks_from_the_first_task_of_a_stage_that_caches() -> None:
    cached = {"RDD Info": [{"RDD ID": 3, "Storage Level": {"Use Disk": False, "Use Memory": True}}]}
    plain = {"RDD Info": [{"RDD ID": 2, "Storage Level": {"Use Disk": False, "Use Memory": False}}]}
    found = trace(
        START, stage("Submitted", 0, **plain), task(0), stage("Submitted", 1, **cached),
        task(1, executor="2", finish=3_000), task(1, executor="2", finish=4_000),
    )  # fmt: skip
    assert found.cached_ms == {"2": 3_000}


def test_a_stage_caches_what_it_is_the_first_to_keep_until_that_is_dropped() -> None:
    def keeping(*numbers: int) -> dict[str, object]:
        level = {"Use Disk": False, "Use Memory": True}
        return {"RDD Info": [{"RDD ID": number, "Storage Level": level} for number in numbers]}

    found = trace(
        START, stage("Submitted", 0, **keeping(3)), task(0, finish=2_000),
        stage("Submitted", 1, **keeping(3)), task(1, finish=3_000), event("UnpersistRDD", RDD_ID=3),
        stage("Submitted", 2, **keeping(7)), task(2, finish=4_000),
    )  # fmt: skip
    assert {one.id: one.cached for one in found.stages} == {0: (3,), 1: (), 2: (7,)}
    assert found.unpersisted_ms == {3: 3_000}


def test_a_log_without_an_end_and_one_without_a_start() -> None:
    found = trace(START, environment(), job(0, 700, [0]))
    assert (found.end_ms, found.last_ms, found.lost.cut, found.lost.lines) == (None, 700, True, 0)
    headless = trace(job(0, 700, [0]), END)
    assert (headless.application_id, headless.start_ms) == ("", 700)
    assert any("start" in why for why in headless.lost.why)


def test_lines_of_others_are_no_damage_and_half_ones_are() -> None:
    vendor = '{"Event":"com.example.Metrics","x":1}'
    found = trace(
        START, environment(), vendor, "", vendor[:-3], "no json", '{"Event":"SparkListenerTaskEnd"}', END
    )
    assert found.lost.lines == 3
    assert not found.lost.cut


def test_nulls_are_as_good_as_nothing() -> None:
    failed = task(reason="ExceptionFailure", metrics={"Input Metrics": None, "Executor Run Time": 5})
    nulls = failed.replace(
        '"Reason":"ExceptionFailure"', '"Reason":"ExceptionFailure","Description":null,"Message":null'
    )
    execution = line(f"{SQL}Start", executionId=4, time=550, description=None)
    found = trace(START, environment(), nulls.replace('"Host":"node4"', '"Host":null'), execution, END)
    assert list(found.stages[0].tasks.ended) == [Ended.FAILED]
    assert list(found.stages[0].tasks.run_ms) == [5]
    assert (found.executions[0].description, found.lost.lines) == ("", 0)


def test_a_line_nested_without_end_is_a_damaged_line() -> None:
    deep = '{"Event":"SparkListenerEnvironmentUpdate","Spark Properties":' + "[" * 100_000
    assert trace(START, deep, END).lost.lines == 1


def test_a_task_without_a_launch_is_a_damaged_line() -> None:
    found = trace(START, environment(), task(launch=0), task(index=1), END)
    assert (list(found.stages[0].tasks.index), found.lost.lines) == ([1], 1)


def test_the_first_start_counts() -> None:
    again = event("ApplicationStart", App_Name="later", App_ID="app-2", Timestamp=700)
    assert trace(START, again, END).application_id == "app-1"


def test_nothing_of_an_application_is_an_error() -> None:
    with pytest.raises(DataError, match="made: no event of a Spark application"):
        trace('{"Event":"com.example.Metrics"}')


@pytest.mark.parametrize("ms", [-1, 10**15, 10**25])
def test_a_start_that_no_calendar_knows_is_a_lost_line(ms):
    found = TraceBuilder()
    start = b'{"Event":"SparkListenerApplicationStart","App Name":"a","Timestamp":%d}'
    found.take([start % ms, start % 500])
    assert (found.trace("a log").lost.lines, found.trace("a log").start_ms) == (1, 500)


def test_an_executor_of_a_thousand_million_cores_is_a_lost_line():
    line = (
        b'{"Event":"SparkListenerExecutorAdded","Timestamp":5,"Executor ID":"1",'
        b'"Executor Info":{"Host":"h","Total Cores":%d}}'
    )
    found = TraceBuilder()
    found.take([line % 10**9, line % 8])
    trace = found.trace("a log")
    assert (trace.lost.lines, [one.cores for one in trace.executors]) == (1, [8])


def thrown(name: str, index: int) -> str:
    """A task that threw."""
    told = f'"Reason":"ExceptionFailure","Class Name":"{name}","Description":"why"'
    return task(index=index, reason="ExceptionFailure").replace('"Reason":"ExceptionFailure"', told)


def test_a_task_that_ran_out_of_memory_is_remembered_before_any_other_that_threw() -> None:
    other, memory = thrown("java.io.IOException", 0), thrown("java.lang.OutOfMemoryError", 1)
    assert only_stage(START, other, thrown("java.lang.Error", 1)).failure == "java.io.IOException: why"
    for lines in ((other, memory), (memory, other)):
        assert only_stage(START, *lines).failure == "java.lang.OutOfMemoryError: why"
    failed = stage("Completed", tasks=2, **{"Failure Reason": "FetchFailed"})
    assert only_stage(START, memory, failed).failure == "java.lang.OutOfMemoryError: why"
    assert only_stage(START, other, failed).failure == "FetchFailed"


def test_why_an_executor_was_lost_is_told_by_its_tasks_where_nothing_tells_that_it_went() -> None:
    told = '"Reason":"ExecutorLostFailure","Loss Reason":"Command exited with code 52"'
    lost = task(reason="ExecutorLostFailure").replace('"Reason":"ExecutorLostFailure"', told)
    (found,) = trace(START, added("1", 600), lost).executors
    assert (found.removed_ms, found.reason) == (None, "Command exited with code 52")
    (gone,) = trace(START, added("1", 600), lost, removed("1", 900, "heartbeat")).executors
    assert (gone.removed_ms, gone.reason) == (900, "heartbeat")


def test_no_task_ends_before_it_began() -> None:
    assert list(only_stage(START, task(launch=2_000, finish=1_500)).tasks.finish_ms) == [2_000]


def test_an_exit_code_or_the_last_job_tells_of_a_bad_end() -> None:
    def ended(result: str, **end: int) -> bool:
        end_line = event("ApplicationEnd", Timestamp=900, **end)
        return trace(START, job(0, 600, []), job_end(0, 700, result), end_line).failed

    assert [ended("JobSucceeded"), ended("JobSucceeded", ExitCode=0), ended("JobSucceeded", ExitCode=1)] == [
        False, False, True,
    ]  # fmt: skip
    # A driver in Python that dies: its JVM ends in order.
    assert [ended("JobFailed"), ended("JobFailed", ExitCode=0)] == [True, True]
    assert not trace(START, END).failed
    assert not trace(START, job(0, 600, [])).failed  # nobody knows


def test_jobs_of_streams_tell_of_a_stream() -> None:
    def begun(**properties: str) -> str:
        return event("JobStart", Job_ID=0, Submission_Time=600, Stage_IDs=[], Properties=properties)

    assert trace(START, begun(**{"sql.streaming.queryId": "1-2"}), END).streams
    assert trace(START, begun(**{"spark.streaming.internal.batchTime": "7"}), END).streams
    assert not trace(START, job(0, 600, []), END).streams
