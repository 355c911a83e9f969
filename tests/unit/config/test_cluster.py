"""Cluster profiles: what must hold in one, which file is meant, and the shipped ones."""

from __future__ import annotations

from pathlib import Path

import pytest

from launcher.places import SHIPPED
from launcher.spec.config.discovery import names
from launcher.spec.config.read_profile import read_cluster
from launcher.spec.units import Mib
from sparkjobs.errors import UsageError
from tests.unit.config.reading import STANDALONE, cluster, refused

YARN = "manager: yarn\nyarn: {hadoop_conf_dir: /etc/hadoop}\nnodes: {count: 2, cores: 8, memory: 32g}\n"
K8S = (
    "manager: kubernetes\naddress: k8s://https://h:6443\nkubernetes: {image: i}\n"
    "nodes: {min: 0, max: 3, cores: 8, memory: 32g}\n"
)


def test_a_profile_is_read_with_the_place_of_every_value():
    read = cluster(STANDALONE + "conf:\n  spark.x: 'y'\n")
    assert (read.name, read.manager, read.master) == ("c", "standalone", "spark://host:7077")
    assert read.nodes is not None
    assert read.nodes.memory_mib == Mib(32 * 1024)
    assert read.place("conf.spark.x") == "c.yaml:8"
    assert read.place("nodes.cores") == "c.yaml:5"


@pytest.mark.parametrize("text", [STANDALONE, YARN, K8S, "manager: local\n"])
def test_the_smallest_profile_of_each_manager_is_accepted(text):
    assert cluster(text).manager in text


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (STANDALONE.replace("spark://host:7077", "host:7077"), "c.yaml:2: 'host:7077' is no address"),
        (STANDALONE.replace("host:", "$HOST:"), "c.yaml:2: .*variables are not expanded"),
        (STANDALONE.replace("address: spark://host:7077\n", ""), "c.yaml:1: address is missing"),
        (STANDALONE + "web: host:8080\n", "c.yaml:7: 'host:8080' is no address of a master's pages"),
        (STANDALONE + "lock: memcached://h\n", "c.yaml:7: 'memcached://h' names no kind of lock"),
        (STANDALONE + "multi_writer: x\n", "c.yaml:7: multi_writer takes true or false"),
        (STANDALONE + "lock: redis://h\nmulti_writer: true\n", "c.yaml:8: .*keep lock or multi_writer"),
        (STANDALONE + "secret_file: /s\n", "c.yaml:7: secret_file is for a standalone cluster with secure"),
        (K8S + "secure: true\nsecret_file: /s\n", "c.yaml:6: secret_file is for a standalone cluster"),
        ("manager: local\nwebhdfs: [http://h:9870, 'hdfs://h']\n", "c.yaml:2: 'hdfs://h' is no web address"),
        ("manager: local\nweb: http://h:8080\n", "c.yaml:2: web is for the pages of a standalone master"),
        (STANDALONE + "deploy_mode: cluster\n", "c.yaml:7: manager standalone runs no Python driver"),
        (STANDALONE + "queue: q\n", "c.yaml:7: queues are YARN's"),
        (STANDALONE + "yarn: {hadoop_conf_dir: /x}\n", "c.yaml:7: manager standalone takes no section yarn"),
        (STANDALONE + "spark_version: '4.0'\n", "c.yaml:7: '4.0' is no exact version"),
        (YARN.replace("}", ", min_allocation: 0m}", 1), "c.yaml:2: min_allocation is 0; it is 1 or more"),
        (YARN.replace("}", ", allocation_step: 4}", 1), "c.yaml:2: yarn.allocation_step takes a size"),
        (YARN.replace("32g}", "32g, local_disks: {size: 0m}}"), "c.yaml:3: size is 0; it is 1 or more"),
        (YARN.replace("32g}", "32g, local_disks: {}}"), "c.yaml:3: nodes.local_disks.size is missing"),
        (
            YARN.replace("32g}", "32g, local_disks: {size: 1t, paths: [/d]}}"),
            "c.yaml:3: yarn.nodemanager.local-dirs says it; paths are for Kubernetes",
        ),
        (
            K8S.replace("32g}", "32g, local_disks: {size: 1t, paths: [d]}}"),
            "c.yaml:4: 'd' is no absolute folder",
        ),
        (
            K8S.replace("32g}", "32g, local_disks: {size: 1t, paths: [/d, /d]}}"),
            "c.yaml:4: /d stands there twice",
        ),
        (STANDALONE + "limits: {max_executors: 0}\n", "c.yaml:7: max_executors is 0; it is 1 or more"),
        (STANDALONE + "enforced: {hadoop.x: 'y'}\n", "c.yaml:7: 'hadoop.x' is no Spark key"),
        (STANDALONE + "conf: {spark.master: 'x'}\n", "c.yaml:7: spark.master has a key of its own here"),
        (
            STANDALONE + "conf: {spark.x: 'y'}\nenforced: {spark.x: 'z'}\n",
            "c.yaml:7: spark.x is enforced as well",
        ),
        (STANDALONE + "trusted_confs: ['*']\n", r"c.yaml:7: '\*' is no Spark key or pattern"),
        (STANDALONE + "  max: 3\n", "c.yaml:4: count is for a fixed number"),
        (STANDALONE.replace("  count: 2\n", ""), "c.yaml:3: the number of nodes is missing"),
        (STANDALONE.replace("count: 2", "count: 0"), "c.yaml:4: count is 0; it is 1 or more"),
        (STANDALONE + "  reserved_cores: 8\n", "c.yaml:7: 8 of 8 cores are reserved"),
        (STANDALONE + "  reserved_memory: 32g\n", "c.yaml:7: all the memory"),
        (STANDALONE + "  reserved_share: 1.0\n", "c.yaml:7: 1.0 is no share"),
        (STANDALONE + "  gpu: {model: A1000, count: 1}\n", "c.yaml:7: .* a 'A1000' is .* mean A100$"),
        (STANDALONE + "  gpu: {model: A100, count: 9}\n", "c.yaml:7: 9 GPUs but 7 cores"),
        (K8S.replace("min: 0", "min: 4"), "c.yaml:4: min 4 is above max 3"),
        (K8S.replace("kubernetes: {image: i}\n", ""), "c.yaml:1: the section kubernetes is missing"),
        (K8S.replace("k8s://", ""), "c.yaml:2: 'https://h:6443' is no address"),
        (K8S + "shuffle_service: true\n", "c.yaml:5: manager kubernetes has no external"),
        (YARN.replace("yarn: {hadoop_conf_dir: /etc/hadoop}\n", ""), "c.yaml:1: the section yarn is"),
        (YARN + "address: yarn\n", "c.yaml:4: manager yarn takes no"),
        (YARN.replace("dir: /etc/hadoop", "dir: /x, keytab: /k"), "c.yaml:2: principal and keytab go"),
        ("manager: local\nnodes: {count: 1, cores: 1, memory: 1g}\n", "c.yaml:2: manager local takes no"),
        ("manager: local\naddress: local[4]\n", "c.yaml:2: manager local takes no address"),
        ("manager: local\ndeploy_mode: cluster\n", "c.yaml:2: manager local runs no Python driver"),
        ("description: x\n", "c.yaml:1: manager is missing"),
    ],
)  # fmt: skip
def test_a_profile_that_contradicts_itself_is_refused(text, message):
    with pytest.raises(UsageError, match="^" + message):
        cluster(text)


def test_an_unknown_gpu_needs_its_memory():
    assert cluster(STANDALONE + "  gpu: {model: B7, count: 1, memory: 24g}\n").nodes is not None


def profile(folder: Path, name: str, text: str = STANDALONE) -> None:
    (folder / "clusters").mkdir(parents=True, exist_ok=True)
    (folder / "clusters" / name).write_text(text)


def test_the_nearest_profile_counts(tmp_path: Path):
    environ = {"HOME": str(tmp_path), "XDG_CONFIG_HOME": str(tmp_path / "user")}
    project = tmp_path / "project"
    (project / "deep").mkdir(parents=True)
    profile(tmp_path / "user" / "sparkjobs", "mine.yaml", STANDALONE + "description: user\n")
    assert read_cluster("mine", environ, project / "deep").description == "user"
    profile(project / "conf", "mine.yml", STANDALONE + "description: project\n")
    found = read_cluster("mine", environ, project / "deep")
    assert (found.description, found.place("manager")) == ("project", "../conf/clusters/mine.yml:1")
    assert read_cluster("conf/clusters/mine.yml", environ, project).description == "project"
    profile(project / "conf", "mine.yaml")
    assert "mine.yaml stands beside mine.yml" in refused(read_cluster, "mine", environ, project)


@pytest.mark.parametrize("name", ["yarn8", "../clusters", "a b", ""])
def test_a_name_that_nobody_has_is_told_the_others(name: str, tmp_path: Path):
    with pytest.raises(UsageError) as caught:
        read_cluster(name, {"HOME": str(tmp_path)}, tmp_path)
    message = f"{caught.value.message} {caught.value.hint}"
    assert (
        ("did you mean yarn-8" in message)
        if name == "yarn8"
        else ("laptop" in message or "no file" in message)
    )


def test_the_shipped_profiles_are_those_that_the_docs_promise(tmp_path: Path):
    environ = {"HOME": str(tmp_path)}
    promised = ["dgx-a100-1900gb", "dgx-a100-512gb", "kubernetes-spot", "laptop", "standalone", "yarn-8"]
    assert names("clusters", environ, tmp_path) == promised
    for name in promised:
        read = read_cluster(name, environ, tmp_path)
        assert read.description
        assert read.place("manager").startswith(str(SHIPPED)) or "conf/clusters" in read.place("manager")
