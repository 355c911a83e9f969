"""The environment that Spark is started with: ours where the user said nothing, the user's otherwise."""

from __future__ import annotations

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from launcher.environment import Interpreter, running_interpreter, spark_environment

INTERPRETER = Interpreter("/venv/bin/python", Path("/venv/pyspark"))
NAMES = ("SPARK_HOME", "PYSPARK_PYTHON", "PYSPARK_DRIVER_PYTHON")
OURS = {
    "SPARK_HOME": "/venv/pyspark",
    "PYSPARK_PYTHON": "/venv/bin/python",
    "PYSPARK_DRIVER_PYTHON": "/venv/bin/python",
}


def test_an_empty_environment_gets_everything() -> None:
    assert spark_environment({}, INTERPRETER) == OURS


@given(st.dictionaries(st.sampled_from([*NAMES, "PATH"]), st.sampled_from(["", "/mine"])))
def test_what_the_user_set_stays_and_the_rest_is_ours(user: dict[str, str]) -> None:
    before = dict(user)
    result = spark_environment(user, INTERPRETER)
    assert user == before
    for name in NAMES:
        assert result[name] == (user.get(name) or OURS[name])


def test_the_java_chosen_replaces_an_unfit_one() -> None:
    result = spark_environment({"JAVA_HOME": "/jdk-25"}, INTERPRETER, Path("/jdk-17"))
    assert result["JAVA_HOME"] == "/jdk-17"


def test_cluster_mode_names_no_python_of_this_machine() -> None:
    result = spark_environment({"PYSPARK_DRIVER_PYTHON": "/here"}, INTERPRETER, deploy_mode="cluster")
    assert "PYSPARK_DRIVER_PYTHON" not in result
    assert "PYSPARK_PYTHON" not in result


def test_cluster_mode_keeps_the_python_of_the_archive() -> None:
    user = {"PYSPARK_PYTHON": "./environment/bin/python"}
    result = spark_environment(user, INTERPRETER, deploy_mode="cluster")
    assert result["PYSPARK_PYTHON"] == "./environment/bin/python"


def test_the_running_python_knows_its_spark() -> None:
    home = running_interpreter().spark_home
    assert home is not None
    assert (home / "bin" / "spark-submit").is_file()
