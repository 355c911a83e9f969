"""The folders of runs: what a crash leaves can be read."""

from __future__ import annotations

import os
import shutil
import stat

import msgspec
import pytest

from launcher.records.record import Process, Record, State, Transition, origin
from launcher.records.store import RunFolder, Store
from sparkjobs.errors import DataError, UsageError


def record(run_id: str, state: State = State.PLANNED) -> Record:
    return Record(
        run_id=run_id, job="wordcount", target="laptop", manager="local", state=state, host="h", log="l"
    )


@pytest.fixture
def store(tmp_path) -> Store:
    return Store(tmp_path / "runs")


def made(store: Store, run_id: str, state: State = State.PLANNED) -> RunFolder:
    folder = store.folder(run_id)
    folder.create(record(run_id, state))
    return folder


def test_a_new_run_is_readable_by_its_owner_alone(store):
    folder = made(store, "20260101T000000Z-wordcount-1")
    assert stat.S_IMODE(folder.path.stat().st_mode) == 0o700
    assert stat.S_IMODE((folder.path / "record.json").stat().st_mode) == 0o600
    assert folder.read() == record(folder.run_id)


def test_the_events_bring_an_old_record_up_to_date(store):
    folder = made(store, "20260101T000000Z-wordcount-1")
    folder.append(Transition("2026-01-01T00:00:01Z", State.LOCKED, facts={"token": 3}))
    folder.append(
        Transition("2026-01-01T00:00:02Z", State.SUBMITTED, facts={"child": {"pid": 7, "started_s": 1.5}})
    )
    read = folder.read()
    assert (read.state, read.token, read.child) == (State.SUBMITTED, 3, Process(7, 1.5))
    assert read.times == {"LOCKED": "2026-01-01T00:00:01Z", "SUBMITTED": "2026-01-01T00:00:02Z"}


def test_a_line_that_a_crash_cut_short_is_left_out(store):
    folder = made(store, "20260101T000000Z-wordcount-1")
    folder.append(Transition("2026-01-01T00:00:01Z", State.LOCKED))
    with (folder.path / "events.jsonl").open("ab") as stream:
        stream.write(b'{"ts":"2026-01-01T00:00:02Z","sta')
    assert folder.read().state is State.LOCKED


def test_what_is_written_after_a_torn_line_is_read(store):
    folder = made(store, "20260101T000000Z-wordcount-1")
    with (folder.path / "events.jsonl").open("ab") as stream:
        stream.write(b'{"ts":"2026-01-01T00:00:02Z","sta')
    folder.append(Transition("2026-01-01T00:00:03Z", State.LOST))
    folder.append(Transition("2026-01-01T00:00:04Z", State.LOST, facts={"exit_code": 4}))
    assert (folder.read().state, folder.read().exit_code) == (State.LOST, 4)


def test_a_run_that_somebody_else_prunes_meanwhile_stands_in_nobodys_way(store, monkeypatch):
    made(store, "20260101T000000Z-wordcount-1", State.FAILED)
    remove = shutil.rmtree

    def twice(path, *given, **named):
        remove(path)
        remove(path, *given, **named)

    monkeypatch.setattr(shutil, "rmtree", twice)
    store.prune("20270101")
    assert list(store.all()) == []


def test_what_is_no_run_though_it_is_called_like_one_stands_in_nobodys_way(store):
    store.root.mkdir(parents=True)
    (store.root / "20260101T000000Z-a-1").write_text("a file")
    (store.root / "20260101T000000Z-b-2").symlink_to(store.root / "nowhere")
    ended = made(store, "20260102T000000Z-wordcount-3", State.SUCCEEDED)
    assert store.prune("20260103") == [ended.run_id]
    assert list(store.all()) == []


def test_a_broken_run_that_goes_while_it_is_looked_at_stands_in_nobodys_way(store, monkeypatch):
    folder = made(store, "20260101T000000Z-wordcount-1")
    read = RunFolder.read_or_none
    monkeypatch.setattr(RunFolder, "read_or_none", lambda run: (shutil.rmtree(run.path), read(run))[1])
    assert store.prune("20270101") == []
    assert not folder.path.exists()


def test_runs_are_found_by_id_prefix_and_last(store):
    first, second = made(store, "20260101T000000Z-wordcount-1"), made(store, "20260102T000000Z-wordcount-2")
    assert store.find(first.run_id) == first
    assert store.find("20260102") == second
    assert store.find("last") == second
    with pytest.raises(UsageError, match="fits 2 runs"):
        store.find("2026")
    with pytest.raises(UsageError, match="no run is called 'x'"):
        store.find("x")


def test_pruning_takes_what_ended_before_and_leaves_what_runs(store):
    ended = made(store, "20260101T000000Z-wordcount-1", State.SUCCEEDED)
    runs = made(store, "20260102T000000Z-wordcount-2", State.RUNNING)
    young = made(store, "20260105T000000Z-wordcount-3", State.FAILED)
    assert store.prune("20260103") == [ended.run_id]
    assert [folder.run_id for folder in store.all()] == [young.run_id, runs.run_id]


def test_a_write_that_fails_leaves_the_old_record(store, monkeypatch):
    folder = made(store, "20260101T000000Z-wordcount-1")

    def full(_handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(OSError, match="No space left"):
        folder.write(record(folder.run_id, State.FAILED))
    monkeypatch.undo()
    assert folder.read().state is State.PLANNED
    assert not list(folder.path.glob(".record.json.*"))


def test_a_record_that_cannot_be_read_is_named_and_stands_in_nobodys_way(store):
    broken = made(store, "20260101T000000Z-wordcount-1", State.SUCCEEDED)
    good = made(store, "20260102T000000Z-wordcount-2", State.SUCCEEDED)
    (broken.path / "record.json").write_text("{")
    with pytest.raises(DataError, match=broken.run_id):
        broken.read()
    assert broken.read_or_none() is None
    assert store.prune("20260103") == [good.run_id]


def test_runs_of_the_same_second_are_told_apart_by_their_first_event(store):
    for run_id, moment in (("20260101T000000Z-a-f", "00.100"), ("20260101T000000Z-b-0", "00.900")):
        made(store, run_id).append(Transition(f"2026-01-01T00:00:{moment}Z", State.PLANNED))
    assert store.find("last").run_id == "20260101T000000Z-b-0"


@pytest.mark.parametrize(
    ("state", "outcome"),
    [
        (State.REFUSED, "REFUSED"),
        (State.FAILED, "FAILED"),
        (State.CANCELLED, "FAILED"),
        (State.LOST, "FAILED"),
    ],
)
def test_a_run_that_has_ended_has_an_outcome(store, state, outcome):
    folder = made(store, "20260101T000000Z-wordcount-1")
    folder.append(Transition("2026-01-01T00:00:01Z", state))
    assert folder.read().outcome == outcome


BROKEN = ["{", "", '{"run_id": 5}', "\udcff", "[" * 100_000]


def break_record(folder: RunFolder, content: str | None) -> None:
    path = folder.path / "record.json"
    path.unlink() if content is None else path.write_bytes(content.encode("utf-8", "surrogateescape"))


@pytest.mark.parametrize("content", [*BROKEN, None])
def test_a_broken_record_is_made_again_from_the_events(store, content):
    folder = made(store, "20260101T000000Z-word-count-1a2b3c4d")
    facts = origin(msgspec.structs.replace(folder.read(), interval="2026-01-31"))
    folder.append(Transition("2026-01-01T00:00:00Z", State.PLANNED, facts=facts))
    folder.append(Transition("2026-01-01T00:00:02Z", State.FAILED, "no more", {"exit_code": 1}))
    break_record(folder, content)
    read = folder.read()
    assert (read.job, read.target, read.manager, read.host) == ("wordcount", "laptop", "local", "h")
    assert (read.state, read.exit_code, read.interval) == (State.FAILED, 1, "2026-01-31")
    assert read.because == "its record was broken and is made from its events; no more"
    assert list(store.all()) == [folder]
    assert folder.brief().state is State.FAILED
    assert store.prune("20260103") == [folder.run_id]


def test_of_an_older_version_s_run_the_id_tells_the_job(store):
    folder = made(store, "20260101T000000Z-word-count-1a2b3c4d")
    folder.append(Transition("2026-01-01T00:00:02Z", State.RUNNING))
    break_record(folder, "")
    assert (folder.read().job, folder.read().state) == ("word-count", State.RUNNING)


@pytest.mark.parametrize("content", BROKEN)
def test_a_run_of_which_nothing_can_be_told_is_listed_and_goes_when_it_is_old(store, content):
    folder = made(store, "20260101T000000Z-wordcount-1")
    break_record(folder, content)
    assert list(store.all()) == [folder]
    assert store.prune("20260103") == []  # written to just now
    for path in (*folder.path.iterdir(), folder.path):
        os.utime(path, (1, 1))
    assert store.prune("20260103") == [folder.run_id]


def test_what_is_no_run_is_none(store):
    made(store, "20260101T000000Z-wordcount-1")
    (store.root / "notes.txt").write_text("")
    (store.root / "20260102T000000Z-empty-1").mkdir()
    assert [run.run_id for run in store.all()] == ["20260101T000000Z-wordcount-1"]
    assert store.find("last").run_id == "20260101T000000Z-wordcount-1"


def test_nothing_is_read_of_runs_that_are_not_asked_for(store, monkeypatch):
    for day in range(1, 9):
        made(store, f"2026010{day}T000000Z-wordcount-1")
    read = []
    monkeypatch.setattr(RunFolder, "read", lambda folder: read.append(folder.run_id))
    newest = next(iter(store.all()))
    assert (newest.run_id, read) == ("20260108T000000Z-wordcount-1", [])
    assert len(list(store.all("20260105T000000Z"))) == 4
