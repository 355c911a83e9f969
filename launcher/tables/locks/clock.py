"""A clock for leases: seconds since this machine started. Nobody sets it, and it never goes back."""

from __future__ import annotations

import socket
import time
from pathlib import Path

_UPTIME = Path("/proc/uptime")
_BOOT = Path("/proc/sys/kernel/random/boot_id")


def uptime_s() -> float:
    """Seconds since the start of the machine, time asleep included where the system tells it.

    Linux counts in a file what ``time.monotonic`` leaves out: the hours of a suspended laptop, in which a
    lease runs out all the same. And tools that pretend another time to a process reach no file.
    """
    try:
        return float(_UPTIME.read_bytes().split()[0])
    except OSError:
        return time.monotonic()


def boot_name() -> str | None:
    """The name of this start of this machine: readings of ``uptime_s`` compare only under one name.

    ``None`` where the system does not tell.
    """
    try:
        return f"{_BOOT.read_text(encoding='ascii').strip()} {socket.gethostname()}"
    except OSError:
        return None
