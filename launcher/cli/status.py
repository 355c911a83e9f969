"""``sparkjob status RUN``: the truth about one run."""

from __future__ import annotations

import os

import click

from launcher.cli import console
from launcher.cli.support import output_option
from sparkjobs.exits import EXIT_OK


@click.command(name="status")
@click.argument("run")
@output_option
def command(run: str, output: str) -> int:
    """Tell how RUN stands: its id, the beginning of it, or last."""
    from launcher.cli.run_report import report
    from launcher.records.store import Store, runs_root
    from launcher.runs.run_status import look

    record, found = look(Store(runs_root(os.environ)).find(run), os.environ)
    if output == "json":
        import msgspec

        console.document({**msgspec.to_builtins(record), "because": record.because or found.because})
    else:
        for line in report(record, found.because):
            console.line(line)
    return EXIT_OK
