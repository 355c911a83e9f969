"""Variables for the driver: which may be given, and how they get beyond this machine."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from launcher.spec.cluster import Cluster, Kubernetes, Yarn
from launcher.spec.config.read_profile import read_cluster
from launcher.spec.driver_variables import (
    executor_settings,
    name_and_value,
    redaction,
    variables,
    why_refused,
)
from sparkjobs.errors import UsageError

ROOT = Path(__file__).parents[3]
YARN = Cluster(name="y", manager="yarn", yarn=Yarn(hadoop_conf_dir="/etc"), executor_env=True)
KUBERNETES = Cluster(
    name="k", manager="kubernetes", address="k8s://h", kubernetes=Kubernetes(image="i"), executor_env=True
)
STANDALONE = Cluster(name="s", manager="standalone", address="spark://h:7077", executor_env=True)


def of(*texts: str, environ=None) -> dict[str, str]:
    return variables(map(name_and_value, texts), environ or {})


def test_a_name_alone_takes_the_launchers_value():
    assert of("A=1", "B", "C=", "D=x=y", environ={"B": "own"}) == {"A": "1", "B": "own", "C": "", "D": "x=y"}


@pytest.mark.parametrize(
    ("texts", "message"),
    [
        (["B"], "--env B: this variable is not set here"),
        (["A=canary", "A=canary"], "--env A stands there twice"),
        (["=canary"], "--env takes the name of a variable first"),
        (["canary canary"], "--env takes the name of a variable first"),
        (["1A=canary"], "--env takes the name of a variable first"),
        ([""], "--env takes the name of a variable first"),
        (["A=can\0ary"], "--env A: its value holds a NUL"),
        (["LD_PRELOAD=canary"], "--env LD_PRELOAD: the system's loader runs code by it"),
    ],
)
def test_what_is_refused_is_named_without_its_value(texts, message):
    with pytest.raises(UsageError) as caught:
        of(*texts)
    assert caught.value.message.startswith(message)
    assert "canary" not in f"{caught.value.message}{caught.value.hint}"


def test_a_value_from_python_that_is_no_text_is_refused():
    with pytest.raises(UsageError, match="env A is int; a variable's value is text"):
        variables([("A", 1)], {}, "env")  # type: ignore[list-item]


@pytest.mark.parametrize(
    "name",
    [
        "PYTHONPATH", "PYTHONSTARTUP", "PYTHONHOME", "PYSPARK_PYTHON", "SPARK_HOME", "SPARK_SUBMIT_OPTS",
        "SPARKJOBS_RUN_ID", "LD_PRELOAD", "LD_LIBRARY_PATH", "DYLD_INSERT_LIBRARIES", "GCONV_PATH",
        "JAVA_HOME", "JAVA_TOOL_OPTIONS", "_JAVA_OPTIONS", "JDK_JAVA_OPTIONS", "CLASSPATH", "PATH", "ENV",
        "BASH_ENV", "BASHOPTS", "SHELLOPTS", "IFS", "PS4", "PERL5OPT", "NODE_OPTIONS", "HOME",
        "HADOOP_USER_NAME", "HADOOP_CLASSPATH", "YARN_CONF_DIR", "OPENSSL_CONF",
    ],
)  # fmt: skip
def test_names_that_run_code_or_change_the_run_are_refused(name):
    assert why_refused(name)


@pytest.mark.parametrize(
    "name", ["AWS_ACCESS_KEY_ID", "DB_PASSWORD", "TZ", "MY_PYTHON", "SPARKLE", "HTTPS_PROXY", "PATHS"]
)
def test_others_are_not(name):
    assert why_refused(name) is None


def test_they_stay_with_the_driver_unless_the_profile_says_otherwise():
    usual = read_cluster("yarn-8", {}, ROOT)
    assert executor_settings({"A": "1"}, usual, "client", {}) == {}
    with pytest.raises(UsageError, match="--env A: the driver runs in the cluster, and yarn-8 keeps"):
        executor_settings({"A": "1"}, usual, "cluster", {})
    assert executor_settings({}, usual, "cluster", {}) == {}


@pytest.mark.parametrize(
    ("cluster", "mode", "keys"),
    [
        (STANDALONE, "client", ["spark.executorEnv.A"]),
        (YARN, "client", ["spark.executorEnv.A"]),
        (YARN, "cluster", ["spark.executorEnv.A", "spark.yarn.appMasterEnv.A"]),
        (KUBERNETES, "client", ["spark.executorEnv.A"]),
        (KUBERNETES, "cluster", ["spark.executorEnv.A", "spark.kubernetes.driverEnv.A"]),
        (Cluster(name="l", manager="local", executor_env=True), "client", []),
    ],
)
def test_the_settings_that_carry_them(cluster, mode, keys):
    carried = executor_settings({"A": "x"}, cluster, mode, {})
    assert carried == dict.fromkeys(keys, "x")
    assert all(re.search(redaction(["B", "A"]), key) for key in carried)
    assert not re.search(redaction(["A"]), "spark.executorEnv.AB")


def test_a_setting_that_says_otherwise_is_a_contradiction():
    key = "spark.executorEnv.A"
    assert executor_settings({"A": "1"}, STANDALONE, "client", {key: "1"}) == {key: "1"}
    with pytest.raises(UsageError, match=f"--env A: {key} is set otherwise as well") as caught:
        executor_settings({"A": "canary"}, STANDALONE, "client", {key: "2"})
    assert "canary" not in caught.value.message


@pytest.mark.parametrize(
    ("cluster", "value"),
    [(STANDALONE, " x"), (STANDALONE, "x\t"), (YARN, "a$b"), (YARN, 'a"b'), (YARN, "`x`"), (YARN, "a\\b"),
     (KUBERNETES, "$(A)")],
)  # fmt: skip
def test_a_value_that_would_arrive_otherwise_is_refused(cluster, value):
    with pytest.raises(UsageError, match=r"which would not reach an executor on \w as it is"):
        executor_settings({"A": value}, cluster, "client", {})


@pytest.mark.parametrize("value", ["a$b", "é ü", "a\nb", ":=x", "a\\b", ""])
def test_others_arrive_on_a_standalone_cluster(value):
    assert executor_settings({"A": value}, STANDALONE, "client", {}) == {"spark.executorEnv.A": value}
