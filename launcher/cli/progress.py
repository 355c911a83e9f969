"""The progress of a run on stderr: a line now and then."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from launcher.cli import console
from launcher.runs.handle import Handle

EVERY_S = 30.0


@contextmanager
def progress(handle: Handle, quiet: bool) -> Iterator[Callable[[], None]]:
    """Answers what is to be called about once a second."""
    started = shown = time.monotonic()

    def tick() -> None:
        nonlocal shown
        if quiet or time.monotonic() - shown < EVERY_S:
            return
        shown = time.monotonic()
        record = handle.status()
        console.note(f"{record.state.value.lower()} for {shown - started:.0f} s")

    yield tick
