"""``sparkjob stream``: how a stream stands, and what is done to it while it does not run; without a JVM."""

from __future__ import annotations

import os

import click

from launcher.cli import console
from launcher.cli.support import output_option
from sparkjobs.exits import EXIT_OK


@click.group(name="stream")
def command() -> None:
    """Look at the checkpoint of a stream, and change it while the stream does not run.

    CHECKPOINT is the folder given by --checkpoint, OUTPUT_checkpoint by default.
    """


@command.command("inspect")
@click.argument("checkpoint")
@output_option
def inspect_command(checkpoint: str, output: str) -> int:
    """Tell how a stream stands: its batches, sources and tables, and what the next start would do."""
    from launcher.cli.stream_report import inspected
    from sparkjobs.streaming.inspection.look import checkpoint_of, look

    found = look(checkpoint_of(checkpoint, os.environ))
    if output == "json":
        console.document(found.document())
    else:
        for line in inspected(found):
            console.line(line)
    return EXIT_OK
