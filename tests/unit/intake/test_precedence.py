"""Who decides a setting: flag > job file > properties file > spark-defaults > profile > computed."""

from __future__ import annotations

import pytest

from launcher.spec.layer import Origin
from sparkjobs.errors import UsageError
from tests.unit.intake.asking import PROFILE, Project, setting

KEY = "spark.sql.shuffle.partitions"
LAYERS = [Origin.FLAG, Origin.JOB_FILE, Origin.PROPERTIES, Origin.DEFAULTS, Origin.PROFILE]
PLACES = ["--conf", "conf/jobs/n.yaml:3", "own.conf:1", "spark-defaults.conf:1", "conf/clusters/mine.yaml:6"]


def layered(project: Project, present: list[Origin]) -> dict[str, object]:
    """Write each layer's file with a value of its own, 101 for the highest; answers what to ask for."""
    values = {origin: str(101 + rank) for rank, origin in enumerate(LAYERS)}
    conf = {origin: f"conf:\n  {KEY}: '{value}'\n" for origin, value in values.items() if origin in present}
    project.write("etl.py", "print()")
    project.write("conf/jobs/n.yaml", "script: etl.py\n" + conf.get(Origin.JOB_FILE, ""))
    project.write("conf/clusters/mine.yaml", PROFILE + conf.get(Origin.PROFILE, ""))
    requested: dict[str, object] = {"load_spark_defaults": True}
    if Origin.DEFAULTS in present:
        project.defaults.write_text(f"{KEY} {values[Origin.DEFAULTS]}\n")
    if Origin.PROPERTIES in present:
        project.write("own.conf", f"{KEY} {values[Origin.PROPERTIES]}\n")
        requested["properties_file"] = "own.conf"
    if Origin.FLAG in present:
        requested["confs"] = [f"{KEY}={values[Origin.FLAG]}"]
    return requested


@pytest.mark.parametrize("highest", range(len(LAYERS)))
def test_the_highest_layer_decides_and_the_reason_names_every_one(project, highest):
    made = project.plan("n", **layered(project, LAYERS[highest:]))
    found = setting(made, KEY)
    assert (found.value, found.origin) == (str(101 + highest), LAYERS[highest])
    assert PLACES[highest] in found.reason.split(" says so")[0]
    for place, value in list(zip(PLACES, range(101, 106), strict=True))[highest + 1 :]:
        assert f"{place} ({value})" in found.reason
    assert "without pins the plan takes 200" in found.reason


def test_nobodys_value_is_computed(project):
    found = setting(project.plan("n", **layered(project, [])), KEY)
    assert (found.value, found.origin) == ("200", Origin.COMPUTED)


def test_a_flag_of_its_own_goes_before_a_conf_of_the_same_key(project):
    project.write("etl.py", "print()")
    made = project.plan("etl.py", flags={"executor_memory": "2g"}, confs=["spark.executor.memory=3g"])
    assert setting(made, "spark.executor.memory").value == "2g"
    assert "over --conf (3g)" in setting(made, "spark.executor.memory").reason


def test_a_properties_file_hides_spark_defaults_as_for_spark_submit(project):
    requested = layered(project, [Origin.PROPERTIES, Origin.DEFAULTS])
    hidden = project.plan("n", **{**requested, "load_spark_defaults": False})
    assert "spark-defaults" not in setting(hidden, KEY).reason


def test_lines_that_spark_passes_over_are_told(project):
    project.write("etl.py", "print()")
    project.defaults.write_text("spark.x 1\nhive.y 2\n")
    (message,) = project.intake("etl.py").warnings
    assert message.endswith(
        "spark-defaults.conf:2: hive.y: Spark passes over keys that do not begin with spark."
    )


def test_the_job_file_names_the_target_unless_a_flag_does(project):
    project.write("etl.py", "print()")
    project.write("conf/jobs/n.yaml", "script: etl.py\ntarget: yarn-8\ngpu: off\n")
    assert project.plan("n", target=None).cluster.name == "yarn-8"
    assert project.plan("n", target="standalone").cluster.name == "standalone"
    assert project.plan("etl.py", target=None).cluster.name == "laptop"


@pytest.mark.parametrize("given", [{"target": ""}, {"properties_file": ""}])
def test_an_empty_name_is_no_flag_left_out(project, given):
    project.write("etl.py", "print()")
    with pytest.raises(UsageError, match=r"no file"):
        project.plan("etl.py", **given)


def test_gpu_of_a_flag_goes_before_the_job_files(project):
    project.write("etl.py", "print()")
    project.write("conf/jobs/n.yaml", "script: etl.py\ntarget: dgx-a100-512gb\ngpu: off\n")
    assert project.plan("n", target=None).executors.gpus == 0
    assert project.plan("n", target=None, gpu="on").executors.gpus == 1


def test_the_job_files_deploy_mode_goes_before_the_profiles(project):
    project.write("etl.py", "print()")
    project.write("conf/jobs/n.yaml", "script: etl.py\ntarget: yarn-8\ndeploy_mode: client\n")
    assert setting(project.plan("n", target=None), "spark.submit.deployMode").value == "client"


def test_an_enforced_value_is_refused_without_telling_a_secret(project):
    project.write("etl.py", "print()")
    project.write("conf/clusters/mine.yaml", PROFILE + "enforced: {spark.my.password: hunter2}\n")
    with pytest.raises(UsageError) as caught:
        project.plan("etl.py", confs=["spark.my.password=hunter3"])
    assert caught.value.message == (
        "--conf: spark.my.password is ***, and conf/clusters/mine.yaml:5 enforces ***"
    )


def test_an_unknown_target_gets_the_nearest(project):
    project.write("etl.py", "print()")
    with pytest.raises(UsageError, match=r"no file conf/clusters/yarn-9\.yaml; did you mean yarn-8"):
        project.plan("etl.py", target="yarn-9")
