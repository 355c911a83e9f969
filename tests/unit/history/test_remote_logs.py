"""Event logs in HDFS, over a small server of our own that speaks WebHDFS."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from launcher.records.history.access import Access
from launcher.records.history.log_source import parts_of_application, read_trace_at
from launcher.records.history.parts import log_of
from launcher.records.history.read_trace import trace_of
from launcher.records.history.remote.namenodes import namenodes
from sparkjobs.errors import DataError
from tests.unit.history.packing import in_frames
from tests.unit.history.stand_in import NameNode, serving
from tests.unit.history.test_read_trace import LOG, TASKS, launches

FOLDER = "/spark history/logs"
LINES = LOG.splitlines(keepends=True)


@pytest.fixture
def node() -> Iterator[NameNode]:
    """A NameNode with a log of each kind."""
    files = {
        f"{FOLDER}/app-1": LOG,
        f"{FOLDER}/app-2.zstd": in_frames(LOG),
        f"{FOLDER}/eventlog_v2_app-3/events_1_app-3": b"".join(LINES[:9]),
        f"{FOLDER}/eventlog_v2_app-3/events_2_app-3": b"".join(LINES[9:]),
        f"{FOLDER}/eventlog_v2_app-3/appstatus_app-3": b"",
        f"{FOLDER}/app-4.compact": LOG,
    }
    with serving(NameNode(files)) as found:
        yield found


def access(*nodes: str) -> Access:
    return Access({"HADOOP_USER_NAME": "reader"}, nodes)


def closed_port() -> str:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{one.getsockname()[1]}"


@pytest.mark.parametrize("name", ["app-1", "app-2.zstd", "eventlog_v2_app-3"])
def test_logs_in_hdfs_are_read_by_webhdfs(name: str, node: NameNode) -> None:
    found = read_trace_at(f"hdfs://names:8020{FOLDER}/{name}", access(node.address))
    assert launches(found) == [1_000 + n for n in range(TASKS)]
    assert found.lost.why == ()
    assert {user for _, _, user in node.asked} == {"reader"}


def test_the_log_of_an_application_is_found_among_others(node: NameNode) -> None:
    for name in ("app-1", "app-3"):
        parts = parts_of_application(f"hdfs://{FOLDER}", name, access(node.address))
        assert parts is not None
        assert len(launches(trace_of(parts, name))) == TASKS
    assert parts_of_application(f"hdfs://{FOLDER}", "app-9", access(node.address)) is None
    assert parts_of_application("hdfs:///none", "app-1", access(node.address)) is None


def test_a_namenode_that_stands_by_or_is_down_passes_on_to_the_next(node: NameNode) -> None:
    with serving(NameNode(refusal=(403, "StandbyException"))) as standby:
        both = access(closed_port(), standby.address, node.address)
        assert len(launches(read_trace_at(f"hdfs://names{FOLDER}/app-1", both))) == TASKS
        # It asks the active one first from then on.
        assert len(standby.asked) == 1


def test_nobody_active_is_an_error_that_names_each(node: NameNode) -> None:
    node.refusal = (403, "StandbyException")
    down = closed_port()
    with pytest.raises(DataError, match="no NameNode gives it") as told:
        read_trace_at(f"hdfs://names{FOLDER}/app-1", access(down, node.address))
    assert f"{node.address}: StandbyException" in told.value.args[0]
    assert down in told.value.args[0]


@pytest.mark.parametrize(
    ("refusal", "message"),
    [
        ((401, "AuthenticationException"), "Kerberos"),
        ((403, "AccessControlException"), "AccessControlException of HDFS"),
    ],
)
def test_refusals_are_named(refusal: tuple[int, str], message: str, node: NameNode) -> None:
    node.refusal = refusal
    with pytest.raises(DataError, match=message) as told:
        read_trace_at(f"hdfs://names{FOLDER}/app-1", access(node.address))
    assert told.value.hint


def test_what_is_not_there_and_what_was_compacted(node: NameNode) -> None:
    with pytest.raises(DataError, match="app-9: there is no such file"):
        read_trace_at(f"hdfs://names{FOLDER}/app-9", access(node.address))
    with pytest.raises(DataError, match="compacted event log"):
        read_trace_at(f"hdfs://names{FOLDER}/app-4.compact", access(node.address))


def test_a_connection_that_breaks_is_taken_up_where_it_broke(node: NameNode) -> None:
    node.cut_after = 3_000
    found = read_trace_at(f"hdfs://names{FOLDER}/app-1", access(node.address))
    assert launches(found) == [1_000 + n for n in range(TASKS)]


def test_the_address_comes_from_the_configuration(node: NameNode, tmp_path: Path) -> None:
    address = node.address.removeprefix("http://")
    properties = {"fs.defaultFS": "hdfs://names:8020", "dfs.namenode.http-address": address}
    written = "".join(
        f"<property><name>{key}</name><value>{value}</value></property>" for key, value in properties.items()
    )
    (tmp_path / "hdfs-site.xml").write_text(f"<configuration>{written}</configuration>")
    for found in (Access({}, (), str(tmp_path)), Access({"HADOOP_CONF_DIR": str(tmp_path)})):
        assert read_trace_at(f"hdfs://{FOLDER}/app-1", found).name == "daily"


HA = {
    "fs.defaultFS": "hdfs://ns",
    "dfs.ha.namenodes.ns": "a, b",
    "dfs.namenode.http-address.ns.a": "one:9870",
    "dfs.namenode.http-address.ns.b": "two:50070",
}


@pytest.mark.parametrize(
    ("address", "settings", "found"),
    [
        ("hdfs://names:8020/x", {}, ("http://names:9870",)),
        ("hdfs://names/x", {"dfs.namenode.http-address": "0.0.0.0:50070"}, ("http://names:50070",)),
        ("hdfs:///x", {"fs.defaultFS": "hdfs://n1:9000"}, ("http://n1:9870",)),
        ("hdfs:///x", HA, ("http://one:9870", "http://two:50070")),
        ("hdfs://ns/x", HA, ("http://one:9870", "http://two:50070")),
        ("hdfs://other:8020/x", HA, ("http://other:9870",)),
        ("hdfs://f/x", {"dfs.namenode.http-address.f": "three:1"}, ("http://three:1",)),
        ("hdfs://n/x", {"dfs.http.policy": "HTTPS_ONLY"}, ("https://n:9871",)),
        (
            "hdfs://n/x",
            {"dfs.http.policy": "HTTPS_ONLY", "dfs.namenode.https-address": "s:2"},
            ("https://s:2",),
        ),
    ],
)
def test_web_addresses_of_namenodes(address: str, settings: dict[str, str], found: tuple[str, ...]) -> None:
    assert namenodes(address, settings) == found


def test_what_the_configuration_lacks_is_named() -> None:
    with pytest.raises(DataError, match="which NameNode"):
        namenodes("hdfs:///x", {})
    with pytest.raises(DataError, match=r"lacks dfs\.namenode\.http-address\.ns\.a"):
        namenodes("hdfs://ns/x", {"dfs.ha.namenodes.ns": "a"})
    with pytest.raises(DataError, match="Kerberos"):
        namenodes("hdfs://n/x", {"hadoop.security.authentication": "kerberos"})


def test_names_of_logs() -> None:
    names = [
        "app-1",
        "local-2.inprogress",
        "eventlog_v2_application_1_0001_2",
        "application_1_0001_10.zstd",
        "app-12",
    ]
    assert log_of("app-1", names) == "app-1"
    assert log_of("local-2", names) == "local-2.inprogress"
    assert log_of("application_1_0001", names) == "application_1_0001_10.zstd"
    assert log_of("app-3", names) is None
    assert log_of("Spark:App.1", ["spark-app_1"]) == "spark-app_1"
