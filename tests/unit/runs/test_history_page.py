"""Which event logs ``sparkjob ui`` shows."""

from __future__ import annotations

import pytest

from launcher.cli.local_cluster.history_page import NoEventLog, event_logs
from launcher.records.record import Record, State
from launcher.records.store import RunFolder


@pytest.fixture
def folder(tmp_path):
    found = RunFolder(tmp_path / "r1")
    found.event_log.mkdir(parents=True)
    return found


def record(**facts) -> Record:
    return Record("r1", "daily", "laptop", "local", State.SUCCEEDED, "h", "l", **facts)


def test_a_run_has_its_own(folder):
    log = folder.event_log / "local-1"
    log.touch()
    assert event_logs(folder, record(application_id="local-1")) == [log]


@pytest.mark.parametrize("name", ["app-1", "app-1.inprogress", "app-1.zstd", "eventlog_v2_app-1"])
def test_among_the_logs_of_others_it_is_known_by_its_application(folder, tmp_path, name):
    shared = tmp_path / "all logs"
    shared.mkdir()
    for other in (name, "app-11", "app-2", "eventlog_v2_app-12"):
        (shared / other).touch()
    told = record(application_id="app-1", event_log=shared.as_uri())
    assert event_logs(folder, told) == [shared / name]


@pytest.mark.parametrize(
    ("facts", "message"),
    [
        ({}, "r1 has no event log"),
        ({"event_log": "file:///no/such"}, "r1 has no event log"),
        ({"event_log": "file:///no/such", "application_id": "a"}, "r1 has no event log"),
        ({"event_log": "hdfs:///logs", "application_id": "a"}, "the event log of r1 lies in hdfs:///logs"),
    ],
)
def test_without_one_it_is_said(folder, facts, message):
    with pytest.raises(NoEventLog) as caught:
        event_logs(folder, record(**facts))
    assert caught.value.message == message
    assert caught.value.exit_code == 2
    assert caught.value.hint
