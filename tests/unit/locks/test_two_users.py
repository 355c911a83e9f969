"""A folder that two users share, such as ``/tmp``: each may lock a table there, whoever was the first."""

from __future__ import annotations

import os
import tempfile
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil  # noqa: F401 - what is imported late another user may not be able to read
import pytest

from launcher.tables.locks.file_lock import FileLock
from launcher.tables.locks.lock import Locked
from tests.unit.locks.people import ANNA

DAEMON, NOBODY = 1, 65534

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="only root may become two users")


@pytest.fixture
def lock() -> Iterator[FileLock]:
    # Beside pytest's own folders, which other users may not enter.
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o1777)  # noqa: PTH101
        yield FileLock("/lake/t", Path(folder) / ".t.sparkjobs.lock")


def as_user(uid: int, do: Callable[[], int]) -> int:
    """What ``do`` answers in a process of that user: without exec, for it may not read this Python."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            os.setgroups([])
            os.setgid(uid)
            os.setuid(uid)
            os.umask(0o077)
            os.write(writer, b"%d" % do())
        except BaseException:
            os.write(writer, traceback.format_exc().encode())
        finally:
            os._exit(0)
    os.close(writer)
    with os.fdopen(reader, "rb") as answer:
        text = answer.read().decode()
    os.waitpid(child, 0)
    assert text.isdigit(), text
    return int(text)


def test_each_counts_the_token_on(lock: FileLock) -> None:
    def take() -> int:
        held = lock.acquire(ANNA, lambda holder: False)
        held.note(ANNA)
        held.release()
        return held.token

    assert [as_user(uid, take) for uid in (NOBODY, DAEMON, DAEMON, NOBODY, 0)] == [1, 2, 3, 4, 5]


def test_one_that_died_leaves_the_lock_to_the_other(lock: FileLock) -> None:
    def die() -> int:
        return lock.acquire(ANNA, lambda holder: False).token

    assert as_user(NOBODY, die) == 1
    assert as_user(DAEMON, die) == 2


def test_one_is_told_that_the_other_holds_it(lock: FileLock) -> None:
    def refused() -> int:
        with pytest.raises(Locked) as caught:
            lock.acquire(ANNA, lambda holder: False)
        assert caught.value.holder == ANNA
        return 1

    held = lock.acquire(ANNA, lambda holder: False)
    assert as_user(NOBODY, refused) == 1
    held.release()
