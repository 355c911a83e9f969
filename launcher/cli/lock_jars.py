"""``sparkjob lock-jars`` (hidden, for maintainers): write conf/jars.lock from conf/jars.yaml."""

from __future__ import annotations

import os
from pathlib import Path

import click

from launcher.cli import console
from launcher.cli.support import jar_sources
from sparkjobs.exits import EXIT_OK


@click.command(name="lock-jars", hidden=True)
@click.option("--wanted", type=click.Path(exists=True, path_type=Path), default="conf/jars.yaml")
@click.option("--repository", metavar="URL")
def command(wanted: Path, repository: str | None) -> int:
    """Resolve the sets of jars.yaml from the repository and write jars.lock beside it."""
    from launcher.host.jars.jar_lock import LOCK_NAME, lock_text
    from launcher.host.jars.relock import read_wanted, relock

    lock = relock(read_wanted(wanted), jar_sources(os.environ, repository))
    wanted.with_name(LOCK_NAME).write_text(lock_text(lock), encoding="utf-8")
    for name, entry in lock.sets.items():
        console.note(f"{name}: {len(entry.jars)} jars, {entry.size / 1e6:.1f} MB")
    return EXIT_OK
