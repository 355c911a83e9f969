"""What running adds to a plan."""

from __future__ import annotations

from launcher.runs.run_settings import added_environment, pasteable, run_settings


def test_a_command_to_be_pasted_has_no_event_log_in_a_folder_that_is_not_there(tmp_path):
    settings = run_settings({"spark.master": "local[2]"}, {}, tmp_path / "eventlog", "client")
    shown = pasteable(settings, tmp_path / "eventlog")
    assert "spark.redaction.regex" in shown
    assert not [key for key in shown if key.startswith("spark.eventLog")]


def test_an_event_log_that_somebody_asked_for_stays(tmp_path):
    requested = {"spark.eventLog.enabled": "true", "spark.eventLog.dir": "hdfs:///logs"}
    settings = run_settings(requested, {}, tmp_path / "eventlog", "client")
    assert requested.items() <= pasteable(settings, tmp_path / "eventlog").items()


def test_the_variables_of_a_dry_run_are_those_that_its_shell_lacks():
    child = {"HOME": "/h", "SPARK_HOME": "/spark", "PYSPARK_PYTHON": "/new", "AWS_SECRET_ACCESS_KEY": "abc"}
    parent = {"HOME": "/h", "PYSPARK_PYTHON": "/old"}
    expected = {"SPARK_HOME": "/spark", "PYSPARK_PYTHON": "/new", "AWS_SECRET_ACCESS_KEY": "***"}
    assert added_environment(child, parent) == expected


MEASURED = {
    "spark.eventLog.logStageExecutorMetrics": "true",
    "spark.executor.processTreeMetrics.enabled": "true",
    "spark.executor.metrics.pollingInterval": "1s",
}


def test_memory_is_measured_for_the_log_of_the_run_below_what_was_planned(tmp_path):
    assert MEASURED.items() <= run_settings({}, {}, tmp_path, "client").items()
    own = {"spark.executor.metrics.pollingInterval": "5s"}
    settings = run_settings(own, {}, tmp_path, "client")
    assert settings["spark.executor.metrics.pollingInterval"] == "5s"
    assert {*pasteable(settings, tmp_path)} == {"spark.redaction.regex", *own}


def test_nothing_is_measured_without_a_log(tmp_path):
    for planned, mode in (({"spark.eventLog.enabled": "false"}, "client"), ({}, "cluster")):
        assert not MEASURED.keys() & run_settings(planned, {}, tmp_path, mode).keys()
