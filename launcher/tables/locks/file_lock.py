"""A lock as a locked file on a local disk: free at once when the last process that holds it has gone.

The lock is the kernel's (``flock``); the file only carries it and is never removed. It holds the name of the
holder, and nothing after the lock was given back: a name in a free lock tells of a holder that died.
The fencing token is counted in a file beside it. Both are written in place: in a folder with the sticky bit
nobody can replace the file of another user.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import stat
from collections.abc import Iterator
from pathlib import Path

from launcher.tables.locks import mounts
from launcher.tables.locks.holder import Holder, decode, encode
from launcher.tables.locks.lock import Locked, LockProblem, StillRuns
from sparkjobs.errors import EnvironmentProblem

# Whoever may write the table may lock it, whoever locked it first.
_MODE = 0o666
_LONGEST_BYTES = 65_536
_DIGITS = 10


class FileLock:
    """The lock of one table.

    Args:
        table: the table.
        path: the lock file; folders above it are made.
    """

    def __init__(self, table: str, path: Path) -> None:
        self.table = table
        self._path = path

    def acquire(self, holder: Holder, still_runs: StillRuns) -> HeldFile:
        """Take the lock or say no; see ``TableLock``."""
        with _naming_the_file(self.table, "lock", self._path):
            _refuse_network(self._path)
            self._path.parent.mkdir(parents=True, exist_ok=True)
            handle = _opened(self._path)
        try:
            return self._take(handle, holder, still_runs)
        except BaseException:
            os.close(handle)
            raise

    def was_taken(self) -> bool:
        """Whether anybody ever took this lock."""
        return self._path.exists()

    def _take(self, handle: int, holder: Holder, still_runs: StillRuns) -> HeldFile:
        if not _flock(handle):
            raise Locked(self.table, _written(handle))
        died = _written(handle)
        if died is not None and still_runs(died):
            raise Locked(self.table, died, orphaned=True)
        with _naming_the_file(self.table, "lock", self._path):
            _write(handle, encode(holder))
            token = next_token(self._path.with_suffix(".token"))
        return HeldFile(self.table, token, handle, self._path)


class HeldFile:
    """A file lock that is ours as long as this process, or a child that inherited it, lives."""

    lease_s: float | None = None
    requested_s = 0.0

    def __init__(self, table: str, token: int, handle: int, path: Path) -> None:
        self.table = table
        self.token = token
        self._handle: int | None = handle
        self._path = path

    @property
    def inherit(self) -> tuple[int, ...]:
        """The lock's descriptor."""
        return () if self._handle is None else (self._handle,)

    def renew(self) -> None:
        """Nothing to do: the kernel knows that we live."""

    def note(self, holder: Holder) -> None:
        """Write down more about the holder."""
        if self._handle is not None:
            with _naming_the_file(self.table, "lock file", self._path):
                _write(self._handle, encode(holder))

    def release(self) -> None:
        """Give the lock back. A child that inherited it and still lives keeps it."""
        if self._handle is None:
            return
        handle, self._handle = self._handle, None
        try:
            with _naming_the_file(self.table, "lock file", self._path):
                os.ftruncate(handle, 0)
        finally:
            os.close(handle)


def next_token(path: Path) -> int:
    """Count one further in a file; only under the lock. A file that was lost or damaged starts over.

    Raises:
        OSError: the new count is not safely on the disk.
    """
    handle = _opened(path)
    try:
        text = os.pread(handle, _LONGEST_BYTES, 0).strip()
        token = int(text) + 1 if text.isdigit() else 1
        # One write of a length that stays the same: it never holds a part of a number.
        _write(handle, b"%0*d\n" % (_DIGITS, token))
        os.fsync(handle)
    finally:
        os.close(handle)
    _sync_folder(path.parent)
    return token


def _opened(path: Path) -> int:
    """The file open for writing. Links are not followed: in a shared folder they may be anybody's."""
    flags = os.O_RDWR | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK
    while True:
        # O_CREAT never meets a file that is there: with fs.protected_regular Linux refuses that one when it
        # is somebody else's and the folder is sticky.
        with contextlib.suppress(FileNotFoundError):
            handle = os.open(path, flags)
            break
        with contextlib.suppress(FileExistsError):
            handle = os.open(path, flags | os.O_CREAT | os.O_EXCL, _MODE)
            _shared(handle)
            break
    if not stat.S_ISREG(os.fstat(handle).st_mode):
        os.close(handle)
        raise OSError(f"{path} is no regular file")
    return handle


def _flock(handle: int) -> bool:
    try:
        # flock(2): the lock is the open file's, which a child inherits with the descriptor: it outlives us
        # with Spark.
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _shared(handle: int) -> None:
    """Let every user open the file: the umask took that away."""
    with contextlib.suppress(PermissionError):  # somebody else's file, made in the same moment
        os.fchmod(handle, _MODE)


def _written(handle: int) -> Holder | None:
    return decode(os.pread(handle, _LONGEST_BYTES, 0))


def _write(handle: int, content: bytes) -> None:
    if os.pwrite(handle, content, 0) != len(content):
        raise OSError("the disk took only a part")
    os.ftruncate(handle, len(content))


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _refuse_network(path: Path) -> None:
    kind = mounts.network_kind(os.path.realpath(path.parent), mounts.mounted())
    if kind is not None:
        raise EnvironmentProblem(
            f"the lock file {path} would lie on a network file system ({kind}), where it may not reach "
            "other hosts",
            "Set lock: redis://HOST:6379/0 in the cluster profile.",
        )


@contextlib.contextmanager
def _naming_the_file(table: str, what: str, path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        why = f"{error.strerror or error} ({error.filename or path})"
        raise LockProblem(
            f"the {what} of the table {table} cannot be written: {why}",
            "Mend the disk or the folder's permissions, or set lock: in the cluster profile.",
        ) from error
