"""``sparkjob run-local`` (hidden; ``make run-local``): a first real run, on text that every machine has."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from launcher.cli import console
from launcher.cli.wordcount_report import report
from launcher.host.local.textfiles import python_folders, text_files, up_to
from sparkjobs.errors import DataError

if TYPE_CHECKING:
    from launcher.host.java.choose_java import Java
    from launcher.runs.begin import Ready

MIB = 1024 * 1024


@click.command(name="run-local", hidden=True)
@click.option("--output", default="./out/wordcount", show_default=True, help="Delta table to write.")
@click.option("--max-mib", default=64, show_default=True, help="Text to read, in MiB.")
@click.option("--top", default=15, show_default=True, help="Words to show.")
@click.argument("more", nargs=-1, type=click.UNPROCESSED)
def command(output: str, max_mib: int, top: int, more: tuple[str, ...]) -> int:
    """Count the words of the text files that Python brought to this machine. MORE goes to the job."""
    from launcher.host.java.find import required_java

    files = up_to(text_files(python_folders()), max_mib * MIB)
    if not files:
        raise DataError("no text files were found beside this Python", "Name your own: sparkjobs wordcount.")
    java = required_java(os.environ)
    with tempfile.TemporaryDirectory(prefix="sparkjobs-") as folder:
        # Thousands of paths would not fit an argument list.
        names = Path(folder) / "input.txt"
        text = "".join(f"{path}\n" for path, _ in files)
        names.write_text(text, encoding="utf-8", errors="surrogateescape")
        size = sum(size for _, size in files)
        flags = ["--input", f"@{names}", "--output", output, "--max-bad-rows", "1%", *more]
        prepared = _prepared(flags, size, java)
        if prepared.archive and prepared.archive.reason_against:
            console.note(f"no class-data archive: {prepared.archive.reason_against}")
        console.line(_settings_line(prepared, java, len(files), size))
        return _end(_count(prepared), top)


def _prepared(flags: Sequence[str], size: int, java: Java) -> Ready:
    from launcher.intake.gather_request import gather
    from launcher.intake.invocation import Invocation
    from launcher.runs.begin import ready
    from launcher.spec.config.read_profile import DEFAULT_TARGET

    invocation = Invocation("wordcount", tuple(flags), Path.cwd(), target=DEFAULT_TARGET, input_bytes=size)
    return ready(gather(invocation, os.environ), os.environ, java)


def _count(prepared: Ready) -> dict[str, Any]:
    from launcher.cli.board import follow_on_board

    return follow_on_board(prepared.with_archive(), silent=False, quiet=False, keep_stdout=False)


def _end(result: dict[str, Any], top: int) -> int:
    if result["exit_code"] == 0:
        report(json.dumps(result).encode(), top)
    elif result["error"] is not None:
        console.error(result["error"]["message"], result["error"]["hint"])
    console.line(console.json_text(result))
    return int(result["exit_code"] or 0)


def _settings_line(prepared: Ready, java: Java, files: int, size: int) -> str:
    settings = prepared.request.settings
    return console.glyphs(" · ", ", ").join(
        (
            settings["spark.master"],
            f"{settings['spark.driver.memory']} heap",
            f"Java {java.version}",
            f"Spark {prepared.plan.cluster.spark_version}",
            f"{files:,} files, {size / MIB:.1f} MiB",
        )
    )
