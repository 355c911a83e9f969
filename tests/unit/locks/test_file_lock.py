"""The lock of a local table: one holder, a token that grows, files that anybody may use."""

from __future__ import annotations

import os
import stat
import sys
from pathlib import Path

import pytest

from launcher.tables.locks import file_lock, mounts
from launcher.tables.locks.file_lock import FileLock, next_token
from launcher.tables.locks.lock import Locked, LockProblem
from launcher.tables.locks.mounts import network_kind
from sparkjobs.errors import EnvironmentProblem
from tests.unit.locks.people import ANNA


@pytest.fixture
def lock(tmp_path):
    return FileLock("/lake/t", tmp_path / "lake/.t.sparkjobs.lock")


def nobody(holder):
    raise AssertionError(f"{holder} gave its lock back")


def test_the_second_is_told_who_is_first(lock):
    held = lock.acquire(ANNA, nobody)
    with pytest.raises(Locked) as caught:
        lock.acquire(ANNA, nobody)
    assert caught.value.holder == ANNA
    held.release()
    lock.acquire(ANNA, nobody).release()


def test_the_token_grows_with_every_holder(lock):
    tokens = []
    for _ in range(3):
        held = lock.acquire(ANNA, nobody)
        tokens.append(held.token)
        held.release()
        held.release()
    assert tokens == [1, 2, 3]


def test_what_is_noted_is_what_others_read(lock):
    import msgspec

    held = lock.acquire(ANNA, nobody)
    more = msgspec.structs.replace(ANNA, application_id="app-1")
    held.note(more)
    held.note(ANNA)  # shorter: nothing of the longer one stays
    held.renew()
    held.note(more)
    with pytest.raises(Locked) as caught:
        lock.acquire(ANNA, nobody)
    assert caught.value.holder == more
    held.release()


def test_a_holder_that_died_is_asked_for(lock):
    died = lock.acquire(ANNA, nobody)
    os.close(died.inherit[0])  # as the kernel does for a killed process
    with pytest.raises(Locked) as caught:
        lock.acquire(ANNA, lambda holder: holder == ANNA)
    assert "its launcher is gone" in caught.value.message
    assert lock.acquire(ANNA, lambda holder: False).token == 2


def test_a_child_keeps_the_lock_when_its_parent_has_gone(lock):
    import subprocess

    held = lock.acquire(ANNA, nobody)
    child = subprocess.Popen(
        [sys.executable, "-c", "import sys; sys.stdin.read()"], stdin=subprocess.PIPE, pass_fds=held.inherit
    )
    try:
        os.close(held.inherit[0])
        with pytest.raises(Locked) as caught:
            lock.acquire(ANNA, nobody)
        assert caught.value.holder == ANNA
    finally:
        child.communicate()
    assert lock.acquire(ANNA, lambda holder: False).token == 2


def test_the_files_are_for_everybody(lock, tmp_path):
    before = os.umask(0o077)
    try:
        lock.acquire(ANNA, nobody).release()
    finally:
        os.umask(before)
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in (tmp_path / "lake").iterdir()}
    assert modes == {".t.sparkjobs.lock": 0o666, ".t.sparkjobs.token": 0o666}


def test_whether_a_lock_was_ever_taken(lock):
    assert not lock.was_taken()
    lock.acquire(ANNA, nobody).release()
    assert lock.was_taken()


@pytest.mark.parametrize("kind", ["link", "pipe", "folder"])
def test_what_is_no_lock_file_is_refused_and_left_alone(lock, tmp_path, kind):
    (tmp_path / "lake").mkdir()
    (tmp_path / "precious").write_text("mine")
    path = tmp_path / "lake/.t.sparkjobs.lock"
    if kind == "link":
        path.symlink_to(tmp_path / "precious")
    elif kind == "pipe":
        os.mkfifo(path)
    else:
        path.mkdir()
    with pytest.raises(LockProblem, match=r"\.t\.sparkjobs\.lock"):
        lock.acquire(ANNA, nobody)
    assert (tmp_path / "precious").read_text() == "mine"


def test_a_folder_that_cannot_be_made_is_told(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(LockProblem) as caught:
        FileLock("/lake/t", tmp_path / "file/.t.sparkjobs.lock").acquire(ANNA, nobody)
    assert caught.value.exit_code == 3
    assert "Not a directory" in caught.value.message or "File exists" in caught.value.message


@pytest.mark.parametrize("content", ["", "abc", "-1", "1.5"])
def test_a_damaged_counter_starts_over(tmp_path, content):
    path = tmp_path / "t.token"
    path.write_text(content)
    assert [next_token(path), next_token(path)] == [1, 2]
    assert path.read_text() == "0000000002\n"


def test_a_counter_that_cannot_be_written_leaves_the_lock_free(lock, tmp_path, monkeypatch):
    def full(path: Path) -> int:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(file_lock, "next_token", full)
        with pytest.raises(LockProblem, match="No space left on device"):
            lock.acquire(ANNA, nobody)
    assert lock.acquire(ANNA, lambda holder: False).token == 1


MOUNTS = [
    ("/", "ext4"),
    ("/home", "nfs4"),
    ("/home/anna/disk", "xfs"),
    ("/mnt/s3", "fuse.s3fs"),
    ("/data", "nfs"),
    ("/data", "ext4"),
    ("/bind", "fuseblk"),
]


@pytest.mark.parametrize(
    ("folder", "kind"),
    [
        ("/lake", None),
        ("/home/anna/lake", "nfs4"),
        ("/homes/anna", None),
        ("/home/anna/disk/lake", None),
        ("/mnt/s3", "fuse.s3fs"),
        ("/data/lake", None),
        ("/bind/x", None),
    ],
)
def test_the_innermost_and_latest_mount_decides(folder, kind):
    assert network_kind(folder, MOUNTS) == kind


def test_a_network_file_system_is_refused(lock, tmp_path, monkeypatch):
    monkeypatch.setattr(mounts, "mounted", lambda: [("/", "ext4"), (str(tmp_path), "nfs4")])
    with pytest.raises(EnvironmentProblem) as caught:
        lock.acquire(ANNA, nobody)
    assert "nfs4" in caught.value.message
    assert "redis://" in caught.value.hint


def test_this_machine_s_mounts_are_read():
    assert "/" in [point for point, _ in mounts.mounted()]
