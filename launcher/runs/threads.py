"""Work beside the main thread: a fault is told on stderr; what is waited for tells its own end."""

from __future__ import annotations

import threading
from collections.abc import Callable


def in_thread(work: Callable[[], object]) -> None:
    """Do ``work`` in a thread that does not hold up the process."""
    threading.Thread(target=work, daemon=True).start()


def after(seconds: float, work: Callable[[], object]) -> None:
    """Do ``work`` later."""
    timer = threading.Timer(seconds, work)
    timer.daemon = True
    timer.start()
