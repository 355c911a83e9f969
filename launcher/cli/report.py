"""``sparkjob report SOURCE``: what a run cost, in words, as JSON, or as a page."""

from __future__ import annotations

import os
from pathlib import Path

import click

from launcher.cli import console
from sparkjobs.errors import UsageError
from sparkjobs.exits import EXIT_OK


@click.command(name="report")
@click.argument("source")
@click.option("-o", "--output", default="text", show_default=True, metavar="text|json|FILE.html",
              help="Words for a terminal, JSON, or a page that opens without a network.")  # fmt: skip
def command(source: str, output: str) -> int:
    """Tell what the run SOURCE was, how it ended, what it cost and what cost most.

    SOURCE is an event log of Spark (a file or folder of any scheme), a run, or a job for its newest run.
    """
    from launcher.cli.make_report import read_report, write_page
    from launcher.report.first_screen import first_screen
    from launcher.report.report import document

    _check(output)
    report = read_report(source, os.environ)
    if output == "json":
        console.document(document(report))
    elif output == "text":
        for line in first_screen(report):
            console.line(line)
    else:
        console.note(f"written: {write_page(report, Path(output))}")
    return EXIT_OK


def _check(output: str) -> None:
    if output not in ("text", "json") and not output.endswith((".html", ".htm")):
        raise UsageError(f"-o {output!r} is no form of a report", "Write text, json, or FILE.html.")
