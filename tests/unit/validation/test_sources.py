"""Which kind a file is, what its command line says, what is silenced in it."""

from __future__ import annotations

import contextlib
import json
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from launcher.validation.detect import read_source
from launcher.validation.judge import Judge, Report, project_files
from launcher.validation.silence import of_options, of_text
from launcher.validation.submit_script import read_words
from sparkjobs.errors import UsageError
from tests.unit.lint.case import TABLE
from tests.unit.validation import logs

SCRIPT = r"""#!/bin/sh
# spark-submit is called below
export NAME=daily
cd /srv && nohup "$SPARK_HOME"/bin/spark-submit --master yarn \
  --deploy-mode cluster --conf "spark.speculation=true" \
  --conf spark.app.name=$NAME --executor-memory 4g job.py --date 2026-01-31 > log.txt 2>&1
"""
DEFAULTS = "spark.master  yarn\n# sparkjob: silence files-left-out because the files are thrown away anyway\n"


def judge(folder: Path, target: str | None = None, silences: tuple[str, ...] = ()) -> Judge:
    environ = {"HOME": str(folder), "PATH": os.environ["PATH"]}
    return Judge(environ, folder, TABLE, target, of_options(silences))


def report(folder: Path, name: str, text: str, **more) -> Report:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return judge(folder, **more).file(name)


def ids(found: Report) -> list[str]:
    return [finding.id for finding in found.findings]


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        (DEFAULTS, "properties file"),
        ("", "properties file"),
        ("spark.app.name spark-submit of mine\n", "properties file"),
        (SCRIPT, "spark-submit command line"),
        (f"{logs.start()}\n{logs.environment()}\n", "event log"),
        ('{\n "v": 1, "settings": []}', "plan"),
    ],
)
def test_the_kind_is_told_by_the_content(text: str, kind: str, tmp_path: Path) -> None:
    path = tmp_path / "some.thing"
    path.write_text(text)
    assert read_source(path, "some.thing", tmp_path)[0].kind == kind


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Dear reader,\nall is well.\n", "nothing that can be validated"),
        ('{"a": 1}', "no plan"),
        ("{", "bad.conf"),
    ],
)
def test_what_is_of_no_kind_is_an_error(text: str, expected: str, tmp_path: Path) -> None:
    found = report(tmp_path, "bad.conf", text)
    assert ids(found) == ["unreadable"]
    assert expected in found.findings[0].message


def test_a_command_line_in_a_script(tmp_path: Path) -> None:
    (tmp_path / "run.sh").write_text(SCRIPT)
    source, _ = read_source(tmp_path / "run.sh", "run.sh", tmp_path)
    assert source.values["spark.master"] == "yarn"
    assert source.values["spark.executor.memory"] == "4g"
    assert source.values["spark.submit.deployMode"] == "cluster"
    assert source.places["spark.executor.memory"] == "--executor-memory"
    assert source.notes == ()


def test_a_variable_is_told_and_its_value_is_not_checked(tmp_path: Path) -> None:
    conf = "spark.dynamicAllocation.enabled true\nspark.dynamicAllocation.maxExecutors ${MOST}\n"
    timeout = "spark.dynamicAllocation.shuffleTracking.timeout 1h\n"
    assert ids(report(tmp_path, "my.conf", conf + timeout)) == ["variable-not-read"]


def test_a_key_that_stands_twice_is_told_with_both_places(tmp_path: Path) -> None:
    conf = "spark.executor.memory 2g\nspark.executor.memoryOverhead 1g\nspark.executor.memory 3g\n"
    found = report(tmp_path, "my.conf", conf + "spark.yarn.executor.memoryOverhead 2g\n")
    twice = [finding.message for finding in found.findings if finding.id == "key-set-twice"]
    assert twice == [
        "spark.executor.memory=3g decides: it is set by my.conf:1 and by my.conf:3",
        "spark.executor.memoryOverhead=1g decides: it is set by my.conf:4 "
        "(spark.yarn.executor.memoryOverhead) and by my.conf:2",
    ]


def test_only_the_first_of_several_commands_is_looked_at(tmp_path: Path) -> None:
    found = report(tmp_path, "run.sh", "spark-submit a.py\nspark-submit --conf spark.speculation=true b.py\n")
    assert ids(found) == []
    assert "2 times" in found.notes[0]


def test_an_open_quote_is_told(tmp_path: Path) -> None:
    found = report(tmp_path, "run.sh", "spark-submit --name 'x a.py\n")
    assert ids(found) == ["unreadable"]


@pytest.mark.parametrize(
    "words",
    [
        ["spark-submit", "--master", "yarn", "job.py", "--master", "local"],
        ["/opt/spark/bin/spark-submit", "--master=yarn", "job.py"],
        ["--master", "yarn", "job.py"],
        ["pyspark", "--master", "yarn"],
    ],
)
def test_a_command_line_as_words(words: list[str], tmp_path: Path) -> None:
    source = read_words(words, tmp_path)
    assert source.values["spark.master"] == "yarn"
    assert source.python


def test_the_properties_file_of_a_command_line_is_read(tmp_path: Path) -> None:
    (tmp_path / "my.conf").write_text("spark.speculation true\nspark.master local\n")
    words = ["--properties-file", "my.conf", "--master", "yarn", "--class", "org.example.Main", "app.jar"]
    source = read_words(words, tmp_path)
    assert dict(source.values) == {"spark.speculation": "true", "spark.master": "yarn"}
    assert source.places["spark.speculation"] == "my.conf:1"
    assert not source.python


def test_a_plan_is_judged_for_its_own_cluster(tmp_path: Path) -> None:
    settings = [
        {"key": "spark.executor.memory", "value": "90g", "origin": "flag"},
        {"key": "spark.hadoop.fs.s3a.secret.key", "value": "***", "origin": "flag"},
    ]
    plan = {"v": 1, "target": "standalone", "settings": settings}
    assert "executor-fits-no-node" in ids(report(tmp_path, "plan.json", json.dumps(plan)))
    elsewhere = report(tmp_path, "plan.json", json.dumps({**plan, "target": "gone"}))
    assert "executor-fits-no-node" not in ids(elsewhere)
    assert "conf/clusters/gone.yaml" in elsewhere.notes[0]


def test_a_profile_and_a_job_file_are_planned(tmp_path: Path) -> None:
    profile = "manager: standalone\naddress: spark://h:7077\nnodes: {count: 2, cores: 8, memory: 32g}\n"
    assert report(tmp_path, "conf/clusters/two.yaml", profile).kind == "cluster profile"
    assert ids(report(tmp_path, "conf/clusters/two.yaml", profile)) == []
    job = "job: wordcount\ntarget: two\nconf:\n  spark.speculation: 'true'\n"
    found = report(tmp_path, "conf/jobs/words.yaml", job + "params: {input: /data, output: /out}\n")
    assert (found.kind, ids(found)) == ("job file", ["speculation-repeats-effects"])
    assert [Path(name).name for name in project_files({"HOME": str(tmp_path)}, tmp_path)][:2] == [
        "two.yaml",
        "dgx-a100-1900gb.yaml",
    ]


def test_pins_that_contradict_are_findings_of_a_job_file(tmp_path: Path) -> None:
    job = "job: wordcount\ntarget: yarn-8\ndynamic_allocation: {min: 9, max: 4}\n"
    found = report(tmp_path, "conf/jobs/words.yaml", job)
    assert [finding.severity for finding in found.findings] == ["error"] * len(found.findings)
    assert found.findings


@pytest.mark.parametrize("text", ["job: [1", "jub: wordcount\n", "job: nothing-like-it\n", "- a\n"])
def test_faults_of_yaml_are_findings(text: str, tmp_path: Path) -> None:
    found = report(tmp_path, "conf/jobs/bad.yaml", text)
    assert found.kind == "job file"
    assert [finding.severity for finding in found.findings] == ["error"]


def test_silences_are_counted(tmp_path: Path) -> None:
    text = DEFAULTS + "spark.sql.files.ignoreCorruptFiles true\nspark.speculation true\n"
    found = report(tmp_path, "my.conf", text, silences=("speculation-repeats-effects=tasks only compute",))
    assert ids(found) == []
    assert sorted(finding.id for finding in found.silenced) == [
        "files-left-out",
        "speculation-repeats-effects",
    ]


@pytest.mark.parametrize("text", ["files-left-out", "files-left-out=", "file-left-out=why", "=why"])
def test_a_silence_needs_a_rule_and_a_reason(text: str) -> None:
    with pytest.raises(UsageError):
        of_options([text])


@pytest.mark.parametrize(
    "rest", ["", " files-left-out", " files-left-out because", " nonesuch because of it"]
)
def test_a_silence_in_a_file_names_its_line(rest: str) -> None:
    with pytest.raises(UsageError, match=r"my\.conf:2: "):
        of_text(f"spark.master yarn\n# sparkjob: silence{rest}\n", "my.conf")


@given(st.text(max_size=300))
def test_any_text_makes_a_report(tmp_path: Path, text: str) -> None:
    (tmp_path / "any.conf").write_bytes(text.encode("utf-8", "replace"))
    with contextlib.suppress(UsageError):  # a wrong silence
        assert judge(tmp_path).file("any.conf").file == "any.conf"
