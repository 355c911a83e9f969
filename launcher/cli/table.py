"""``sparkjob table``: facts and changes of a Delta table, without a JVM."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import click

from launcher.cli import console
from launcher.cli.support import output_option
from launcher.cli.table_options import Which, locking_options, table_argument, which_options
from sparkjobs.exits import EXIT_OK

if TYPE_CHECKING:
    from launcher.tables.table_lock import Locking
    from sparkjobs.tables.opening import Place


def _place(path: str) -> Place:
    from sparkjobs.tables.opening import place_of

    return place_of(path, os.environ)


def _answer(output: str, value: Any, show: Callable[[], None]) -> int:
    if output == "json":
        console.document(value)
    else:
        show()
    return EXIT_OK


@click.group(name="table")
def command() -> None:
    """Look at a Delta table and change it, without a JVM.

    TABLE is a local path or an address such as s3a://bucket/table.
    """


@command.command("show")
@table_argument
@which_options
@output_option
def show_command(
    table: str, version: int | None, tag_name: str | None, as_of: str | None, output: str
) -> int:
    """The table's state: version, rows, files, columns, tags, and who wrote last."""
    from launcher.cli import table_report
    from launcher.tables.table_facts import table_facts

    place = _place(table)
    facts = table_facts(Which(version, tag_name, as_of).open(place), place)
    return _answer(output, asdict(facts), lambda: table_report.show(facts))


@command.command("history")
@table_argument
@click.option("--limit", type=click.IntRange(min=1), metavar="N", help="Only the newest N commits.")
@output_option
def history_command(table: str, limit: int | None, output: str) -> int:
    """The commits, newest first: what each did, and which job and run did it."""
    from launcher.cli import table_report
    from launcher.tables.table_facts import commit_facts, tags_of
    from sparkjobs.tables.opening import open_table

    opened = open_table(_place(table))
    commits = commit_facts(opened, limit)
    return _answer(
        output,
        [asdict(commit) for commit in commits],
        lambda: table_report.history(commits, tags_of(opened)),
    )


@command.command("files")
@table_argument
@which_options
@output_option
def files_command(
    table: str, version: int | None, tag_name: str | None, as_of: str | None, output: str
) -> int:
    """The data files: name, size, rows, partition."""
    from launcher.cli import table_report
    from launcher.tables.table_facts import file_facts

    opened = Which(version, tag_name, as_of).open(_place(table))
    files = file_facts(opened)
    value = {"version": opened.version(), "files": [asdict(file) for file in files]}
    return _answer(output, value, lambda: table_report.files(files))


@command.command("read")
@table_argument
@which_options
@click.option("--columns", metavar="A,B", help="Only these columns.")
@click.option("--limit", type=click.IntRange(min=0), default=20, show_default=True, metavar="N",
              help="At most so many rows.")  # fmt: skip
@output_option
def read_command(
    table: str,
    version: int | None,
    tag_name: str | None,
    as_of: str | None,
    columns: str | None,
    limit: int,
    output: str,
) -> int:
    """Rows of any version. They come in the order of the files."""
    from launcher.cli import table_report
    from launcher.tables.rows import read_rows
    from sparkjobs.tables.reading import Snapshot

    place = _place(table)
    opened = Snapshot(place, Which(version, tag_name, as_of).open(place))
    wanted = [name.strip() for name in columns.split(",")] if columns else []
    found = read_rows(opened, wanted, limit)
    value = {
        "version": opened.version,
        "columns": list(found.columns),
        "rows": [dict(zip(found.columns, map(table_report.plain, row), strict=True)) for row in found.rows],
        "more": found.more,
    }
    return _answer(output, value, lambda: table_report.rows(found))


@command.command("tag")
@table_argument
@click.argument("name", metavar="NAME")
@click.option("--version", type=click.IntRange(min=0), metavar="N", help="The version (default: the newest).")
@click.option("--move", is_flag=True, help="Move a tag that names another version.")
@locking_options
@output_option
def tag_command(table: str, name: str, version: int | None, move: bool, locking: Locking, output: str) -> int:
    """Name a version: a snapshot that vacuum keeps and restore finds."""
    from launcher.tables.changes import tag

    found = tag(_place(table), name, version, move=move, locking=locking)
    verb = "names" if found.changed else "names already"
    return _answer(
        output,
        asdict(found),
        lambda: console.line(f"tag {name} {verb} version {found.tagged_version}"),
    )


@command.command("restore")
@table_argument
@click.option("--version", type=click.IntRange(min=0), metavar="N", help="The version by its number.")
@click.option("--tag", "tag_name", metavar="NAME", help="The version that a tag names.")
@locking_options
@output_option
def restore_command(
    table: str, version: int | None, tag_name: str | None, locking: Locking, output: str
) -> int:
    """Give the table the rows of an earlier version again, by a new commit. Tags stay."""
    from launcher.tables.changes import restore

    place = _place(table)
    wanted = Which(version, tag_name, None).resolve(place)
    if wanted is None:
        raise click.UsageError("name the version: --version N or --tag NAME")
    found = restore(place, wanted, locking)
    text = (
        f"version {found.version} has the rows of version {found.restored_version} "
        f"({found.files_restored} files back, {found.files_removed} taken out)"
    )
    return _answer(output, asdict(found), lambda: console.line(text))


@command.command("vacuum")
@table_argument
@click.option("--retain-hours", type=click.IntRange(min=0), metavar="H",
              help="Keep files that were deleted less than H hours ago "
                   "(default and least: 168, or the table's own setting).")  # fmt: skip
@click.option("--yes", is_flag=True, help="Delete; without it the files are only listed.")
@locking_options
@output_option
def vacuum_command(table: str, retain_hours: int | None, yes: bool, locking: Locking, output: str) -> int:
    """List, or delete, files that no version needs any more. Tagged versions stay whole."""
    from launcher.cli import table_report
    from launcher.tables.vacuum import vacuum

    done = vacuum(_place(table), retain_hours, execute=yes, locking=locking)
    files = [{"name": name, "bytes": size} for name, size in done.files]
    return _answer(
        output, {**asdict(done), "files": files, "bytes": done.bytes}, lambda: table_report.vacuumed(done)
    )


@command.command("optimize")
@table_argument
@click.option("--target-mib", type=click.IntRange(1, 4096), default=128, show_default=True, metavar="M",
              help="Size of the files to aim for, MiB.")  # fmt: skip
@locking_options
@output_option
def optimize_command(table: str, target_mib: int, locking: Locking, output: str) -> int:
    """Write small files together into larger ones. The rows stay what they are."""
    from launcher.tables.compaction import optimize

    done = optimize(_place(table), target_mib, locking)
    if done.files_removed:
        text = f"version {done.version}: {done.files_removed} files became {done.files_added}"
    else:
        text = "nothing to do: no two files fit into one"
    return _answer(output, asdict(done), lambda: console.line(text))
