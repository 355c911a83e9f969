"""``sparkjob stream``: how a stream stands, and what is done to it while it does not run; without a JVM."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import click

from launcher.cli import console
from launcher.cli.support import output_option
from launcher.cli.table_options import locking_options
from sparkjobs.exits import EXIT_OK

if TYPE_CHECKING:
    from launcher.tables.table_lock import Locking


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


@command.command("reset")
@click.argument("checkpoint")
@click.option("--to", "batch", type=click.IntRange(min=0), required=True, metavar="BATCH",
              help="The batch that shall be the newest again; it must be done and still kept.")  # fmt: skip
@click.option("--yes", is_flag=True, help="Do it; without it the changes are only told.")
@locking_options
@output_option
def reset_command(checkpoint: str, batch: int, yes: bool, locking: Locking, output: str) -> int:
    """Take a stream and its tables back to a batch. The next start reads the later ones again, each once.

    Nothing of others is undone: with foreign commits since, with vacuumed files, or while the stream runs
    it is refused. A reset that was cut off is finished by the same command.
    """
    from launcher.cli.stream_report import was_reset
    from launcher.tables.stream_reset.reset import reset
    from sparkjobs.streaming.inspection.look import checkpoint_of

    found = reset(checkpoint_of(checkpoint, os.environ), batch, locking, execute=yes, environ=os.environ)
    if output == "json":
        console.document(found.document())
    else:
        for line in was_reset(found):
            console.line(line)
    return EXIT_OK


@command.command("unit", context_settings={"ignore_unknown_options": True, "allow_interspersed_args": False})
@click.option("--user", "own", is_flag=True, help="For your own manager (systemctl --user).")
@click.argument("job", metavar="JOB")
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED, metavar="[OPTIONS OF RUN] [-- ARGUMENTS]")
def unit_command(own: bool, job: str, arguments: tuple[str, ...]) -> int:
    """Print a systemd unit that runs the stream JOB from this folder, as sparkjob run would.

    It starts at boot, ends by SIGTERM after the batch at hand, and starts again when the run fails.
    """
    from launcher.cli.stream_unit import unit_of
    from launcher.runs.systemd_unit import rendered

    console.line(rendered(unit_of(job, arguments, os.environ, own=own)).rstrip("\n"))
    return EXIT_OK


@command.command("replay")
@click.argument("table", metavar="OUTPUT_late")
@click.option("--checkpoint", metavar="DIR", help="The stream's checkpoint (default: OUTPUT_checkpoint).")
@output_option
def replay_command(table: str, checkpoint: str | None, output: str) -> int:
    """Have the stream's next run take its late rows in, each once, whatever the watermark.

    The stream must not run meanwhile.
    """
    from launcher.cli.stream_report import replayed
    from launcher.tables.stream_replay import replay

    found = replay(table, checkpoint, os.environ)
    if output == "json":
        console.document(found.document())
    else:
        console.line(replayed(found))
    return EXIT_OK
