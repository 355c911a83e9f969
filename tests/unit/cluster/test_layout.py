"""The daemons of a cluster on this machine: what they are told, and how."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from launcher.cli.local_cluster.layout import Daemon, Files, Ports, Wanted, daemons, gpu_script
from launcher.cli.local_cluster.profile import HEAD, profile_text, require_ours
from launcher.spec.cluster import Cluster
from launcher.spec.config.documents import parse_document
from launcher.spec.config.read_profile import cluster_of
from sparkjobs.errors import UsageError

PORTS = Ports(master=1001, web=1002, history=1003)
FILES = Files(Path("/state/cluster"))
PLAIN, SECURE = Wanted(3, 2, 1536), Wanted(2, 1, 1024, secure=True)
SECRET = "0123abcd"


def planned(wanted: Wanted) -> tuple[Daemon, ...]:
    return daemons(wanted, PORTS, FILES, SECRET if wanted.secure else None)


def profile(wanted: Wanted) -> Cluster:
    text = profile_text(wanted, PORTS, FILES, "4.0.4")
    return cluster_of(parse_document(text.encode(), "here.yaml"), "here")


def test_the_master_comes_first_and_every_worker_looks_for_it() -> None:
    master, *workers, history = planned(PLAIN)
    assert [one.name for one in (master, *workers, history)] == [
        "master", "worker-1", "worker-2", "worker-3", "history",
    ]  # fmt: skip
    assert {worker.arguments[-1] for worker in workers} == {"spark://127.0.0.1:1001"}
    assert len({worker.arguments for worker in workers}) == 3


def test_a_worker_offers_what_was_asked_for() -> None:
    arguments = " ".join(planned(PLAIN)[1].arguments)
    assert "--cores 2 --memory 1536m" in arguments


@pytest.mark.parametrize("wanted", [PLAIN, SECURE])
def test_master_and_workers_bind_to_the_loopback_address(wanted: Wanted) -> None:
    for daemon in planned(wanted)[:-1]:
        assert daemon.arguments[daemon.arguments.index("--host") + 1] == "127.0.0.1"


@pytest.mark.parametrize("wanted", [PLAIN, SECURE])
def test_the_master_takes_no_submission_by_rest(wanted: Wanted) -> None:
    assert planned(wanted)[0].settings["spark.master.rest.enabled"] == "false"


def test_the_secret_is_a_setting_of_a_file_and_never_an_argument() -> None:
    for daemon in planned(SECURE):
        assert not [word for word in daemon.arguments if SECRET in word]
    assert [one.name for one in planned(SECURE) if SECRET in one.settings.values()] == [
        "master", "worker-1", "worker-2",
    ]  # fmt: skip
    assert not [one for one in planned(PLAIN) if "spark.authenticate" in one.settings]


def test_a_page_of_a_secure_master_ends_nobodys_application() -> None:
    assert planned(SECURE)[0].settings["spark.ui.killEnabled"] == "false"
    assert "spark.ui.killEnabled" not in planned(PLAIN)[0].settings


def test_pretended_gpus_are_found_by_a_script_as_spark_wants_it() -> None:
    worker = daemons(Wanted(1, 1, 1024, gpus=3), PORTS, FILES, None)[1]
    assert worker.settings["spark.worker.resource.gpu.amount"] == "3"
    script = subprocess.run(["sh", "-c", gpu_script(3)], capture_output=True, check=True)
    assert json.loads(script.stdout) == {"name": "gpu", "addresses": ["0", "1", "2"]}


@pytest.mark.parametrize("wanted", [PLAIN, SECURE])
def test_the_profile_is_one_that_sparkjob_reads(wanted: Wanted) -> None:
    cluster = profile(wanted)
    assert (cluster.master, cluster.master_pages) == ("spark://127.0.0.1:1001", ("http://127.0.0.1:1002",))
    assert cluster.nodes is not None
    nodes = (cluster.nodes.count, cluster.nodes.cores, cluster.nodes.memory_mib)
    assert nodes == (wanted.workers, wanted.cores, wanted.memory_mib)
    assert (cluster.nodes.reserved_cores, cluster.nodes.reserved_mib) == (0, 0)


def test_applications_of_a_secure_cluster_say_what_its_daemons_say() -> None:
    from launcher.spec.security.settings import secure_settings

    cluster, daemon = profile(SECURE), planned(SECURE)[1]
    setting_text = {guard.key: guard.value for guard in secure_settings(cluster)} | cluster.conf
    shared = {key: value for key, value in daemon.settings.items() if "crypto" in key}
    assert shared
    assert shared.items() <= setting_text.items()
    assert cluster.secret_file == "/state/cluster/secret"
    assert SECRET not in profile_text(SECURE, PORTS, FILES, "4.0.4")


def test_a_profile_of_somebody_else_is_left_alone(tmp_path: Path) -> None:
    mine, theirs = tmp_path / "mine.yaml", tmp_path / "theirs.yaml"
    mine.write_text(HEAD + "manager: local\n")
    theirs.write_text("manager: local\n")
    require_ours(tmp_path / "missing.yaml")
    require_ours(mine)
    with pytest.raises(UsageError, match=r"theirs\.yaml was not written by sparkjob"):
        require_ours(theirs)
