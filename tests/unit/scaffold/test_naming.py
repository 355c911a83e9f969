"""A new project takes its name everywhere, and only names that Python and pip can use."""

from __future__ import annotations

import json
import re

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from launcher.cli.scaffold.naming import LONGEST, check_name, scaffold
from launcher.cli.scaffold.project_files import template_files
from launcher.places import TEMPLATES
from launcher.spec.config.documents import parse_document
from launcher.spec.config.read_profile import cluster_of
from sparkjobs.errors import UsageError

TEMPLATE = template_files(TEMPLATES / "job")
# Also names that hold the template's own.
names = st.from_regex(rf"[a-z][a-z0-9_]{{0,{LONGEST - 1}}}", fullmatch=True) | st.lists(
    st.sampled_from(["my_jobs", "count_by_value", "x", "_"]), min_size=1, max_size=3
).map("_".join).filter(lambda name: name[0] != "_")


def refused(name: str, *taken: str) -> UsageError:
    with pytest.raises(UsageError) as caught:
        check_name(name, taken)
    return caught.value


@given(names)
def test_every_file_of_a_new_project_is_sound_and_named_after_it(name: str) -> None:
    try:
        check_name(name, ())
    except UsageError:  # a word of Python
        return
    files = scaffold(TEMPLATE, name)
    assert len(files) == len(TEMPLATE)
    for path, content in files.items():
        if path.endswith(".py"):
            compile(content, path, "exec")
    assert f'name="{name}"'.encode() in files[f"{name}_jobs/{name}.py"]
    assert json.loads(files["sparkjobs_jobs.json"]) == [f"{name}_jobs.{name}:JOB"]
    assert f'\n{name} = "{name}_jobs.{name}:JOB"\n'.encode() in files["pyproject.toml"]
    assert yaml.safe_load(files[f"conf/jobs/{name}.yaml"])["job"] == name
    project = re.search(rb'^name = "(.+)"$', files["pyproject.toml"], re.MULTILINE)
    # The rule of packages' names.
    assert project is not None
    assert re.fullmatch(rb"(?i)[A-Z0-9]|[A-Z0-9][A-Z0-9._-]*[A-Z0-9]", project[1])


def test_nothing_of_the_templates_names_is_left() -> None:
    files = scaffold(TEMPLATE, "daily_totals")
    message = "\n".join([*files, *(content.decode() for content in files.values())])
    assert re.findall(r"count_by_value|my_jobs|my-jobs", message) == []
    assert "daily_totals_jobs/daily_totals.py" in files
    assert list(files) == sorted(files)


def test_the_templates_profile_is_one_and_names_no_real_host() -> None:
    profile = TEMPLATE["conf/clusters/mine.yaml"]
    cluster = cluster_of(parse_document(profile, "mine.yaml"), "mine")
    assert cluster.address == "spark://spark-master.example.com:7077"


def test_the_sections_of_the_templates_profile_work_once_their_comment_marks_are_gone() -> None:
    text = TEMPLATE["conf/clusters/mine.yaml"].decode()
    yarn = re.sub(
        r"^# (queue|yarn|  hadoop|event_log|limits|  max_ex|enforced|  spark)", r"\1", text, flags=re.M
    )
    yarn = yarn.replace("manager: standalone", "manager: yarn").replace(
        "deploy_mode: client", "deploy_mode: cluster"
    )
    yarn = re.sub(r"^address:.*\n", "", yarn, flags=re.M)
    read = cluster_of(parse_document(yarn.encode(), "mine.yaml"), "mine")
    assert (read.queue, read.limits.max_executors, len(read.enforced)) == ("default", 16, 1)
    pods = re.sub(r"^# (kubernetes:|  image|  namespace|  service|  file_up)", r"\1", text, flags=re.M)
    pods = re.sub(r"^(  )# (spot|gpu|  model|  count)", r"\1\2", pods, flags=re.M)
    pods = pods.replace("manager: standalone", "manager: kubernetes")
    pods = re.sub(r"^address:.*$", "address: k8s://https://host:6443", pods, flags=re.M)
    read = cluster_of(parse_document(pods.encode(), "mine.yaml"), "mine")
    assert read.kubernetes is not None
    assert read.kubernetes.service_account == "spark"
    assert read.nodes is not None
    assert read.nodes.spot
    assert read.nodes.gpu is not None


@pytest.mark.parametrize(
    "name", ["", "1", "_x", "Ab", "a-b", "a.b", "a/b", "../x", "é", "class", "a" * 61, "a\n"]
)
def test_names_that_python_cannot_use_are_refused(name: str) -> None:
    assert repr(name) in refused(name).message


def test_a_near_name_is_proposed_where_there_is_one() -> None:
    assert refused("Daily-Totals").message.endswith("; did you mean daily_totals")
    assert refused("class").message.endswith("; did you mean class_job")
    assert "did you mean" not in refused("1").message


def test_a_name_that_a_job_has_is_refused() -> None:
    assert refused("wordcount", "wordcount").message == "a job is called wordcount already"
