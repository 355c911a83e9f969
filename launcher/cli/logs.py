"""``sparkjob logs RUN [-f]``: what a run wrote."""

from __future__ import annotations

import os
import time

import click

from launcher.cli import console
from sparkjobs.exits import EXIT_OK

POLL_S = 0.3


@click.command(name="logs")
@click.argument("run")
@click.option("-f", "--follow", is_flag=True, help="Go on until the run has ended.")
@click.option("-n", "--lines", type=click.IntRange(min=0), metavar="N", help="Only the last N lines.")
def command(run: str, follow: bool, lines: int | None) -> int:
    """Print the log of RUN: its id, the beginning of it, or last."""
    from launcher.records.store import Store, runs_root
    from launcher.runs.run_status import look

    folder = Store(runs_root(os.environ)).find(run)
    with folder.log.open("rb") as stream:
        text = stream.read()
        console.raw(_last(text, lines))
        while follow:
            # Looked at before the read: what was written before the end is read after it.
            ended = look(folder, os.environ)[0].state.final
            data = stream.read()
            console.raw(data)
            if ended and not data:
                break
            time.sleep(POLL_S)
    return EXIT_OK


def _last(text: bytes, lines: int | None) -> bytes:
    if lines is None:
        return text
    return b"".join(text.splitlines(keepends=True)[-lines:]) if lines else b""
