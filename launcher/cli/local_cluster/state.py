"""Which daemons of the cluster were started: by pid and start time, because a pid alone may be given anew."""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager

import msgspec

from launcher.cli.local_cluster.layout import Files
from launcher.records.record import Process
from launcher.records.store import replace_file


class Started(msgspec.Struct, frozen=True):
    """A daemon that was started."""

    name: str
    process: Process


class State(msgspec.Struct, frozen=True):
    """A cluster of this machine.

    Attributes:
        master: what applications connect to.
        web: pages of the master, with its JSON below ``/json/``.
        history: pages of the history server.
        workers: how many there are to be.
        secure: authentication and encryption are on.
        profile: the cluster profile that was written for it.
        daemons: those started so far.
    """

    master: str
    web: str
    history: str
    workers: int
    secure: bool
    profile: str
    daemons: tuple[Started, ...] = ()

    def with_daemon(self, name: str, process: Process) -> State:
        """The same cluster with one daemon more."""
        return msgspec.structs.replace(self, daemons=(*self.daemons, Started(name, process)))


def read(files: Files) -> State | None:
    """The cluster that was started; ``None`` when there is none."""
    try:
        return msgspec.json.decode(files.state.read_bytes(), type=State)
    except FileNotFoundError:
        return None


def write(files: Files, state: State) -> None:
    """Replace the file in one step."""
    replace_file(files.state, msgspec.json.format(msgspec.json.encode(state)))


@contextmanager
def alone(files: Files) -> Iterator[None]:
    """Let one process at a time start or stop daemons."""
    files.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    with (files.folder / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
