"""YARN's answers and its addresses, and what the manager makes of them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from launcher.managers.answers.yarn import (
    application_of,
    log_address,
    log_contents,
    metrics_of,
    newest_of,
    report,
    shortage,
    tag,
)
from launcher.managers.hadoop import read_configuration, resource_managers
from launcher.managers.yarn import YarnManager, yarn_manager
from launcher.runs.run_settings import run_settings
from launcher.spec.cluster import Cluster, Yarn
from sparkjobs.errors import UsageError
from tests.unit.managers.pages import served

APP = "application_1795267945862_0001"
EMPTY = (
    "[Sat Nov 21 13:33:07 +0000 2026] Application is added to the scheduler and is not yet activated. "
    "Skipping AM assignment as cluster resource is empty.  Details : AM Partition = <DEFAULT_PARTITION>; "
)
LAUNCHED = "AM container is launched, waiting for AM container to Register with RM"


def app(state: str = "RUNNING", final: str = "UNDEFINED", **other: Any) -> dict[str, Any]:
    # What Hadoop 3.4.1 answers, without the keys that nobody reads.
    return {
        "id": APP, "user": "root", "name": "sl.py", "queue": "root.default",
        "state": state, "finalStatus": final,
        "diagnostics": "", "applicationTags": "sparkjobs-r1", "startedTime": 1795267986632,
        "trackingUrl": f"http://localhost:8088/proxy/{APP}/", "runningContainers": 3, **other,
    }  # fmt: skip


def one(**other: Any) -> bytes:
    return json.dumps({"app": app(**other)}).encode()


def metrics(nodes: int = 1, free_mib: int = 512, cores: int = 4) -> bytes:
    text = {"activeNodes": nodes, "availableMB": free_mib, "availableVirtualCores": cores, "appsFailed": 0}
    return json.dumps({"clusterMetrics": text}).encode()


@pytest.mark.parametrize(
    ("state", "final", "message"),
    [
        ("NEW", "UNDEFINED", "RUNNING"), ("NEW_SAVING", "UNDEFINED", "RUNNING"),
        ("SUBMITTED", "UNDEFINED", "RUNNING"), ("ACCEPTED", "UNDEFINED", "RUNNING"),
        ("RUNNING", "UNDEFINED", "RUNNING"), ("RUNNING", "SUCCEEDED", "RUNNING"),
        ("FINISHED", "SUCCEEDED", "SUCCEEDED"), ("FINISHED", "FAILED", "FAILED"),
        ("FAILED", "FAILED", "FAILED"), ("KILLED", "KILLED", "KILLED"), ("KILLED", "UNDEFINED", "KILLED"),
        ("FINISHED", "UNDEFINED", "UNKNOWN"),
    ],
)  # fmt: skip
def test_yarns_states_in_our_words(state: str, final: str, message: str) -> None:
    seen = report(application_of(one(state=state, final=final)))
    assert seen.state == message
    assert seen.detail.startswith(state)


def test_a_running_application_tells_its_executors_and_pages() -> None:
    seen = report(application_of(one()))
    assert (seen.executors, seen.tracking_url) == (2, f"http://localhost:8088/proxy/{APP}/")
    assert (
        report(application_of(one(state="FINISHED", final="SUCCEEDED", runningContainers=-1))).executors
        is None
    )


def test_what_yarn_says_of_a_failure_stands_on_one_line() -> None:
    text = f"Application {APP} submitted by user root\n to unknown queue: nope"
    seen = report(application_of(one(state="FAILED", final="FAILED", diagnostics=text)))
    assert seen.detail == f"FAILED/FAILED: Application {APP} submitted by user root to unknown queue: nope"


ASKS = [{"numContainers": 2, "resourceName": "*"}, {"numContainers": 2, "resourceName": "node-1"}]


@pytest.mark.parametrize(
    ("seen", "free", "message"),
    [
        ({"state": "ACCEPTED", "diagnostics": EMPTY}, metrics(nodes=0), "no NodeManager is alive"),
        ({"state": "ACCEPTED", "diagnostics": EMPTY, "runningContainers": 0}, metrics(),
         "queue root.default: Application is added to the scheduler and is not yet activated"),
        ({"state": "SUBMITTED", "runningContainers": -1}, metrics(), "queue root.default: SUBMITTED"),
        ({"runningContainers": 1, "resourceRequests": ASKS}, metrics(),
         "any of 2 containers; in the whole cluster 512 MB and 4 cores are free"),
    ],
)  # fmt: skip
def test_an_application_is_told_what_it_lacks(seen: dict[str, Any], free: bytes, message: str) -> None:
    reason = shortage(application_of(one(**seen)), metrics_of(free))
    assert reason is not None
    assert message in reason


@pytest.mark.parametrize(
    "seen",
    [{"runningContainers": 1}, {"resourceRequests": ASKS}, {"state": "FINISHED", "final": "FAILED"},
     {"state": "ACCEPTED", "runningContainers": 1, "diagnostics": LAUNCHED}],
)  # fmt: skip
def test_an_application_that_lacks_nothing_waits_for_nothing(seen: dict[str, Any]) -> None:
    assert shortage(application_of(one(**seen)), metrics_of(metrics())) is None


@pytest.mark.parametrize("page", [b'{"apps":{}}', b'{"apps":null}', b'{"apps":{"app":[]}}'])
def test_no_application_of_a_tag(page: bytes) -> None:
    assert newest_of(page) is None


def test_the_last_application_of_a_tag_is_meant() -> None:
    page = {
        "apps": {"app": [app(id="b", startedTime=2), app(id="c", startedTime=3), app(id="a", startedTime=1)]}
    }
    newest = newest_of(json.dumps(page).encode())
    assert newest is not None
    assert newest.id == "c"


def test_a_tag_is_one_that_yarn_takes() -> None:
    assert tag("20261121T131107Z-My_Job-5129e26e") == "sparkjobs-20261121t131107z-my_job-5129e26e"
    assert len(tag("x" * 200)) == 100


def test_a_mark_stands_beside_the_tags_of_a_user(tmp_path: Path) -> None:
    mark = manager("http://h").mark("r1")
    assert run_settings({}, mark, tmp_path, "client")["spark.yarn.tags"] == "sparkjobs-r1"
    requested = run_settings({"spark.yarn.tags": "mine"}, mark, tmp_path, "cluster")
    assert requested["spark.yarn.tags"] == "mine,sparkjobs-r1"


def manager(*addresses: str) -> YarnManager:
    return YarnManager(Cluster(name="y", manager="yarn"), addresses, "etl")


def test_only_cluster_mode_tells_the_truth() -> None:
    assert manager().decides("cluster")
    assert not manager().decides("client")


def test_the_next_resource_manager_is_asked_when_one_is_silent() -> None:
    def standby(method: str, path: str, body: bytes) -> tuple[int, bytes]:
        return 503, b"There is no active RM right now"

    with served(standby) as first, served(lambda *_: (200, one())) as second:
        seen = manager(first, second).find("r1", APP)
    assert seen is not None
    assert seen.application_id == APP


def test_an_end_asks_for_the_state_killed_as_the_user_and_looks_again() -> None:
    requested: list[tuple[str, str, bytes]] = []

    def answer(method: str, path: str, body: bytes) -> tuple[int, bytes]:
        requested.append((method, path, body))
        if method == "PUT":
            return 202, b'{"state":"ACCEPTED"}'
        gone = any(request[0] == "PUT" for request in requested)
        return 200, one(state="KILLED", final="KILLED") if gone else one()

    with served(answer) as web:
        end = manager(web).end("r1", APP, 5)
    assert end.confirmed
    assert "KILLED/KILLED" in end.how
    put = next(request for request in requested if request[0] == "PUT")
    assert put[1] == f"/ws/v1/cluster/apps/{APP}/state?user.name=etl"
    assert json.loads(put[2]) == {"state": "KILLED"}


def test_an_end_that_is_refused_is_not_confirmed_and_says_why() -> None:
    def answer(method: str, path: str, body: bytes) -> tuple[int, bytes]:
        return (
            (403, b"The default static user cannot carry out this operation.")
            if method == "PUT"
            else (200, one())
        )

    with served(answer) as web:
        end = manager(web).end("r1", APP, 0.05)
    assert not end.confirmed
    assert "refuses to kill" in end.how
    assert "static user" in end.how


def test_an_application_that_never_was_needs_no_end() -> None:
    with served(lambda *_: (200, b'{"apps":{}}')) as web:
        assert manager(web).end("r1", None, 5).confirmed
    with served(lambda *_: (404, b"{}")) as web:
        assert manager(web).end("r1", APP, 5).confirmed


@pytest.mark.parametrize(("status", "page"), [(401, b"Kerberos"), (500, b""), (200, b"<html>")])
def test_silence_is_said_and_never_raised(status: int, page: bytes) -> None:
    with served(lambda *_: (status, page)) as web:
        silent = manager(web)
        assert silent.find("r1", None) is None
        seen = silent.find("r1", APP)
        assert silent.waiting(APP) is None
        end = silent.end("r1", APP, 5)
    assert seen is not None
    assert not seen.answered
    assert not end.confirmed
    assert web in end.how


def configured(folder: Path, **files: dict[str, str]) -> Path:
    for name, settings in files.items():
        entries = (f"<property><name>{k}</name><value>{v}</value></property>" for k, v in settings.items())
        (folder / f"{name}-site.xml").write_text(f"<configuration>{''.join(entries)}</configuration>")
    return folder


RM = "yarn.resourcemanager"


@pytest.mark.parametrize(
    ("settings", "addresses"),
    [
        ({}, ("http://127.0.0.1:8088",)),
        ({f"{RM}.hostname": "rm"}, ("http://rm:8088",)),
        ({f"{RM}.hostname": "rm", f"{RM}.webapp.address": "${yarn.resourcemanager.hostname}:80"}, ("http://rm:80",)),
        ({f"{RM}.hostname": "rm", f"{RM}.webapp.address": "0.0.0.0:8088"}, ("http://rm:8088",)),
        ({f"{RM}.hostname": "rm", "yarn.http.policy": "HTTPS_ONLY"}, ("https://rm:8090",)),
        ({f"{RM}.ha.enabled": "true", f"{RM}.ha.rm-ids": "rm1, rm2", f"{RM}.hostname.rm1": "a",
          f"{RM}.webapp.address.rm2": "b:99"}, ("http://a:8088", "http://b:99")),
    ],
)  # fmt: skip
def test_the_addresses_are_those_of_the_hadoop_configuration(
    tmp_path: Path, settings: dict[str, str], addresses: tuple[str, ...]
) -> None:
    assert resource_managers(read_configuration(configured(tmp_path, yarn=settings))) == addresses


def test_variables_may_come_from_the_other_file_and_a_circle_ends(tmp_path: Path) -> None:
    folder = configured(
        tmp_path, core={"host": "${a}"}, yarn={"a": "h", "x": "${host}:1", "y": "${y}", "z": "${no}"}
    )
    settings = read_configuration(folder)
    assert (settings["x"], settings["y"], settings["z"]) == ("h:1", "${y}", "${no}")


def test_a_folder_without_a_configuration_is_refused_by_name(tmp_path: Path) -> None:
    cluster = Cluster(name="y", manager="yarn", yarn=Yarn(hadoop_conf_dir=str(tmp_path)))
    with pytest.raises(UsageError, match=r"holds no yarn-site\.xml"):
        yarn_manager(cluster, {})
    (tmp_path / "yarn-site.xml").write_text("<configuration>")
    with pytest.raises(UsageError, match=r"yarn-site\.xml: "):
        yarn_manager(cluster, {})
    configured(tmp_path, yarn={f"{RM}.hostname": "rm"})
    assert yarn_manager(cluster, {"HADOOP_USER_NAME": "etl"}) == YarnManager(
        cluster, ("http://rm:8088",), "etl"
    )


LOGS = "http://node4:8042/node/containerlogs/container_1_0001_01_000001/anna"
# As a NodeManager of Hadoop 3.4.1 serves it.
SERVED = """Container: container_1_0001_01_000001 on node4:43175
LogAggregationType: LOCAL
====================================================================
LogType:stdout
LogLastModifiedTime:Thu Nov 26 14:55:18 +0000 2026
LogLength:284
LogContents:
said on stdout
ValueError: on purpose

End of LogType:stdout
***********************************************************************
"""


def test_where_a_drivers_log_is_served() -> None:
    seen = application_of(one(amContainerLogs=LOGS))
    expected = "http://node4:8042/ws/v1/node/containerlogs/container_1_0001_01_000001/stdout?size=-100"
    assert log_address(seen, "stdout", 100) == expected
    assert log_address(application_of(one()), "stdout", 100) is None
    assert log_address(application_of(one(amContainerLogs="http://elsewhere/")), "stdout", 100) is None


def test_a_log_comes_out_of_its_frame_and_another_page_is_none() -> None:
    assert log_contents(SERVED) == "said on stdout\nValueError: on purpose\n"
    assert log_contents("<html>moved</html>") == ""
