"""One driver on a checkpoint: two would number their batches alike and each lose what the other wrote.

The lock is the kernel's (``flock``) on a file in the checkpoint, held open by the driver: it is free at once
when the driver has gone, however it went. Object stores have no such lock; there the launcher's lock of the
tables keeps a second stream away, and a bare spark-submit is told that nothing does.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import logging
import os
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timezone
from pathlib import Path

from sparkjobs import paths
from sparkjobs.errors import LockedError, WriteError

log = logging.getLogger("sparkjobs")
NAME = "driver.lock"
_MODE = 0o666
_LONGEST_BYTES = 4096
# Who only looks whether somebody drives (``driver_of``) keeps a driver out for less than a moment.
_TRIES, _AGAIN_S = 5, 0.05


@contextmanager
def driving(checkpoint: str, run_id: str) -> Iterator[tuple[str, ...]]:
    """Hold the lock of a checkpoint inside the block.

    Args:
        checkpoint: its folder, which is made where it is local and not there yet.
        run_id: who holds it, for whoever is kept out.

    Returns:
        Warnings: where nothing locks such a checkpoint.

    Raises:
        LockedError: another driver has it (exit 5).
        WriteError: the lock file cannot be opened.
    """
    if not paths.is_local(checkpoint):
        yield (_unlocked(checkpoint),)
        return
    handle = _opened(Path(paths.local(checkpoint)) / NAME)
    try:
        _lock(handle, checkpoint)
        _write(handle, _holder(run_id))
        yield ()
        os.ftruncate(handle, 0)
    finally:
        # Closing gives the lock back; who died left a name that is no lock.
        os.close(handle)


def driver_of(checkpoint: str) -> str | None:
    """Who drives a local checkpoint now, for people; ``None``: nobody, or nobody can tell."""
    if not paths.is_local(checkpoint):
        return None
    try:
        handle = os.open(Path(paths.local(checkpoint)) / NAME, os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return None
    try:
        # A shared lock is enough to see whether somebody has the other one, and keeps no driver out for long.
        fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return _written(handle)
    else:
        return None
    finally:
        os.close(handle)


def _opened(path: Path) -> int:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, _MODE)
    except OSError as error:
        raise WriteError(f"the lock file {path} cannot be opened: {error.strerror or error}") from error
    with contextlib.suppress(PermissionError):  # another user's file, which is open to all already
        os.fchmod(handle, _MODE)
    return handle


def _lock(handle: int, checkpoint: str) -> None:
    for _ in range(_TRIES):
        if _locked(handle, checkpoint):
            return
        time.sleep(_AGAIN_S)
    raise LockedError(
        f"the checkpoint {checkpoint} is in use by {_written(handle)}",
        "Two streams on one checkpoint would lose rows. End that one first, or give this one a "
        "--checkpoint and an --output of its own.",
    )


def _locked(handle: int, checkpoint: str) -> bool:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError as error:
        raise WriteError(
            f"the checkpoint {checkpoint} cannot be locked: {error.strerror or error}",
            "Its file system has no locks (flock). Keep the checkpoint on another one.",
        ) from error
    return True


def _holder(run_id: str) -> bytes:
    since = f"{datetime.now(timezone.utc):%Y-%m-%dT%H:%M:%SZ}"
    held = {"run_id": run_id, "pid": os.getpid(), "host": socket.gethostname(), "since": since}
    return json.dumps(held).encode() + b"\n"


def _write(handle: int, content: bytes) -> None:
    os.ftruncate(handle, 0)
    os.pwrite(handle, content, 0)


def _written(handle: int) -> str:
    try:
        held = json.loads(os.pread(handle, _LONGEST_BYTES, 0))
        return f"run {held['run_id']} (process {held['pid']} on {held['host']} since {held['since']})"
    except (ValueError, KeyError, TypeError):
        return "a run that has not said its name yet"


def _unlocked(checkpoint: str) -> str:
    return (
        f"nothing locks the checkpoint {checkpoint} (only local ones are locked): "
        "see to it that no second stream runs on it"
    )
