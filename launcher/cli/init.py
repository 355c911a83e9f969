"""``sparkjob init NAME``: a new job, its test, its job file and a cluster profile, as a package."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from launcher.cli import console
from launcher.cli.support import output_option
from sparkjobs.exits import EXIT_OK

if TYPE_CHECKING:
    from rich.tree import Tree


@click.command(name="init")
@click.argument("name", metavar="NAME")
@output_option
def command(name: str, output: str) -> int:
    """Begin a job of your own in the folder NAME.

    It holds the job, its test, its job file and a profile for your cluster, as a package that pip installs.
    No file is overwritten.
    """
    from launcher.cli.scaffold.naming import check_name, scaffold
    from launcher.cli.scaffold.project_files import template_files, write_new
    from launcher.places import TEMPLATES

    check_name(name, _taken())
    files = scaffold(template_files(TEMPLATES / "job"), name)
    folder = Path.cwd() / name
    write_new(folder, files)
    if output == "json":
        console.document(
            {"name": name, "folder": str(folder), "files": list(files), "next": list(_next(name))}
        )
        return EXIT_OK
    _tree(name, list(files))
    console.line()
    width = max(map(len, _next(name)))
    for line, what in _next(name).items():
        console.line(f"{line:{width}}  # {what}")
    return EXIT_OK


def _taken() -> set[str]:
    from sparkjobs.catalogue import load

    # The working folder may hold a user's jobs, as it does for python -m.
    sys.path.insert(0, str(Path.cwd()))
    return set(load(lambda problem: console.error(problem.message, problem.hint)))


def _next(name: str) -> dict[str, str]:
    return {
        f"cd {name}": "the job is listed there",
        "pip install --no-build-isolation --no-deps -e .": "Spark can import it, from any folder",
        f"sparkjob plan {name}": "every Spark setting, with its reason",
        f"sparkjob run {name}": "on the example, on this machine",
        "python -m pytest tests": "the job as a user runs it",
    }


def _tree(name: str, files: Sequence[str]) -> None:
    from rich.tree import Tree

    tree = Tree(name)
    branches = {"": tree}
    for file in files:
        folder, _, leaf = file.rpartition("/")
        _branch(branches, folder).add(leaf)
    console.show(tree)


def _branch(branches: dict[str, Tree], folder: str) -> Tree:
    if folder not in branches:
        parent, _, leaf = folder.rpartition("/")
        branches[folder] = _branch(branches, parent).add(leaf)
    return branches[folder]
