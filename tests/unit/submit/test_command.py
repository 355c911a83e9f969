"""The argument list of spark-submit."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from launcher.planning.submit.command import (
    FLAGS,
    MAIN_FILE,
    Submission,
    argv,
    main_arguments,
    main_file,
    script_path,
)
from launcher.spec.config.flags import OPTIONS, parse_spark_submit
from tests.unit.render.plans import JOB, SCRIPT

texts = st.text(min_size=0, max_size=12).filter(lambda text: "\0" not in text)
keys = st.sampled_from(sorted(FLAGS.keys() - {"spark.submit.proxyUser"})) | st.from_regex(
    r"spark\.[a-z.]{1,9}", fullmatch=True
)


@given(st.dictionaries(keys, texts, max_size=8), st.lists(texts, max_size=4))
def test_what_is_submitted_is_read_back_as_it_was(settings, arguments):
    line = argv(Submission("spark-submit", settings, "app.py", arguments))
    assert line[0] == "spark-submit"
    read = parse_spark_submit(line[1:])
    assert {pin.key: pin.value for pin in read.pins} == settings
    assert (read.application, list(read.arguments)) == ("app.py", arguments)


def test_the_application_comes_last_and_its_arguments_are_untouched():
    line = argv(Submission("s", {"spark.x": "1"}, "app.py", ("--master", "yarn", "", "--", "a b")))
    assert line[-6:] == ["app.py", "--master", "yarn", "", "--", "a b"]


def test_each_flag_sets_the_key_that_spark_submit_gives_it():
    known = {option.flag: option.key for option in OPTIONS}
    assert {flag: known[flag] for flag in FLAGS.values() if known[flag]} == {
        flag: key for key, flag in FLAGS.items() if key != "spark.submit.proxyUser"
    }


def test_an_empty_value_is_a_setting_for_a_flag_takes_none():
    assert argv(Submission("s", {"spark.yarn.queue": "", "spark.jars": "a.jar"}, None)) == [
        "s", "--jars", "a.jar", "--conf", "spark.yarn.queue=",
    ]  # fmt: skip


def test_settings_from_a_file_and_other_options_come_first():
    line = argv(Submission("s", {"spark.master": "yarn"}, None, (), Path("/p"), ("--verbose",)))
    assert line == ["s", "--properties-file", "/p", "--verbose", "--master", "yarn"]


def test_a_job_is_run_by_our_main_file_with_its_name_first():
    assert (main_file(JOB), main_arguments(JOB)) == (str(MAIN_FILE), ["wordcount", "--input", "in"])
    assert (main_file(SCRIPT), main_arguments(SCRIPT)) == ("/jobs/etl.py", list(SCRIPT.arguments))
    assert MAIN_FILE.is_file()


@pytest.mark.parametrize(("path", "known"), [("jobs/../daily.py", "daily.py"), ("hdfs://n/daily.py", None)])
def test_a_script_is_known_by_its_path_and_a_job_by_its_name(
    tmp_path: Path, path: str, known: str | None
) -> None:
    script = replace(SCRIPT, path=path)
    assert script_path(script, tmp_path) == (str(tmp_path / known) if known else path)
    assert script_path(JOB, tmp_path) is None
