"""Follow a run on the screen: its own output, and how far it is.

On a terminal the last line is ours and is drawn again under whatever the run writes. Elsewhere the run's
output goes straight to our streams, and a line about its progress comes every 30 seconds.
"""

from __future__ import annotations

import contextlib
import os
import sys
import threading
import time
from dataclasses import replace
from typing import TYPE_CHECKING, Any, BinaryIO

from launcher.cli import console
from launcher.managers.manager_choice import manager_of
from launcher.records.figures import line
from launcher.runs.following import follow
from launcher.runs.handle import Handle
from launcher.runs.progress.run_figures import Source
from launcher.runs.progress.waiting_executors import Waiting
from sparkjobs.progress import SILENT_VARIABLE

if TYPE_CHECKING:
    from rich.console import Console

    from launcher.runs.begin import Ready

EVERY_S = 30.0
CHUNK = 1 << 16


def follow_on_board(prepared: Ready, silent: bool, quiet: bool, keep_stdout: bool = True) -> dict[str, Any]:
    """Start a run and follow it to its end; answers its result.

    Args:
        prepared: the run.
        silent: what it writes goes to its log only.
        quiet: no progress.
        keep_stdout: what it writes to stdout is shown, and not only kept in its log.
    """
    terminal = sys.stderr.isatty() and not quiet and not silent
    if terminal or quiet:
        prepared = replace(prepared, environ={**prepared.environ, SILENT_VARIABLE: "1"})
    if terminal or not (silent or keep_stdout):
        return _through_pipes(prepared, terminal, keep_stdout)
    # Our own jobs tell their progress themselves, from inside the driver.
    tells_itself = prepared.request.is_job and prepared.request.deploy_mode == "client"
    handle = prepared.start("none" if silent else "inherit")
    ticker = _Ticker(handle, prepared, EVERY_S, only_waiting=tells_itself)
    return follow(handle, lambda: None if quiet else ticker.tick(console.note, console.note))


class _Ticker:
    """Asks for the figures of a run every so often.

    Args:
        handle: the run.
        prepared: what was started.
        every_s: how often.
        only_waiting: say no more than why it has no executors.
    """

    def __init__(self, handle: Handle, prepared: Ready, every_s: float, only_waiting: bool = False) -> None:
        self._handle, self._every_s, self._only_waiting = handle, every_s, only_waiting
        self._source = Source(handle.folder.event_log)
        self._waiting = Waiting(lambda: manager_of(prepared.request.cluster, prepared.environ))
        self._began = self._shown_at = time.monotonic()
        self._linked: str | None = None

    def tick(self, say: Any, link: Any) -> None:
        """Say how far the run is, when it is time to; and where it shows itself, once it does."""
        record = self._handle.folder.read_or_none()
        if record is None:  # a record that somebody damaged must not end the run
            return
        if record.ui is not None and record.ui != self._linked:
            self._linked = record.ui
            link(f"ui {record.ui}")
        now = time.monotonic()
        if now - self._shown_at < self._every_s:
            return
        self._shown_at = now
        figures = self._source.figures(record)
        lacks = self._waiting.reason(record, figures)
        if lacks or not self._only_waiting:
            text = line(figures, now - self._began, record.state.value.lower())
            say(f"{text}; waits: {lacks}" if lacks else text)


def _through_pipes(prepared: Ready, shown: bool, keep_stdout: bool) -> dict[str, Any]:
    from rich.console import Console

    handle = prepared.start("pipe")
    board = _Board(Console(stderr=True, highlight=False))
    supervisor = handle.supervisor
    assert supervisor is not None
    assert supervisor.stdout is not None  # asked for as pipes
    assert supervisor.stderr is not None
    nowhere = open(os.devnull, "wb")  # noqa: PTH123, SIM115 closed with the process
    pairs = (
        (supervisor.stdout, sys.stdout.buffer if keep_stdout else nowhere),
        (supervisor.stderr, sys.stderr.buffer),
    )
    pumps = [threading.Thread(target=board.copy, args=pair, daemon=True) for pair in pairs]
    for pump in pumps:
        pump.start()
    ticker = _Ticker(handle, prepared, 1.0)
    try:
        return follow(handle, lambda: ticker.tick(board.show, board.note) if shown else None)
    finally:
        for pump in pumps:
            pump.join(timeout=10)
        board.clear()


class _Board:
    """A terminal whose last line is ours."""

    def __init__(self, screen: Console) -> None:
        self._screen = screen
        self._lock = threading.Lock()
        self._text = ""
        self._at_start = True  # of a line: the run's own half line is never drawn over

    def copy(self, source: BinaryIO, target: BinaryIO) -> None:
        """Copy what the run writes, byte for byte."""
        while data := source.read1(CHUNK):  # type: ignore[attr-defined]
            # A terminal that has gone, under nohup: what comes is read all the same, or the run would wait.
            with self._lock, contextlib.suppress(OSError):
                self._erase()
                target.write(data)
                target.flush()
                self._at_start = data.endswith((b"\n", b"\r"))
                self._draw()

    def show(self, text: str) -> None:
        """Draw another line."""
        with self._lock, contextlib.suppress(OSError):
            self._erase()
            self._text = text
            self._draw()

    def note(self, text: str) -> None:
        """A line that stays."""
        with self._lock:
            self._erase()
            if not self._at_start:
                self._screen.print()
                self._at_start = True
            self._screen.print(text, style="dim", markup=False, soft_wrap=True)
            self._draw()

    def clear(self) -> None:
        """Leave the screen to others."""
        with self._lock, contextlib.suppress(OSError):
            self._erase()
            self._text = ""

    def _draw(self) -> None:
        if self._text and self._at_start:
            self._screen.print(
                self._text, style="cyan", end="", overflow="ellipsis", no_wrap=True, markup=False
            )

    def _erase(self) -> None:
        from rich.control import Control
        from rich.segment import ControlType

        if self._text and self._at_start:
            self._screen.control(Control(ControlType.CARRIAGE_RETURN, (ControlType.ERASE_IN_LINE, 2)))
