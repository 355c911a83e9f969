"""The verbs of sparkjob table that write take the table's lock, and those that look do not."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import threading

import pytest
from deltalake import DeltaTable

from launcher.cli.root import main
from launcher.spec.cluster import Cluster
from launcher.tables import changes
from launcher.tables.locks.holder import this_process
from launcher.tables.locks.lease import Lost
from launcher.tables.locks.lock import LockLost
from launcher.tables.locks.table_locks import LockRules, hold, locks_of
from launcher.tables.table_lock import Guard, Locking
from sparkjobs.tables.opening import place_of
from tests.unit.launcher.test_table import commit

LOCAL = Cluster(name="laptop", manager="local")


@pytest.fixture
def table(tmp_path):
    path = tmp_path / "lake/t"
    path.parent.mkdir()
    commit(path, [0, 1])
    commit(path, [2])
    return path


@pytest.fixture
def call(capsys):
    def run(*arguments):
        with pytest.raises(SystemExit) as exit_:
            main(["table", *map(str, arguments)])
        out, err = capsys.readouterr()
        return exit_.value.code, out, err

    return run


@contextlib.contextmanager
def run_writing(path):
    """A run that holds the table."""
    locks = locks_of([str(path)], LockRules(), os.environ)
    held = hold(
        locks, this_process("20260131T050000Z-wordcount-1a2b3c4d", "wordcount"), lambda died: False, print
    )
    try:
        yield held
    finally:
        held.release()


WRITING = [("tag", "x"), ("restore", "--version", "0"), ("optimize",), ("vacuum", "--yes")]
LOOKING = [("show",), ("history",), ("files",), ("read",), ("vacuum",)]


@pytest.mark.parametrize("verb", WRITING, ids=lambda verb: verb[0])
def test_a_table_that_a_run_writes_is_not_changed(call, table, verb):
    with run_writing(table):
        code, out, err = call(verb[0], table, *verb[1:])
    assert (code, out) == (5, "")
    assert "locked by run 20260131T050000Z-wordcount-1a2b3c4d on " in err
    assert DeltaTable(str(table)).version() == 1
    assert call(verb[0], table, *verb[1:])[0] == 0


@pytest.mark.parametrize("verb", LOOKING, ids=lambda verb: verb[0])
def test_looking_needs_no_lock(call, table, verb):
    with run_writing(table):
        assert call(verb[0], table, *verb[1:])[0] == 0
    assert call(verb[0], table, *verb[1:])[0] == 0


def test_looking_leaves_no_lock_file(call, table):
    for verb in LOOKING:
        call(verb[0], table, *verb[1:])
    assert [path.name for path in table.parent.iterdir()] == ["t"]


def test_a_table_of_a_job_with_several_is_locked_with_its_folder(call, table):
    with run_writing(table.parent):
        assert call("tag", table, "x")[0] == 5
    assert call("tag", table, "x")[0] == 0


@pytest.mark.parametrize("end", ["_quarantine", "_late"])
def test_the_rows_beside_an_output_are_locked_with_it(call, table, end):
    beside = table.with_name(f"t{end}")
    commit(beside, [0])
    assert call("tag", beside, "x")[0] == 0
    with run_writing(table):
        assert call("tag", beside, "y")[0] == 5
    assert call("tag", beside, "y")[0] == 0


def test_a_table_that_no_job_writes_rows_beside_needs_its_own_lock_alone(call, table):
    for name in ("_late", "t_later", "t_late_"):
        commit(table.with_name(name), [0])
        with run_writing(table):
            assert call("tag", table.with_name(name), "x")[0] == 0


def test_a_wrong_path_makes_no_lock(call, tmp_path):
    assert call("tag", tmp_path / "none/t", "x")[0] == 2
    assert list(tmp_path.iterdir()) == []


def test_waiting_for_a_run_that_ends(call, table):
    with run_writing(table) as held:
        timer = threading.Timer(0.1, held.release)
        timer.start()
        code, _, err = call("tag", table, "x", "--lock-wait", "60")
        timer.join()
    assert code == 0, err


def test_the_commit_carries_the_token(call, table):
    for name in ("a", "b"):
        assert call("tag", table, name)[0] == 0
    history = DeltaTable(str(table)).history(2)
    assert [json.loads(row["userMetadata"])["token"] for row in history] == [2, 1]


def test_the_target_says_where_locks_are(call, table, tmp_path):
    profile = tmp_path / "etl.yaml"
    profile.write_text(f"manager: local\nlock: file://{tmp_path}/locks\n")
    with run_writing(table):
        assert call("tag", table, "x", "--target", profile)[0] == 0
    assert len(list((tmp_path / "locks").glob("t-*.lock"))) == 1


def test_a_change_without_its_lock_is_not_made(table):
    place = place_of(str(table), os.environ)

    class LosesIt(Locking):
        @contextlib.contextmanager
        def hold(self, table, run_id, verb):
            guard = Guard()
            guard.tell(Lost("taken over by run r2"))
            yield guard

    with pytest.raises(LockLost, match="nothing was changed: taken over by run r2"):
        changes.tag(place, "x", None, move=False, locking=LosesIt(LOCAL, os.environ))
    assert DeltaTable(str(table)).version() == 1


@pytest.mark.parametrize(
    ("number", "code"), [(signal.SIGTERM, 143), (signal.SIGINT, 130), (signal.SIGHUP, 129)]
)
def test_a_signal_gives_the_lock_back(call, table, monkeypatch, number, code):
    def stopped(*_):
        os.kill(os.getpid(), number)

    with monkeypatch.context() as patch:
        patch.setattr(changes, "refuse_incomplete", stopped)
        assert call("tag", table, "x")[0] == code
    lock = table.parent / ".t.sparkjobs.lock"
    assert lock.read_bytes() == b""
    assert call("tag", table, "x")[0] == 0
