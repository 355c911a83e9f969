"""``sparkjob doctor``: what this machine lacks, and the commands that mend it."""

from __future__ import annotations

import os
import shutil
import textwrap
from pathlib import Path
from typing import TYPE_CHECKING

import click

from launcher.cli import console
from launcher.cli.support import jar_folder, jar_lock, jar_sources, java_choice, output_option
from sparkjobs.errors import SparkjobsError
from sparkjobs.exits import EXIT_OK, EXIT_USAGE

if TYPE_CHECKING:
    from launcher.host.doctor.checks import Line

TITLES = {"debian": "Debian, Ubuntu", "fedora": "Fedora", "macos": "macOS"}


@click.command(name="doctor")
@click.option("--fetch", is_flag=True, help="Fetch the default jars first, if they are missing.")
@output_option
def command(fetch: bool, output: str) -> int:
    """Check this machine: Java, Python, Spark, Delta, jars, memory, disk, name. Exit 2 on a problem."""
    from launcher.host.doctor.checks import examine, healthy
    from launcher.host.doctor.gather_facts import gather

    if fetch:
        _fetch_default()
    facts = gather(os.environ, Path.cwd())
    lines = examine(facts)
    if output == "json":
        console.document(
            {"ok": healthy(lines), "platform": facts.platform, "checks": [_plain(x) for x in lines]}
        )
    else:
        for line in lines:
            _print(line, facts.platform)
        console.line(_verdict(lines))
    return EXIT_OK if healthy(lines) else EXIT_USAGE


def _fetch_default() -> None:
    from launcher.host.jars.fetch import fetch
    from launcher.host.jars.jar_lock import DEFAULT_SET

    if java_choice(os.environ).java is None:
        return  # the report will say it
    try:
        jars = jar_lock(os.environ).jars([DEFAULT_SET])
        fetch(jar_folder(os.environ), jars, jar_sources(os.environ))
    except SparkjobsError as error:
        console.error(error.message, error.hint)


def _plain(line: Line) -> dict[str, object]:
    return {"check": line.check, "state": line.state, "text": line.text, "mend": dict(line.mend)}


def _print(line: Line, platform: str) -> None:
    head = f"{line.state:8} {line.check:13} "
    indent = " " * len(head)
    console.line(_wrapped(line.text, head, indent))
    for title, shell in _mends(line, platform):
        console.line(f"{indent}{title}: {shell}")  # never wrapped: it is there to be copied


def _wrapped(text: str, head: str, indent: str) -> str:
    width = max(60, shutil.get_terminal_size((100, 24)).columns)
    return textwrap.fill(
        text,
        width,
        initial_indent=head,
        subsequent_indent=indent,
        break_long_words=False,
        break_on_hyphens=False,
    )


def _mends(line: Line, platform: str) -> list[tuple[str, str]]:
    if len(set(line.mend.values())) == 1:
        return [("mend", next(iter(line.mend.values())))]
    # This machine's own platform first.
    ordered = sorted(line.mend, key=lambda name: name != platform)
    return [(TITLES[name], line.mend[name]) for name in ordered]


def _verdict(lines: list[Line]) -> str:
    problems = sum(line.state == "problem" for line in lines)
    if problems:
        return f"\n{problems} problem{'s' if problems > 1 else ''}; run sparkjob doctor again after mending."
    return "\nAll is well."
