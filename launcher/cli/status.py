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
    from launcher.runs.progress.stream_figures import figures_of
    from launcher.runs.run_status import look

    folder = Store(runs_root(os.environ)).find(run)
    record, found = look(folder, os.environ)
    stream = figures_of(folder)
    if output == "json":
        import msgspec

        document = {**msgspec.to_builtins(record), "because": record.because or found.because}
        # Only of streams: the other documents stay as they were.
        console.document(document | ({"stream": stream.document()} if stream else {}))
    else:
        for line in report(record, found.because, stream):
            console.line(line)
    return EXIT_OK
