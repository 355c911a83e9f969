"""spark-submit's flags: the table against Spark itself, and command lines read by its rules."""

from __future__ import annotations

import importlib.util
import re
import zipfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from launcher.spec.config.flags import OPTIONS, PIN_OPTIONS, SubmitLine, flag_pins, parse_spark_submit
from launcher.spec.layer import Origin, Pin, resolve
from sparkjobs.errors import UsageError
from tests.unit.config.reading import refused

VALUED = [option for option in OPTIONS if not option.switch and option.flag != "--conf"]


def spark_jar(name: str) -> Path:
    spec = importlib.util.find_spec("pyspark")
    assert spec is not None
    assert spec.origin is not None
    return next((Path(spec.origin).parent / "jars").glob(name))


def test_the_table_has_exactly_the_flags_of_the_installed_spark():
    with zipfile.ZipFile(spark_jar("spark-launcher_*.jar")) as jar:
        code = jar.read("org/apache/spark/launcher/SparkSubmitOptionParser.class")
    flags = {found.decode() for found in re.findall(rb"(?<=[\x00-\x1f])(--[a-z][a-z-]+)", code)}
    assert {option.flag for option in OPTIONS} == flags


def test_every_key_is_one_that_spark_submit_knows():
    with zipfile.ZipFile(spark_jar("spark-core_*.jar")) as jar:
        names = [
            name for name in jar.namelist() if re.search(r"config/(package\$|Python|UI|Kryo).*\.class", name)
        ]
        names += [name for name in jar.namelist() if re.search(r"deploy/SparkSubmit.*\.class", name)]
        code = b"".join(jar.read(name) for name in names)
    with zipfile.ZipFile(spark_jar("spark-launcher_*.jar")) as jar:
        code += jar.read("org/apache/spark/launcher/SparkLauncher.class")
    keys = [option.key for option in OPTIONS if option.key]
    assert [key for key in keys if key.encode() not in code and key != "spark.yarn.queue"] == []


def test_a_whole_line_is_read():
    line = parse_spark_submit(
        ["--master", "yarn", "--executor-memory=4g", "-c", "spark.x=a=b",
         "--conf", "spark.executor.memory=8g", "--supervise",
         "--class", "C", "--properties-file", "p.conf", "-v", "app.py", "--top", "10"]
    )  # fmt: skip
    assert (line.application, line.arguments) == ("app.py", ("--top", "10"))
    assert line.options == {"--class": "C", "--properties-file": "p.conf", "--verbose": "true"}
    assert {key: pin.value for key, pin in resolve(line.pins).items()} == {
        "spark.master": "yarn",
        "spark.executor.memory": "4g",  # the flag of its own beats --conf, as in Spark
        "spark.x": "a=b",
        "spark.driver.supervise": "true",
    }
    assert resolve(line.pins)["spark.executor.memory"].overridden[0].value == "8g"


def test_what_spark_ignores_is_told():
    line = parse_spark_submit(["--conf", "hadoop.x=1", "--conf", "spark.x=1", "a.py"])
    assert line.ignored == ("hadoop.x=1",)
    assert line.pins == (Pin("spark.x", "1", Origin.FLAG, "--conf"),)


@pytest.mark.parametrize("argv", [["--version"], ["--kill", "driver-1", "--master", "spark://h:1"], ["-h"]])
def test_a_line_that_submits_nothing_is_read_as_such(argv):
    assert not parse_spark_submit(argv).submits


@pytest.mark.parametrize(
    ("argv", "message"),
    [
        (
            ["--executor-memry", "4g", "a.py"],
            "spark-submit has no flag --executor-memry; did you mean --executor-",
        ),
        (["--name=", "a.py"], "spark-submit has no flag --name="),
        (["--name"], "--name needs a value"),
        (["--verbose=false", "a.py"], "--verbose takes no value, and 'false' was given"),
        (["--conf", "spark.x", "a.py"], "--conf 'spark.x' has no '='"),
        (["--name", "x"], "the command line names no application"),
        ([], "the command line names no application"),
    ],
)
def test_a_line_that_spark_submit_would_not_take_is_refused(argv, message):
    assert refused(parse_spark_submit, argv).startswith(message)


WORD = st.text(min_size=1, max_size=8)


@given(st.lists(st.tuples(st.sampled_from(VALUED), WORD, st.booleans())), st.lists(WORD))
def test_arguments_reach_the_application_untouched(flags, arguments):
    argv = [w for o, v, joined in flags for w in ([f"{o.flag}={v}"] if joined else [o.flag, v])]
    line = parse_spark_submit([*argv, "app.py", *arguments])
    assert (line.application, line.arguments) == ("app.py", tuple(arguments))
    assert [pin.value for pin in line.pins] == [value for option, value, _ in flags if option.key]


@given(st.lists(st.text(max_size=10)))
def test_any_words_are_read_or_refused(argv):
    try:
        line = parse_spark_submit(argv)
    except UsageError:
        return
    assert isinstance(line, SubmitLine)


def test_the_flags_of_our_commands_become_pins_of_which_the_own_flag_decides():
    given_flags = {"executor_memory": "4g", "num_executors": None, "supervise": False, "queue": "q"}
    found = resolve(flag_pins(given_flags, ["spark.executor.memory=1g", "spark.y=2"]))
    assert {key: pin.value for key, pin in found.items()} == {
        "spark.executor.memory": "4g", "spark.yarn.queue": "q", "spark.y": "2"
    }  # fmt: skip
    assert refused(flag_pins, {}, ["hadoop.x=1"]) == "--conf 'hadoop.x' is no Spark key"


def test_every_pin_option_has_help_and_a_key():
    assert all(option.help and option.key for option in PIN_OPTIONS)
    assert len({option.key for option in PIN_OPTIONS}) == len(PIN_OPTIONS)
