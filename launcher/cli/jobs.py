"""``sparkjob jobs [JOB]``: the catalogue, and the flags of one job."""

from __future__ import annotations

import sys
import textwrap
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from launcher.cli import console
from launcher.cli.support import output_option
from sparkjobs.exits import EXIT_OK

if TYPE_CHECKING:
    from sparkjobs.job import Job


# A terminal's, and that of the help of each verb.
WIDTH = 80


@click.command(name="jobs")
@click.argument("job", required=False)
@output_option
def command(job: str | None, output: str) -> int:
    """List the jobs, or show the flags of JOB. Jobs of installed packages are among them."""
    # The working folder may hold a user's modules, as it does for python -m.
    sys.path.insert(0, str(Path.cwd()))
    if job is None:
        _list(output)
    else:
        _detail(job, output)
    return EXIT_OK


def _list(output: str) -> None:
    from sparkjobs.catalogue import load

    jobs = load(lambda problem: console.error(problem.message, problem.hint))
    if output == "json":
        console.document([_brief(job) for job in jobs.values()])
        return
    width = max(map(len, jobs)) + 2
    for job in jobs.values():
        console.line(textwrap.fill(job.summary, WIDTH, initial_indent=f"{job.name:{width}}",
                                   subsequent_indent=" " * width))  # fmt: skip


def _detail(name: str, output: str) -> None:
    from sparkjobs.catalogue import get
    from sparkjobs.help import job_page
    from sparkjobs.params import describe

    job = get(name)
    if output == "json":
        flags = [asdict(flag) for flag in describe(job.params)]
        console.document({**_brief(job), "default_format": job.default_format, "flags": flags})
    else:
        console.line(job_page(job))


def _brief(job: Job) -> dict[str, Any]:
    return {"name": job.name, "summary": job.summary, "streaming": job.streaming, "tables": list(job.tables)}
