"""spark-submit stays until the application ends, whoever asked it to leave."""

from __future__ import annotations

import pytest

from launcher.planning.tracking import WAIT_KEYS, waiting
from launcher.runs.run_settings import run_settings
from launcher.spec.layer import Origin
from tests.unit.planning.clusters import cluster, pin, plan

YARN, PODS = WAIT_KEYS["yarn"], WAIT_KEYS["k8s://"]


@pytest.mark.parametrize(
    ("planned", "mode", "expected"),
    [
        ({"spark.master": "yarn", YARN: "false"}, "cluster", {YARN: "true"}),
        ({"spark.master": "yarn", YARN: "FALSE "}, "client", {YARN: "true"}),
        ({"spark.master": "k8s://https://h:1", PODS: "false"}, "cluster", {PODS: "true"}),
        # By SPARK_SUBMIT_OPTS=-Dspark...=false nobody sees it.
        ({"spark.master": "yarn"}, "cluster", {YARN: "true"}),
        ({"spark.master": "k8s://https://h:1", YARN: "false"}, "cluster", {PODS: "true", YARN: "true"}),
        ({"spark.master": "yarn"}, "client", {}),
        ({"spark.master": "local[2]"}, "client", {}),
    ],
)
def test_a_run_waits_for_its_application(planned, mode, expected, tmp_path):
    assert waiting(planned, mode) == expected
    settings = run_settings(planned, {}, tmp_path, mode)
    assert {key: settings[key] for key in (YARN, PODS) if key in settings} == expected


@pytest.mark.parametrize(
    ("manager", "key", "origin", "place"),
    [
        ("yarn", YARN, Origin.FLAG, "--conf"),
        ("kubernetes", PODS, Origin.PROPERTIES, "airflow.conf:3"),
        ("yarn", YARN, Origin.DEFAULTS, "spark-defaults.conf:9"),
        ("yarn", YARN, Origin.JOB_FILE, "daily.yaml:4"),
    ],
)
def test_the_plan_says_so_wherever_the_key_comes_from(manager, key, origin, place):
    made = plan(cluster(manager), deploy_mode="cluster", pins=(pin(key, "false", origin, place),))
    (finding,) = [finding for finding in made.findings if finding.id == "airflow-tracking"]
    assert (finding.severity, finding.keys) == ("warning", (key,))
    assert finding.message.startswith(f"{place}: {key}=false lets spark-submit leave")
    assert "durable=False" in finding.fix


def test_so_it_does_of_what_the_profile_enforces():
    made = plan(cluster("yarn", enforced={YARN: "false"}), deploy_mode="cluster")
    assert [finding.id for finding in made.findings] == ["airflow-tracking"]


@pytest.mark.parametrize("pins", [(), (pin(YARN, "true"),)])
def test_who_waits_is_told_nothing(pins):
    made = plan(cluster("yarn"), deploy_mode="cluster", pins=pins)
    assert "airflow-tracking" not in {finding.id for finding in made.findings}
