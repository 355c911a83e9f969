"""``sparkjob run-local`` (hidden; ``make run-local``): a first real run, on text that every machine has."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Sequence
from pathlib import Path

import click

from launcher.cli import console
from launcher.cli.local_run import LocalRun, local_run
from launcher.cli.wordcount_report import report
from launcher.local.process import Ended, run
from launcher.local.textfiles import python_folders, text_files, up_to
from sparkjobs.errors import DataError

MIB = 1024 * 1024


@click.command(name="run-local", hidden=True)
@click.option("--output", default="./out/wordcount", show_default=True, help="Delta table to write.")
@click.option("--max-mib", default=64, show_default=True, help="Text to read, in MiB.")
@click.option("--top", default=15, show_default=True, help="Words to show.")
@click.argument("more", nargs=-1, type=click.UNPROCESSED)
def command(output: str, max_mib: int, top: int, more: tuple[str, ...]) -> int:
    """Count the words of the text files that Python brought to this machine. MORE goes to the job."""
    files = up_to(text_files(python_folders()), max_mib * MIB)
    if not files:
        raise DataError("no text files were found beside this Python", "Name your own: sparkjobs wordcount.")
    prepared = local_run(os.environ, input_bytes=sum(size for _, size in files))
    if prepared.no_archive:
        console.note(f"no class-data archive: {prepared.no_archive}")
    console.line(_settings_line(prepared, files))
    ended = _count([path for path, _ in files], output, prepared, more)
    if ended.exit_code == 0:
        report(ended.last_line, top)
    console.raw(ended.last_line)
    return ended.exit_code


def _count(paths: Sequence[Path], output: str, prepared: LocalRun, more: Sequence[str]) -> Ended:
    with tempfile.TemporaryDirectory(prefix="sparkjobs-") as folder:
        # Thousands of paths would not fit an argument list.
        names = Path(folder) / "input.txt"
        names.write_text("".join(f"{path}\n" for path in paths), encoding="utf-8", errors="surrogateescape")
        flags = ["--input", f"@{names}", "--output", output, "--max-bad-rows", "1%", *more]
        return run(prepared.argv("wordcount", flags), prepared.environ)


def _settings_line(prepared: LocalRun, files: Sequence[tuple[Path, int]]) -> str:
    size = sum(size for _, size in files) / MIB
    return " · ".join(
        (
            prepared.settings["spark.master"],
            f"{prepared.settings['spark.driver.memory']} heap",
            f"Java {prepared.java.version}",
            f"Spark {prepared.spark_version}",
            f"{len(files):,} files, {size:.1f} MiB",
        )
    )
