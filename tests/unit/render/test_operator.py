"""The manifest for the Kubernetes operator, read as the operator reads it."""

from __future__ import annotations

from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from launcher.planning.render.operator import resource_name, spark_application, unreachable_files
from launcher.planning.result import Plan
from launcher.planning.submit.command import MAIN_FILE
from sparkjobs.errors import UsageError
from tests.unit.planning.clusters import cluster, nodes, plan
from tests.unit.render.plans import ARGUMENTS, JOB, settings, shipped, with_secrets

from launcher.spec.cluster import Gpus  # isort: skip

# Fields of sparkoperator.k8s.io/v1beta2 that a plan can need, with their types in its schema.
SPEC = {
    "type": str, "mode": str, "image": str, "sparkVersion": str, "mainApplicationFile": str,
    "arguments": list, "restartPolicy": dict, "driver": dict, "executor": dict, "sparkConf": dict,
}  # fmt: skip
DRIVER = {"cores": int, "memory": str, "memoryOverhead": str, "serviceAccount": str}
EXECUTOR = {"cores": int, "instances": int, "memory": str, "memoryOverhead": str}
FLAGS = {
    "driver": {
        "cores": "spark.driver.cores", "memory": "spark.driver.memory",
        "memoryOverhead": "spark.driver.memoryOverhead",
        "serviceAccount": "spark.kubernetes.authenticate.driver.serviceAccountName",
    },
    "executor": {
        "cores": "spark.executor.cores", "memory": "spark.executor.memory",
        "memoryOverhead": "spark.executor.memoryOverhead", "instances": "spark.executor.instances",
    },
}  # fmt: skip


def submitted(manifest: dict[str, Any]) -> dict[str, str]:
    """What the operator's spark-submit is given: the settings of sparkConf, then those of the fields."""
    spec = manifest["spec"]
    found = dict(spec["sparkConf"])
    for part, keys in FLAGS.items():
        assert not set(keys.values()) & found.keys(), "the field would win, or the setting"
        found |= {keys[name]: str(value) for name, value in spec[part].items()}
    found["spark.kubernetes.container.image"] = spec["image"]
    found["spark.kubernetes.namespace"] = manifest["metadata"]["namespace"]
    found["spark.submit.deployMode"] = spec["mode"]
    return found


def plans() -> list[Plan]:
    gpus = nodes(4, cores=32, memory_mib=256 * 1024, gpu=Gpus(model="A100", count=2))
    return [
        shipped("kubernetes-spot"),
        shipped("kubernetes-spot", JOB),
        shipped("kubernetes-spot", JOB, num_executors="3"),
        plan(cluster("kubernetes", gpus), deploy_mode="cluster"),
    ]


@pytest.mark.parametrize("made", plans(), ids=["script", "job", "fixed", "gpus"])
def test_the_operator_submits_the_plan(made):
    manifest = yaml.safe_load(yaml.safe_dump(spark_application(made)))
    assert (manifest["apiVersion"], manifest["kind"]) == ("sparkoperator.k8s.io/v1beta2", "SparkApplication")
    expected = {key: value for key, value in settings(made).items() if key != "spark.master"}
    assert submitted(manifest) == expected


@pytest.mark.parametrize("made", plans(), ids=["script", "job", "fixed", "gpus"])
def test_every_field_exists_and_has_its_type(made):
    spec = spark_application(made)["spec"]
    for fields, value in ((SPEC, spec), (DRIVER, spec["driver"]), (EXECUTOR, spec["executor"])):
        assert value.keys() <= fields.keys()
        assert all(type(value[name]) is fields[name] for name in value)
    assert all(isinstance(value, str) for value in spec["sparkConf"].values())
    assert spec["restartPolicy"] == {"type": "Never"}


def test_scaling_goes_through_settings_so_that_the_operator_does_not_switch_shuffle_tracking_on():
    spec = spark_application(shipped("kubernetes-spot"))["spec"]
    assert "dynamicAllocation" not in spec
    assert "instances" not in spec["executor"]
    assert spec["sparkConf"]["spark.dynamicAllocation.shuffleTracking.enabled"] == "false"


def test_gpus_go_through_settings_so_that_spark_knows_of_them():
    spec = spark_application(plans()[-1])["spec"]
    assert "gpu" not in spec["executor"]
    assert spec["sparkConf"]["spark.executor.resource.gpu.amount"] == "1"
    assert spec["sparkConf"]["spark.executor.resource.gpu.vendor"] == "nvidia.com"


def test_the_application_and_its_name():
    script = spark_application(shipped("kubernetes-spot"))
    assert script["metadata"] == {"name": "etl", "namespace": "spark"}
    assert script["spec"]["mainApplicationFile"] == "/jobs/etl.py"
    assert script["spec"]["arguments"] == list(ARGUMENTS)
    named = spark_application(shipped("kubernetes-spot", name="Daily Totals"))
    assert named["metadata"]["name"] == "daily-totals"


def test_files_of_this_machine_are_told_for_the_operator_cannot_read_them():
    assert unreachable_files(shipped("kubernetes-spot")) == ("/jobs/etl.py",)
    assert unreachable_files(shipped("kubernetes-spot", JOB, files="s3a://b/f,local:///g,h.txt")) == (
        str(MAIN_FILE), "/cache/delta.jar", "/cache/storage.jar", "h.txt",
    )  # fmt: skip


def test_another_manager_is_refused():
    with pytest.raises(UsageError, match="the manager of yarn-8 is yarn"):
        spark_application(shipped("yarn-8"))


def test_it_holds_no_secret():
    assert "hunter2" not in yaml.safe_dump(spark_application(with_secrets("kubernetes-spot")))


@given(st.text())
def test_any_name_becomes_one_that_kubernetes_takes(name):
    made = resource_name(name)
    assert len(made) <= 63
    assert made[0].isalpha()
    assert made[-1] != "-"
    assert made.isascii()
    assert made.replace("-", "").isalnum()
    assert made == made.lower()
