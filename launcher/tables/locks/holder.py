"""Who holds a lock: written beside it, so that whoever is kept out can say by whom."""

from __future__ import annotations

import getpass
import os
import socket
from datetime import datetime, timezone

import msgspec


class Holder(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A run that holds a lock. A record for people and for finding the run again; never proof of life.

    Attributes:
        run_id: its name.
        job: the job, script or verb.
        host: where its launcher runs.
        pid: of the process that keeps the lock.
        pid_started_s: when that process began, seconds since the epoch: a pid alone may be another's by then.
        since: when it took the lock, UTC, ISO 8601. To be shown; nothing is ever decided by it.
        user: who started it.
        master: of the application.
        application_id: Spark's id, once it is known.
    """

    run_id: str
    job: str
    host: str
    pid: int
    pid_started_s: float
    since: str
    user: str | None = None
    master: str | None = None
    application_id: str | None = None


def this_process(run_id: str, job: str, *, master: str | None = None) -> Holder:
    """The holder that this process is, from now on."""
    import psutil

    return Holder(
        run_id=run_id,
        job=job,
        host=socket.gethostname(),
        pid=os.getpid(),
        pid_started_s=psutil.Process().create_time(),
        since=f"{datetime.now(timezone.utc):%Y-%m-%dT%H:%M:%SZ}",
        user=user_name(),
        master=master,
    )


def user_name() -> str | None:
    """The user's name; ``None`` in a container that runs as a number without one."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return None


def encode(holder: Holder) -> bytes:
    """A holder as one line of JSON."""
    return msgspec.json.encode(holder) + b"\n"


def decode(text: bytes) -> Holder | None:
    """The holder that was written; ``None`` for nothing, or for what is still being written."""
    try:
        return msgspec.json.decode(text, type=Holder) if text.strip() else None
    except msgspec.DecodeError:
        return None
