"""``sparkjob cancel RUN``: end a run and say how we know that it has ended."""

from __future__ import annotations

import os

import click

from launcher.cli import console
from launcher.cli.support import output_option
from sparkjobs.exits import EXIT_LOST, EXIT_OK


@click.command(name="cancel")
@click.argument("run")
@output_option
def command(run: str, output: str) -> int:
    """End RUN: its id, the beginning of it, or last. Exit code 4 when nobody confirms the end."""
    from launcher.records.store import Store, runs_root
    from launcher.runs.cancelling import cancel

    done = cancel(Store(runs_root(os.environ)).find(run), os.environ)
    record = done.record
    if output == "json":
        document = {"v": 1, "run_id": record.run_id, "state": record.state.value, "confirmed": done.confirmed}
        console.document({**document, "how": done.how})
    else:
        console.line(f"{record.run_id}  {record.state.value}")
        console.line(f"  {done.how}")
    return EXIT_OK if done.confirmed else EXIT_LOST
