"""Help pages from the same source as the parser. Pure."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable
from itertools import groupby

from sparkjobs.job import Job
from sparkjobs.params import FlagInfo, describe

_TITLES = {
    "job": "Of this job",
    "common": "Of every batch job",
    "stream": "Of every stream",
    "event time": "Of every stream, by the time of its rows",
    "source": "Of the input of a stream",
    "refused": "Refused",
}
_ORDER = ("job", "stream", "event time", "source", "common", "refused")
_INDENT = 30
_CATALOGUE_INDENT = 20
_WIDTH = 80


def catalogue_page(jobs: Iterable[Job]) -> str:
    """The list of jobs."""
    lines = [_brief(job) for job in jobs]
    return "\n".join(
        [
            "Usage: python -m sparkjobs JOB --flag value ...",
            "",
            "Jobs:",
            *lines,
            "",
            "JOB --help tells its flags.",
        ]
    )


def _brief(job: Job) -> str:
    first = f"  {job.name:<{_CATALOGUE_INDENT - 2}}"
    return textwrap.fill(job.summary, _WIDTH, initial_indent=first, subsequent_indent=" " * _CATALOGUE_INDENT)


def job_page(job: Job) -> str:
    """All flags of a job, grouped."""
    flags = sorted(describe(job.params), key=lambda info: _ORDER.index(info.group))
    usage = f"Usage: python -m sparkjobs {job.name} --input PATH --output TABLE ..."
    parts = [usage, "", textwrap.fill(job.summary, _WIDTH)]
    for group, infos in groupby(flags, key=lambda info: info.group):
        parts += ["", f"{_TITLES[group]}:"]
        parts += [_line(info) for info in infos]
    return "\n".join(parts)


def _line(info: FlagInfo) -> str:
    head = f"  {info.flag}" + ("" if info.type == "bool" else f" {info.metavar}")
    notes = [info.help]
    if info.required:
        notes.append("(required)")
    elif info.default and info.type != "bool":
        notes.append(f"(default: {info.default})")
    body = textwrap.wrap(" ".join(notes), _WIDTH - _INDENT)
    if len(head) >= _INDENT:
        return "\n".join([head, *(" " * _INDENT + line for line in body)])
    first, *rest = body
    return "\n".join([f"{head:<{_INDENT}}{first}", *(" " * _INDENT + line for line in rest)])
