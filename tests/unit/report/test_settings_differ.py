"""Settings that two runs differ by, and what each run has of its own that changes no time."""

from __future__ import annotations

import re

import pytest

from launcher.managers.kubernetes import KubernetesManager
from launcher.managers.local import Local
from launcher.managers.manager import Manager
from launcher.managers.standalone import Standalone
from launcher.managers.yarn import YarnManager
from launcher.report.compare.settings_differ import executors_differ, settings_differ
from launcher.spec.cluster import Cluster

A, B = "20260131T010000Z-daily-1a2b3c4d", "20260201T010000Z-daily-5e6f7a8b"


def test_what_belongs_to_one_run_alone_is_no_setting() -> None:
    own = {
        "spark.app.id": "1",
        "spark.driver.port": "7",
        "spark.eventLog.dir": "/a",
        "spark.app.startTime": "3",
    }
    assert settings_differ(own, {}) == executors_differ(own, {}) == []
    size = {"spark.executor.instances": "4"}
    assert settings_differ(size, {}) == []
    assert executors_differ(size, {}) == ["spark.executor.instances: 4 -> not set"]
    assert settings_differ(None, {"spark.sql.ansi.enabled": "true"}) == []


@pytest.mark.parametrize(
    "manager",
    [
        YarnManager(Cluster(name="c", manager="yarn"), (), "somebody"),
        KubernetesManager(Cluster(name="c", manager="kubernetes"), None),
        Standalone(Cluster(name="c", manager="standalone")),
        Local(Cluster(name="c", manager="local")),
    ],
    ids=lambda manager: manager.name,
)
def test_how_a_manager_marks_a_run_is_no_setting(manager: Manager) -> None:
    assert settings_differ(manager.mark(A), manager.mark(B)) == []


@pytest.mark.parametrize(
    "key",
    [
        "spark.kubernetes.driver.pod.name",
        "spark.kubernetes.executor.podNamePrefix",
        "spark.kubernetes.executor.annotation.started",
        "spark.hadoop.fs.defaultFS",
        "spark.hadoop.fs.s3a.endpoint",
        "spark.hadoop.fs.s3a.bucket.sales.endpoint.region",
        "spark.hadoop.fs.s3a.access.key",
        "spark.hadoop.dfs.nameservices",
        "spark.hadoop.dfs.ha.namenodes.prod",
        "spark.hadoop.dfs.namenode.rpc-address.prod.nn1",
        "spark.hadoop.hive.metastore.uris",
        "spark.hadoop.yarn.resourcemanager.principal",
        "spark.local.dir",
        "spark.home",
        "spark.kubernetes.namespace",
        "spark.kubernetes.file.upload.path",
        "spark.sql.streaming.checkpointLocation",
    ],
)
def test_names_and_places_are_no_settings(key: str) -> None:
    assert settings_differ({key: "one"}, {key: "two"}) == []


def test_where_a_master_listens_is_no_setting() -> None:
    def differ(a: str, b: str) -> bool:
        return bool(settings_differ({"spark.master": a}, {"spark.master": b}))

    assert not differ("spark://127.0.0.1:20011", "spark://127.0.0.1:20099")
    assert not differ("k8s://https://one:6443", "k8s://https://other:6443")
    assert differ("local[2]", "local[4]")
    assert differ("yarn", "spark://h:7077")
    assert settings_differ({}, {"spark.master": "yarn"}) == ["spark.master: not set -> yarn"]


@pytest.mark.parametrize(
    "key",
    [
        "spark.hadoop.mapreduce.fileoutputcommitter.algorithm.version",
        "spark.hadoop.fs.s3a.connection.maximum",
        "spark.hadoop.fs.s3a.path.style.access",
        "spark.hadoop.parquet.block.size",
        "spark.kubernetes.driver.request.cores",
    ],
)
def test_what_can_change_the_time_is_one(key: str) -> None:
    assert settings_differ({key: "1"}, {key: "2"}) == [f"{key}: 1 -> 2"]


def test_settings_hide_their_secrets() -> None:
    a, b = (
        {
            "spark.my.api.key": f"{word}1",
            "spark.executor.extraJavaOptions": f"-Dstore.password={word}2 -Xss4m",
        }
        for word in ("hunter", "gatherer")
    )
    told = "; ".join(settings_differ(a, b))
    assert not re.search("hunter|gatherer", told)
    assert told.startswith("spark.executor.extraJavaOptions: -Dstore.password=*** -Xss4m -> ")
    assert "spark.my.api.key: *** -> ***" in told
