"""``sparkjob validate``: contradictions and silent traps in any configuration."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import click

from launcher.cli import console
from launcher.cli.support import output_option
from sparkjobs.exits import EXIT_OK, EXIT_USAGE

if TYPE_CHECKING:
    from launcher.validation.judge import Judge, Report

WORDS = "launcher.cli.validate.words"


class _WithCommandLine(click.Command):
    """Keeps what stands behind ``--``: click itself would make it more FILES."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Take the command line away before click sees it."""
        end = args.index("--") if "--" in args else len(args)
        ctx.meta[WORDS] = tuple(args[end + 1 :])
        return super().parse_args(ctx, args[:end])


@click.command(name="validate", cls=_WithCommandLine)
@click.argument("files", nargs=-1, metavar="[FILES] [-- COMMAND LINE]")
@click.option("--target", metavar="CLUSTER", help="Cluster profile: tells nodes and versions.")
@click.option("--silence", "silences", multiple=True, metavar="ID=REASON",
              help="Leave out the findings of a rule; can be repeated.")  # fmt: skip
@click.option("-q", "--quiet", is_flag=True, help="Only errors, without what to do.")
@output_option
@click.pass_context
def command(
    ctx: click.Context,
    files: tuple[str, ...],
    target: str | None,
    silences: tuple[str, ...],
    quiet: bool,
    output: str,
) -> int:
    """Look for contradictions and silent traps. Exit 2 when there is an error.

    FILES may be cluster profiles, job files, spark-defaults and other properties files, scripts that call
    spark-submit, event logs and plans (sparkjob plan -o json); without any, the project's own files.
    Behind -- stands a command line of spark-submit.
    """
    from launcher.cli import validate_report

    reports = _reports(_judge(target, silences), files, ctx.meta[WORDS])
    if output == "json":
        console.document(validate_report.document(reports))
    else:
        console.line(validate_report.text(reports, quiet))
    return EXIT_USAGE if validate_report.count(reports, "error") else EXIT_OK


def _judge(target: str | None, silences: tuple[str, ...]) -> Judge:
    from launcher.host.compatibility import TABLE_NAME, read_table
    from launcher.places import config_file
    from launcher.validation.judge import Judge
    from launcher.validation.silence import of_options

    table = read_table(config_file(TABLE_NAME, os.environ, Path.cwd()))
    return Judge(os.environ, Path.cwd(), table, target, of_options(silences))


def _reports(judge: Judge, files: tuple[str, ...], words: tuple[str, ...]) -> list[Report]:
    from launcher.intake.gather_request import spark_home
    from launcher.validation.judge import project_files

    if words:
        return [*map(judge.file, files), judge.words(words)]
    if files:
        return [*map(judge.file, files)]
    environ = {**os.environ, "SPARK_HOME": spark_home(os.environ)}
    return [*map(judge.file, project_files(environ, Path.cwd()))]
