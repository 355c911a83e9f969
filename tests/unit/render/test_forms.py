"""A plan in other programs' forms says the same: it is read back by the readers of these forms."""

from __future__ import annotations

import json
import re
import shlex
import subprocess
import sys
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from launcher.planning.render.airflow import airflow_arguments
from launcher.planning.render.arguments import open_settings, spark_submit_arguments, spark_submit_text
from launcher.planning.render.carried import PY_FILES, secrets, with_py_files
from launcher.planning.render.plan_json import plan_document
from launcher.planning.render.spark_defaults import escaped, spark_defaults
from launcher.planning.result import Plan
from launcher.planning.submit.command import MAIN_FILE
from launcher.spec.config.flags import parse_spark_submit
from launcher.spec.config.properties import parse_properties
from launcher.spec.layer import Origin
from tests.unit.render.plans import (
    ARGUMENTS,
    JOB,
    SCRIPT,
    SECRETS,
    TARGETS,
    settings,
    shipped,
    with_secrets,
)

# The arguments of airflow.providers.apache.spark's SparkSubmitOperator, in the order of its signature.
SPARK_SUBMIT_OPERATOR = frozenset(
    """application conf conn_id files py_files archives driver_class_path jars java_class packages
    exclude_packages repositories total_executor_cores executor_cores executor_memory driver_memory keytab
    principal proxy_user name num_executors status_poll_interval application_args env_vars verbose
    spark_binary properties_file yarn_queue deploy_mode use_krb5ccache""".split()
)
BOTH = pytest.mark.parametrize("application", [SCRIPT, JOB], ids=lambda application: application.kind)
EVERYWHERE = pytest.mark.parametrize("target", TARGETS)
# Spark trims what stands around a value; ends of lines inside it stay.
values = st.text().map(str.strip).map(lambda text: text.strip("".join(map(chr, range(33)))))


def read_defaults(text: str) -> dict[str, str]:
    read = parse_properties(text, "spark-defaults.conf", Origin.DEFAULTS)
    assert read.ignored == ()
    return {pin.key: pin.value for pin in read.pins}


@BOTH
@EVERYWHERE
def test_spark_defaults_read_back_are_the_plan(application, target):
    plan = shipped(target, application)
    text = spark_defaults(plan)
    assert read_defaults(text) == settings(plan)
    assert all(f"# {setting.reason}\n{setting.key} " in text for setting in plan.settings)


@given(values)
def test_any_value_survives_a_properties_file(value):
    assert read_defaults(f"spark.x {escaped(value)}\n") == {"spark.x": value}


@BOTH
@EVERYWHERE
def test_the_arguments_read_back_are_the_plan(application, target):
    plan = shipped(target, application)
    line = parse_spark_submit(spark_submit_arguments(plan))
    assert {pin.key: pin.value for pin in line.pins} == settings(plan)
    own = ARGUMENTS if application is SCRIPT else ("wordcount", "--input", "in")
    assert line.arguments == own
    assert line.application == (SCRIPT.path if application is SCRIPT else str(MAIN_FILE))
    assert line.options == {}


@BOTH
@EVERYWHERE
def test_a_shell_reads_the_arguments_as_they_are(application, target):
    plan = shipped(target, application, "spark.x=two words; rm -rf $HOME 'quoted'", name="a b")
    text = spark_submit_text(plan)
    assert shlex.split(text) == spark_submit_arguments(plan)
    *options, last = text.splitlines()
    assert all(len(shlex.split(option)) == 2 for option in options)
    assert shlex.split(last)[0].endswith(".py")


def airflow_settings(given: dict[str, Any]) -> dict[str, str]:
    """Settings that the operator's hook makes of its arguments."""
    flags = {
        "name": "spark.app.name", "deploy_mode": "spark.submit.deployMode", "jars": "spark.jars",
        "executor_cores": "spark.executor.cores", "executor_memory": "spark.executor.memory",
        "driver_memory": "spark.driver.memory", "driver_class_path": "spark.driver.extraClassPath",
        "py_files": "spark.submit.pyFiles", "files": "spark.files", "archives": "spark.archives",
        "yarn_queue": "spark.yarn.queue", "packages": "spark.jars.packages",
        "exclude_packages": "spark.jars.excludes",
    }  # fmt: skip
    named = {flags[name]: str(given[name]) for name in given.keys() & flags.keys()}
    assert not named.keys() & given["conf"].keys()
    return {**given["conf"], **named}


@BOTH
@EVERYWHERE
def test_airflows_arguments_exist_and_say_the_plan_but_for_the_connections_master(application, target):
    plan = shipped(target, application, "spark.jars.excludes=a:b", files="f.txt", packages="g:a:1")
    given = airflow_arguments(plan)
    assert given.keys() <= SPARK_SUBMIT_OPERATOR
    expected = settings(plan)
    del expected["spark.master"]
    assert airflow_settings(given) == expected
    assert isinstance(given.get("executor_cores", 1), int)
    assert json.loads(json.dumps(given)) == given
    assert "num_executors" not in given


def test_airflow_is_given_the_application_and_its_arguments():
    script, job = airflow_arguments(shipped("yarn-8")), airflow_arguments(shipped("yarn-8", JOB))
    assert (script["application"], script["application_args"]) == ("/jobs/etl.py", list(ARGUMENTS))
    assert (job["application"], job["application_args"]) == (str(MAIN_FILE), ["wordcount", "--input", "in"])


@BOTH
@EVERYWHERE
def test_the_json_has_the_keys_of_the_contract_and_only_text_for_values(application, target):
    plan = shipped(target, application)
    document = json.loads(json.dumps(plan_document(plan)))
    assert list(document) == ["v", "job", "target", "settings", "executors", "findings", "strategies"]
    assert (document["v"], document["job"], document["target"]) == (1, plan.application.name, target)
    assert {s["key"]: s["value"] for s in document["settings"]} == settings(plan)
    for setting in document["settings"]:
        assert list(setting) == ["key", "value", "origin", "reason", "source"]
        assert all(isinstance(text, str) and text for text in setting.values())
    assert list(document["executors"]) == [
        "min", "initial", "max", "cores", "heap_mib", "overhead_mib", "per_node",
    ]  # fmt: skip
    for finding in document["findings"]:
        assert list(finding) == ["id", "severity", "keys", "message", "fix"]


@EVERYWHERE
def test_no_form_holds_a_secret(target):
    plan = with_secrets(target)
    forms = [
        spark_defaults(plan), spark_submit_text(plan), json.dumps(airflow_arguments(plan)),
        json.dumps(plan_document(plan)), yaml.safe_dump(open_settings(plan)),
    ]  # fmt: skip
    assert not any("hunter2" in form for form in forms)
    assert sorted(secrets(plan)) == sorted([*SECRETS, "spark.x"])
    assert all(f"# {key} is a secret" in forms[0] for key in secrets(plan))
    assert not any(key in form for key in SECRETS for form in forms[1:3])


def code_of(plan: Plan) -> list[str]:
    return re.findall(r"--py-files (\S+)", spark_submit_text(plan))


def test_a_plan_that_is_handed_on_takes_the_jobs_code_along():
    plan = with_py_files(shipped("yarn-8", JOB), "/cache/sparkjobs.zip")
    assert code_of(plan) == ["/cache/sparkjobs.zip"]
    assert [s.group for s in plan.settings] == sorted(
        (s.group for s in plan.settings), key=[s.group for s in plan.settings].index
    )
    pinned = with_py_files(shipped("yarn-8", JOB, py_files="own.zip"), "/cache/sparkjobs.zip,own.zip")
    assert code_of(pinned) == ["/cache/sparkjobs.zip,own.zip"]
    assert [s.origin for s in pinned.settings if s.key == PY_FILES] == [Origin.FLAG]


def test_xargs_hands_the_arguments_on_as_they_are():
    plan = shipped("yarn-8", SCRIPT, "spark.x=two words; rm -rf $HOME 'quoted'")
    show = [sys.executable, "-c", "import json, sys; print(json.dumps(sys.argv[1:]))"]
    done = subprocess.run(
        ["xargs", *show], input=spark_submit_text(plan) + "\n", capture_output=True, text=True, check=True
    )
    assert json.loads(done.stdout) == spark_submit_arguments(plan)
