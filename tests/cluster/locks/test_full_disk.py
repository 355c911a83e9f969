"""A disk that is full: a clean error, and the lock is free when there is room again."""

from __future__ import annotations

import contextlib
import os
import resource
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from launcher.tables.locks.lock import LockProblem
from tests.cluster.locks.backend import APART, Backend


@contextlib.contextmanager
def small_disk(folder: Path) -> Iterator[Path]:
    """A file system of a few pages."""
    folder.mkdir()
    if os.geteuid() != 0 or not sys.platform.startswith("linux"):
        pytest.skip("only root may mount a small disk, on Linux")
    done = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(folder)],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        pytest.skip(f"no disk can be mounted here: {done.stderr.strip()}")
    try:
        yield folder
    finally:
        subprocess.run(["umount", str(folder)], check=True)


def filled(folder: Path) -> Path:
    """A file that takes all the room."""
    path = folder / "filler"
    with contextlib.suppress(OSError), path.open("wb", buffering=0) as stream:
        while True:
            stream.write(b"x" * 512)
    return path


def test_a_full_disk_takes_no_lock_and_loses_no_token(tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk") as disk:
        backend = Backend("file", str(disk / "t"), None, {"HOME": str(tmp_path)})
        backend.hold("first").release()
        for token in (2, 3):
            filler = filled(disk)
            with pytest.raises(LockProblem, match="No space left on device") as caught:
                backend.hold("second")
            assert caught.value.exit_code == 3
            filler.unlink()
            held = backend.hold("third")
            assert held.token == token
            held.release()


def test_a_file_that_may_not_grow_takes_no_lock(on_disk: Backend) -> None:
    ours, theirs = APART.Pipe()
    process = APART.Process(target=_hold_without_room, args=(on_disk, theirs))
    process.start()
    assert ours.poll(60)
    assert "File too large" in ours.recv()
    process.join()
    assert on_disk.hold("next").token == 1


def _hold_without_room(backend: Backend, pipe: object) -> None:
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    try:
        backend.hold("first")
    except LockProblem as problem:
        pipe.send(problem.message)  # type: ignore[attr-defined]
