"""A run's event log is read back when it has ended; no trouble with it changes how the run ended."""

from __future__ import annotations

from pathlib import Path

import pytest
from msgspec import structs

from launcher.records.history import kept_files, kept_trace
from launcher.records.history.access import Access, access_of
from launcher.records.history.kept_files import read_facts, read_kept_trace
from launcher.records.history.read_trace import read_trace
from launcher.records.record import Record, State
from launcher.records.store import RunFolder
from launcher.runs.kept_history import History, keep_history
from launcher.spec.cluster import Cluster, Yarn
from sparkjobs.errors import DataError
from tests.unit.history.made import END, environment
from tests.unit.history.stand_in import NameNode, serving
from tests.unit.history.test_read_trace import LOG, TASKS


@pytest.fixture
def folder(tmp_path: Path) -> RunFolder:
    """The folder of a run."""
    found = RunFolder(tmp_path / "20260101T000000Z-daily-1")
    found.create(record())
    return found


def record(event_log: str | None = None) -> Record:
    return Record(
        run_id="20260101T000000Z-daily-1", job="daily", target="t", manager="yarn", state=State.RUNNING,
        host="h", log="l", event_log=event_log,
    )  # fmt: skip


def own_log(folder: RunFolder, data: bytes = LOG) -> Path:
    path = folder.event_log / "app-1"
    path.parent.mkdir()
    path.write_bytes(data)
    return path


def kept_tasks(folder: RunFolder) -> int:
    facts = read_facts(folder)
    return -1 if facts is None else facts.tasks


def test_the_runs_own_log_gives_totals_facts_and_trace(folder: RunFolder) -> None:
    path = own_log(folder)
    history = keep_history(folder, record(), None, Access({}))
    assert history.totals is not None
    assert (history.totals.tasks, history.warnings, kept_tasks(folder)) == (TASKS, (), TASKS)
    assert read_kept_trace(folder) == read_trace(path)


def test_a_log_in_hdfs_is_read_back(folder: RunFolder) -> None:
    with serving(NameNode({"/logs/app-1": LOG})) as node:
        cluster = Cluster(name="c", manager="yarn", webhdfs=(node.address,), yarn=Yarn(hadoop_conf_dir="/x"))
        history = keep_history(folder, record("hdfs:///logs"), "app-1", access_of(cluster, {}))
        assert (history.totals and history.totals.tasks, kept_tasks(folder)) == (TASKS, TASKS)
        missing = keep_history(folder, record("hdfs:///logs"), "app-2", access_of(cluster, {}))
    assert missing == History(warnings=("no event log of app-2 lies in hdfs:///logs",))


def test_a_log_in_a_shared_folder_is_found_by_its_application(folder: RunFolder, tmp_path: Path) -> None:
    (tmp_path / "logs").mkdir()
    (tmp_path / "logs" / "app-1").write_bytes(LOG)
    where = (tmp_path / "logs").as_uri()
    assert keep_history(folder, record(where), "app-2", Access({})) == History()
    assert keep_history(folder, record(where), "app-1", Access({})).totals is not None


def test_a_run_without_a_log_has_no_history(folder: RunFolder) -> None:
    assert keep_history(folder, record(), "app-1", Access({})) == History()
    assert keep_history(folder, record("hdfs:///logs"), None, Access({})) == History()
    assert (read_facts(folder), read_kept_trace(folder)) == (None, None)


def test_a_store_that_does_not_answer_is_a_warning(folder: RunFolder) -> None:
    history = keep_history(folder, record("hdfs:///logs"), "app-1", Access({}))
    assert history.totals is None
    assert history.warnings[0].startswith("its event log was not read back: hdfs:///logs: nothing tells")


def test_facts_that_cannot_be_kept_leave_the_totals(
    folder: RunFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    own_log(folder)

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(kept_files, "replace_file", full)
    history = keep_history(folder, record(), None, Access({}))
    assert history.totals is not None
    assert "No space left" in history.warnings[0]


def test_too_many_tasks_keep_the_facts_alone_and_say_so(
    folder: RunFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    own_log(folder)
    assert keep_history(folder, record(), None, Access({})).warnings == ()
    monkeypatch.setattr(kept_trace, "MOST_TASKS", 3)
    assert "name its event log" in keep_history(folder, record(), None, Access({})).warnings[0]
    assert kept_tasks(folder) == TASKS
    assert read_kept_trace(folder) is None


def test_no_secret_is_kept(folder: RunFolder) -> None:
    secret = environment(hadoop_fs_s3a_secret_key="geheim").encode()
    data = LOG.replace(environment().encode(), secret).replace(b"daily", b"AWS_SECRET_KEY=geheim")
    assert data.count(b"geheim") == 2
    own_log(folder, data)
    keep_history(folder, record(), None, Access({}))
    assert b"geheim" not in folder.facts.read_bytes()
    assert "geheim" not in str(read_kept_trace(folder))


def test_broken_files_are_told_and_those_of_later_versions_are_no_facts(folder: RunFolder) -> None:
    own_log(folder, LOG + END.encode())
    keep_history(folder, record(), None, Access({}))
    folder.trace.write_bytes(b"x")
    with pytest.raises(DataError, match=r"trace\.zst: the kept trace cannot be read"):
        read_kept_trace(folder)
    folder.facts.write_bytes(folder.facts.read_bytes().replace(b'"v":1', b'"v":2'))
    assert read_facts(folder) is None


def test_a_log_of_local_mode_is_found_by_the_mark_in_its_settings(folder: RunFolder, tmp_path: Path) -> None:
    begun_ms = 1_767_225_600_000  # 2026-01-01T00:00:00Z
    logs = tmp_path / "logs"
    logs.mkdir()
    marked = environment(sparkjobs_run=folder.run_id).encode()
    own = LOG.replace(environment().encode(), marked)
    for name, data in (
        (f"local-{begun_ms + 9_000}", LOG),
        (f"local-{begun_ms + 2_000}", own),
        ("app-1", own),
    ):
        (logs / name).write_bytes(data)
    times = {"SUBMITTED": "2026-01-01T00:00:01.000Z"}
    written = structs.replace(record(logs.as_uri()), manager="local", times=times)
    history = keep_history(folder, written, None, Access({}))
    assert history.totals is not None
    assert history.totals.tasks == TASKS
    late = structs.replace(written, times={"SUBMITTED": "2026-01-01T00:00:05.000Z"})
    assert keep_history(folder, late, None, Access({})) == History()
