"""Job files: what must hold in one, what only the operator may set, and the arguments they make."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from launcher.spec.config.fields import fill_in, unknown_fields
from launcher.spec.config.job_arguments import params_argv
from launcher.spec.config.read_job_file import job_file_of, read_job_file
from launcher.spec.job_file import DynamicAllocation, JobFile
from launcher.spec.units import Mib, Seconds
from sparkjobs.errors import UsageError
from sparkjobs.identity import parse_interval
from tests.unit.config.reading import document, refused


def job_file(text: str) -> JobFile:
    return job_file_of(document(text), "c")


def test_a_whole_file_is_read():
    read = job_file(
        "script: a.py\nparams: {rows: 1.10, dry: true, day: [2026-01-31, 'b']}\narguments: ['10']\n"
        "target: yarn-8\nexecutor_memory: 4g\nexecutor_cores: 4\npy_files: [a.zip, b.py]\nfiles: c,d\n"
        "dynamic_allocation: {min: 1, max: 4}\ngpu: on\nrapids: false\nconf: {spark.x: 'y'}\n"
        "tables: [s3a://b/t]\nretries: 2\ntimeout: 2h\n"
    )
    assert read.params == {"rows": "1.10", "dry": True, "day": ("2026-01-31", "b")}
    assert (read.executor_memory, read.timeout_s, read.gpu) == (Mib(4096), Seconds(7200), "on")
    assert read.dynamic_allocation == DynamicAllocation(min=1, max=4)
    assert (read.py_files, read.files) == (("a.zip", "b.py"), "c,d")
    assert read.place("conf.spark.x") == "c.yaml:12"


@pytest.mark.parametrize(
    ("line", "text"),
    [
        ("jbo: x", "unknown key jbo; did you mean job"),
        ("executor_memry: 4g", "unknown key executor_memry; did you mean executor_memory"),
        ("executor_memory: 4", "executor_memory takes a size such as 64g or 512m, not 4; write"),
        ("executor_cores: 0", "executor_cores is 0; it is 1 or more"),
        ("driver_memory: 0m", "driver_memory is 0; write a size such as 4g"),
        ("gpu: always", "gpu takes one of auto, on, off, not 'always'"),
        ("retries: -1", "retries is -1; it is 0 or more"),
        ("on_failure: {}", "on_failure takes either command"),
        ("on_failure: {command: [a], webhook: 'http://h'}", "on_failure takes either command"),
        ("on_failure: {command: alert.sh}", "on_failure.command takes a list, not 'alert.sh'"),
        ("on_failure: {command: ['']}", "command begins with the name of a program"),
        ("on_failure: {command: [../alert.sh]}", "'../alert.sh' goes up by '..'"),
        ("on_failure: {webhook: 'file:///etc'}", "'file:///etc' is no address; write https://HOST/PATH"),
        ("on_failure: {webhook: 'http://h:x/'}", "'http://h:x/' is no address"),
        ("on_failure: {mail: x}", "unknown key on_failure.mail"),
        ("timeout: 0s", "timeout is no time at all; write one such as 2h"),
        ("dynamic_allocation: {min: 5, max: 4}", "min 5 is above max 4"),
        ("dynamic_allocation: {initial: 5, max: 4}", "initial 5 is above max 4"),
        ("dynamic_allocation: {max: 0}", "max is 0; it is 1 or more"),
        ("conf: {spark.x: 4}", 'conf.spark.x takes text, not 4; write "4"'),
        ("conf: {'spark.jars ': 'x'}", "'spark.jars ' is no Spark key; Spark reads keys"),
        ("conf: {spark.master: 'x'}", "a job file does not say spark.master; write target: NAME"),
        ("tables: [a]", "tables are for scripts; a job knows the tables it writes"),
        ("arguments: [a]", "arguments are for scripts; a job takes params"),
        ("files: [a, s3a://b/../c]", "'s3a://b/../c' goes up by '..'; job files name paths without it"),
        ("py_files: a.py,../b.py", "'a.py,../b.py' goes up by '..'; job files name paths without it"),
        ("conf: {spark.eventLog.dir: '..'}", "'..' goes up by '..'; job files name paths without it"),
        ("params: {inptu: a}", "the job wordcount has no parameter inptu; did you mean input"),
        ("params: {input: }", 'params.input has no value; write "" for an empty text'),
        ("params: {input: {a: b}}", "params.input takes a value or a list of values, no more"),
        ("params: {input: [[a]]}", "params.input takes a value or a list of values, no more"),
        ("params: {input: '@../list'}", "'@../list' goes up by '..'; job files name paths without it"),
        ("params: {input: 'file:///a/%2e%2e/b'}", "'file:///a/%2e%2e/b' goes up by '..'; job files name"),
        ("params: {input: '{day}'}", "'{day}' has an unknown field; there are {interval_start}"),
        ("params: {input: '{interval_end.x}'}", "'{interval_end.x}' has an unknown field"),
        ("params: {input: '{interval_start!r}'}", "'{interval_start!r}' has an unknown field"),
        ("params: {input: 'a}'}", "'a}' has a brace without its partner"),
    ],
)  # fmt: skip
def test_a_fault_is_told_with_its_line(line, text):
    message = refused(job_file, f"job: wordcount\n{line}\n")
    assert message.startswith(f"c.yaml:2: {text}")
    assert "\n" not in message


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("description: x\n", "c.yaml:1: write either job"),
        ("job: wordcount\nscript: a.py\n", "c.yaml:1: write either job"),
        ("script: a.jar\n", "c.yaml:1: 'a.jar' is no .py file"),
        ("script: ../a.py\n", "c.yaml:1: '../a.py' goes up by '..'"),
        ("job: wordcout\n", "c.yaml:1: no job is called 'wordcout'. Did you mean wordcount?"),
        ("script: a.py\nparams: {'a b': c}\n", "c.yaml:2: 'a b' makes no flag"),
        (
            "script: a.py\nnum_executors: 2\nconf: {spark.executor.instances: '3'}\n",
            "c.yaml:3: spark.executor.instances is num_executors as well, at c.yaml:2",
        ),
    ],
)
def test_a_file_that_contradicts_itself_is_refused(text, message):
    assert refused(job_file, text).startswith(message)


def test_every_fault_is_told_at_once_on_its_line():
    text = (
        "job: wordcount\n"
        "gpu: always\n"  # a type
        "executor_cores: 0\n"  # a rule
        "unknown: 1\n"
        "params:\n"
        "  input: {a: b}\n"
        "  top: many\n"  # a parameter's own type
        "  max_bad_rows: lots\n"
        "  glob: yes please\n"
        "  format: xml\n"
        "  inptu: x\n"
        "  output: [a, b]\n"
        "  interval: true\n"
        "conf: {spark.master: 'x'}\n"
        "timeout: 0s\n"
    )
    lines = refused(job_file, text).splitlines()
    assert [line.split(":")[1] for line in lines] == [
        "2",
        "3",
        "4",
        "6",
        "7",
        "8",
        "9",
        "10",
        "11",
        "12",
        "13",
        "14",
        "15",
    ]
    assert "--top takes int, not 'many'" in lines[4]
    assert "--format does not know 'xml'. It takes one of: text" in lines[7]
    assert "--output was given twice" in lines[9]
    assert "--interval needs a value, not true" in lines[10]


def test_a_wrong_value_hides_no_fault_of_its_neighbours():
    conf = "{spark.executor.cores: 4,\n x.y: z,\n spark.jars: a.jar,\n spark.master: yarn}"
    text = f"script: a.py\nconf: {conf}\n"
    assert refused(job_file, text).splitlines() == [
        'c.yaml:2: conf.spark.executor.cores takes text, not 4; write "4"',
        "c.yaml:3: 'x.y' is no Spark key; Spark reads keys that begin with 'spark.'",
        "c.yaml:4: spark.jars changes jars; a job file may not set it, unless the profile trusts it",
        "c.yaml:5: a job file does not say spark.master; write target: NAME of a profile",
    ]


def test_what_only_the_profile_can_tell_is_no_fault_of_the_file_alone():
    assert job_file("script: a.py\nconf: {spark.jars: a.jar}\n").conf == {"spark.jars": "a.jar"}


def test_what_a_broken_key_may_have_said_is_no_fault_of_its_own():
    assert refused(job_file, "job: [wordcount]\n").splitlines() == ["c.yaml:1: job takes text, not a list"]


@pytest.mark.parametrize("value", ["'{interval_start}'", "'{{x}}'"])
def test_values_that_are_filled_in_are_held_to_nothing_before(value):
    assert job_file(f"job: wordcount\nparams: {{input: {value}}}\n").job == "wordcount"


def test_the_arguments_of_a_job():
    read = job_file(
        "job: wordcount\nparams:\n  input: [a, -b]\n  output: o\n  keys: [x, y]\n  glob: true\n"
        "  force: false\n  top: 10\n  null: ''\n"
    )
    assert params_argv(read) == (
        "--input", "a", "--input=-b", "--output", "o", "--keys", "x,y", "--glob", "--force=false",
        "--top", "10", "--null", "",
    )  # fmt: skip


def test_a_job_is_given_the_interval_of_the_run_in_place_of_the_files():
    read = job_file(
        "job: wordcount\nparams: {input: 'd={interval_start}', output: o, interval: 2026-01-01}\n"
    )
    assert params_argv(read, parse_interval("2026-01-31")) == (
        "--input", "d=2026-01-31", "--output", "o", "--interval", "2026-01-31"
    )  # fmt: skip
    assert refused(params_argv, read) == "c.yaml:2: 'd={interval_start}' needs an interval"


def test_the_arguments_of_a_script():
    read = job_file(
        "script: a.py\nparams: {max_rows: 5, dry: true, wet: false, in: [a, b]}\narguments: ['{{x}}']\n"
    )
    assert params_argv(read) == ("--max_rows", "5", "--dry", "--in", "a", "--in", "b", "{x}")


@pytest.mark.parametrize(
    ("interval", "filled"),
    [
        ("2026-01-31", "2026-01-31 2026-02-01"),
        ("2026-01-31T05", "2026-01-31T05:00:00Z 2026-01-31T06:00:00Z"),
        ("2026-01-01/2026-01-08", "2026-01-01 2026-01-08"),
    ],
)
def test_the_ends_of_an_interval_are_written_alike(interval, filled):
    assert fill_in("{interval_start} {interval_end}", parse_interval(interval), "c") == filled


@given(st.text(alphabet="{}ab!:.[]interval_start"))
def test_a_text_is_refused_or_filled_in(text):
    if unknown_fields(text) is None:
        assert isinstance(fill_in(text, parse_interval("2026-01-31"), "c"), str)


@given(st.text())
def test_a_text_with_doubled_braces_is_given_as_it_was(text):
    assert fill_in(text.replace("{", "{{").replace("}", "}}"), None, "c") == text


def test_the_shipped_example_makes_arguments_that_the_job_takes(tmp_path: Path):
    from sparkjobs.batch.wordcount import JOB
    from sparkjobs.params import parse

    read = read_job_file("wordcount-example", {"HOME": str(tmp_path)}, tmp_path)
    assert parse(JOB.params, params_argv(read, parse_interval("2026-01-31"))).top == 100
    with pytest.raises(UsageError, match="did you mean wordcount-example"):
        read_job_file("wordcount-exmple", {"HOME": str(tmp_path)}, tmp_path)
