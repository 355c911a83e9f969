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
