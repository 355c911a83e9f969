"""``sparkjob jars``: fetch, path, verify."""

from __future__ import annotations

import os
from dataclasses import asdict, replace
from pathlib import Path

import click

from launcher.cli import console
from launcher.cli.support import jar_folder, jar_lock, jar_paths, jar_sources, output_option
from launcher.host.jars.jar_lock import DEFAULT_SET
from sparkjobs.exits import EXIT_OK, EXIT_USAGE

sets_argument = click.argument("sets", metavar="[SET]...", nargs=-1)


@click.group(name="jars")
def command() -> None:
    """Fetch and verify the Java libraries that Spark needs.

    Sets: delta (taken when none is named), s3, kafka, rapids, rapids-slim. They are fetched once,
    checked against the lock (conf/jars.lock) and used as local files from then on.
    """


@command.command("fetch")
@sets_argument
@click.option("--repository", metavar="URL", help="A Maven repository to use instead of Maven Central.")
@click.option(
    "--ivy-settings", metavar="FILE", type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="An Ivy settings file with your own resolvers and credentials.",
)  # fmt: skip
@output_option
def fetch_command(
    sets: tuple[str, ...], repository: str | None, ivy_settings: Path | None, output: str
) -> int:
    """Fetch jars into the cache, or find them there.

    Jars of Maven's local repository are used where their hash is right. rapids is 1 GB; rapids-slim
    downloads it as well, keeps the 19 MB that sparkjob qualify needs, and deletes the rest.
    """
    from launcher.host.jars.fetch import fetch_sets

    if repository and ivy_settings:
        raise click.UsageError("--repository and --ivy-settings exclude each other")
    folder = jar_folder(os.environ)
    sources = replace(jar_sources(os.environ, repository, ivy_settings), tell=console.note)
    fetched = fetch_sets(folder, jar_lock(os.environ), sets or (DEFAULT_SET,), sources)
    if output == "json":
        console.document({"folder": str(folder), **asdict(fetched)})
    else:
        done = len(fetched.downloaded), len(fetched.copied), len(fetched.kept)
        console.line("{} downloaded, {} from jars on this machine, {} already there".format(*done))
        console.line(str(folder))
    return EXIT_OK


@command.command("path")
@sets_argument
@output_option
def path_command(sets: tuple[str, ...], output: str) -> int:
    """Print the paths for spark-submit --jars."""
    paths = jar_paths(os.environ, sets or (DEFAULT_SET,))
    if output == "json":
        console.document([str(path) for path in paths])
    else:
        console.line(",".join(map(str, paths)))
    return EXIT_OK


@command.command("verify")
@sets_argument
@output_option
def verify_command(sets: tuple[str, ...], output: str) -> int:
    """Compare the cache with the lock, by sha256.

    Without SET: all sets; jars that were never fetched are told and are no fault. Exit 2 on a fault.
    """
    from launcher.host.jars.jar_cache import look

    lock = jar_lock(os.environ)
    entries = look(jar_folder(os.environ), lock.jars(sets or tuple(lock.sets)))
    wrong = [entry for entry in entries if entry.state == "wrong" or (sets and entry.state == "missing")]
    if output == "json":
        keys = ("file", "state", "locked_sha256", "found_sha256")
        rows = [(entry.jar.file, entry.state, entry.jar.sha256, entry.found or None) for entry in entries]
        console.document([dict(zip(keys, row, strict=True)) for row in rows])
    else:
        for entry in entries:
            console.line(f"{entry.state:8}{entry.jar.file}")
            if entry.state == "wrong":
                console.line(f"        locked {entry.jar.sha256}\n        found  {entry.found}")
    return EXIT_USAGE if wrong else EXIT_OK
