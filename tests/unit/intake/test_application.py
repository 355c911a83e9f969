"""Arguments reach the application untouched; input and tables are known before anything starts."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from launcher.intake.gather_request import jar_sets
from sparkjobs.errors import UsageError
from tests.unit.intake.asking import Project, setting

ODD = [
    "--executor-memory",
    "1g",
    "--",
    "-q",
    "",
    "a b",
    "--target=x",
    "{interval_start}",
    "'",
    '"',
    "$HOME",
    "\n",
]


def test_what_stands_behind_the_dashes_reaches_a_script_untouched(project):
    project.write("etl.py", "print()")
    made = project.plan("etl.py", *ODD)
    assert list(made.application.arguments) == ODD
    assert setting(made, "spark.executor.memory").origin.value == "computed"


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=30, deadline=None)
@given(st.lists(st.text(max_size=10), max_size=5))
def test_any_arguments_do(project: Project, arguments):
    project.write("etl.py", "print()")
    assert list(project.intake("etl.py", *arguments).request.application.arguments) == arguments


def test_a_job_files_parameters_come_first(project):
    project.write("etl.py", "print()")
    project.write("conf/jobs/n.yaml", "script: etl.py\nparams: {rows: 5}\narguments: [last]\n")
    assert project.intake("n", "--more", "1").request.application.arguments == (
        "--rows", "5", "last", "--more", "1",
    )  # fmt: skip


def test_the_interval_fills_the_fields_of_a_job_file_and_reaches_the_job(project):
    project.write("conf/jobs/d.yaml", "job: wordcount\nparams: {input: 't/{interval_start}', output: o}\n")
    application = project.intake("d", interval="2026-01-31").request.application
    assert application.arguments[:2] == ("--input", "t/2026-01-31")
    assert application.arguments[-2:] == ("--interval", "2026-01-31")
    with pytest.raises(UsageError, match="interval"):
        project.intake("d")
    job = project.intake("wordcount", "--input", "t", "--output", "o", interval="2026-01-31")
    assert job.request.application.arguments[:2] == ("--interval", "2026-01-31")


def test_a_job_has_its_input_listed(project):
    (project.folder / "t").mkdir()
    project.write("t/a.txt", "x" * 1000)
    project.write("t/b.txt", "x" * 24)
    size = project.intake("wordcount", "--input", "t", "--output", "o").request.application.input
    assert (size.size_bytes, size.files, size.how) == (1024, 2, "2 files listed")


def test_a_job_without_arguments_is_planned_for_an_input_that_nobody_knows(project):
    size = project.intake("wordcount").request.application.input
    assert size.size_bytes is None
    assert "behind --" in size.how


def test_input_bytes_go_before_what_is_listed(project):
    project.write("t.txt", "x")
    asked = ("wordcount", "--input", "t.txt", "--output", "o")
    size = project.intake(*asked, input_bytes=7 << 30).request.application.input
    assert (size.size_bytes, size.how) == (7 << 30, "--input-bytes")


def test_wrong_arguments_of_a_job_are_refused_before_anything_is_planned(project):
    with pytest.raises(UsageError, match="--inptu"):
        project.intake("wordcount", "--inptu", "t")


@pytest.mark.parametrize("what", ["etl.py", "wordcount"])
def test_a_wrong_interval_is_refused_for_a_script_too(project, what):
    project.write("etl.py", "print()")
    with pytest.raises(UsageError, match="tomorrow"):
        project.intake(what, interval="tomorrow")


@pytest.mark.parametrize(
    ("text", "delta", "stream"),
    [
        ("df.write.format('delta').save(x)", True, False),
        ("spark.readStream.table('t')", False, True),
        ("ssc = StreamingContext(sc, 1)", False, True),
        ("deltas = 3", False, False),
        ("print('é')", False, False),
        ("", False, False),
    ],
)
def test_a_script_tells_by_its_words_whether_it_needs_delta_and_streams(project, text, delta, stream):
    project.write("etl.py", text)
    made = project.plan("etl.py")
    assert (made.application.writes_delta, made.application.streaming) == (delta, stream)
    assert (made.value("spark.sql.extensions") is not None) == delta
    assert (made.value("spark.jars") is not None) == delta


def test_a_script_that_is_no_utf8_is_planned_all_the_same(project):
    (project.folder / "etl.py").write_bytes(b"# -*- coding: latin-1 -*-\nname = '\xe9'\n")
    assert project.plan("etl.py").application.name == "etl"


def test_jars_of_s3_come_where_an_argument_is_on_s3(project):
    local = project.intake("wordcount", "--input", "t", "--output", "o").request.jars
    remote = project.intake("wordcount", "--input", "s3a://b/t", "--output", "o", input_bytes=1).request.jars
    assert [jar.rsplit("/", 1)[1] for jar in local] == [
        "delta-spark_2.13-4.0.1.jar",
        "delta-storage-4.0.1.jar",
    ]
    assert set(local) < set(remote)
    assert any("hadoop-aws" in jar for jar in remote)


def test_jars_of_kafka_come_with_a_topic_and_nobody_asks_how_large_it_is(project):
    request = project.intake("wordcount_stream", "--input", "kafka://b:9092/t", "--output", "o").request
    names = [jar.rsplit("/", 1)[1] for jar in request.jars]
    assert "kafka-clients-3.9.1.jar" in names
    assert "delta-spark_2.13-4.0.1.jar" in names
    assert request.application.input.size_bytes is None
    assert "has no size" in request.application.input.how


def test_a_stream_of_ours_tells_its_objective_and_whether_it_looks_again(project):
    flags = ("wordcount_stream", "--input", "t", "--output", "o")
    once = project.intake(*flags).request.application
    assert (once.looks_again, once.max_latency) == (False, None)
    again = project.intake(*flags, "--trigger", "10 seconds", "--max-latency", "20 seconds")
    assert (again.request.application.looks_again, again.request.application.max_latency) == (
        True, "20 seconds",
    )  # fmt: skip


def test_a_script_of_its_own_is_not_ours_to_scale(project):
    project.write("flow.py", "spark.readStream.load('x')")
    for flag in (["--max-latency", "20 seconds"], ["--max-latency=20 seconds"]):
        with pytest.raises(UsageError, match="--max-latency moves the executors of the streams here; flow"):
            project.intake("flow.py", *flag)
    project.write("own.py", "parser.add_argument('--max-latency')")
    assert project.intake("own.py", "--max-latency", "9").request.application.max_latency is None


@pytest.mark.parametrize(
    ("address", "sets"),
    [
        ("kafka://broker:9092/lines", ["delta", "kafka"]),
        ("s3a://lake/in", ["delta", "s3"]),
        ("delta://s3a://lake/t", ["delta", "s3"]),
        ("data/in", ["delta"]),
    ],
)
@pytest.mark.parametrize("form", [["--input", "{}"], ["--input", "@named.txt"], ["--input=@named.txt"]])
def test_the_jars_of_a_job_are_those_of_its_inputs_also_of_listed_ones(project, address, sets, form):
    project.write("named.txt", f"{address}\n")
    given = [part.format(address) for part in form]
    made = project.intake("wordcount_stream", *given, "--output", "out")
    assert list(jar_sets(made.request.application)) == sets


def test_a_list_that_is_not_there_yet_is_told_by_the_job(project):
    made = project.intake("wordcount", "--input", "@nothing.txt", "--output", "out").request.application
    assert list(jar_sets(made)) == ["delta"]
    assert "nothing.txt" in made.input.how


def test_what_a_script_is_given_is_no_list(project):
    project.write("etl.py", "import delta")
    project.write("named.txt", "s3a://lake/in\n")
    made = project.intake("etl.py", "--input", "@named.txt").request.application
    assert list(jar_sets(made)) == ["delta"]
