"""The root command: finds verbs lazily, turns errors into two lines on stderr and an exit code."""

from __future__ import annotations

import difflib
import importlib
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NoReturn

import click

from launcher.cli import console
from launcher.cli.verbs import FILES, HIDDEN, VERBS
from sparkjobs.errors import SparkjobsError, UsageError
from sparkjobs.exits import EXIT_FAILED, EXIT_INTERRUPTED, EXIT_OK, EXIT_USAGE
from sparkjobs.interrupts import Interrupted, heed_termination
from sparkjobs.standard_streams import fill_streams, leave_stream

MOST_SHOWN = 200
LOCALE_HINT = "Set LC_ALL=C.UTF-8, so that names are read as UTF-8."


class LazyVerbs(click.Group):
    """A group whose commands are imported when they are called, not when they are listed."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names that the help shows."""
        return sorted(VERBS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import the verb's file; ``None`` for a verb that does not exist."""
        if cmd_name not in VERBS and cmd_name not in HIDDEN:
            return None
        module = importlib.import_module(f"launcher.cli.{FILES.get(cmd_name, cmd_name.replace('-', '_'))}")
        command: click.Command = module.command
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Name the nearest verb when there is none of that name."""
        if not args[0].startswith("-") and self.get_command(ctx, args[0]) is None:
            raise unknown_verb(args[0])
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the verbs from the table of verbs, without importing them."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, VERBS[name]) for name in self.list_commands(ctx)])


def unknown_verb(name: str) -> UsageError:
    """The error for a verb that does not exist."""
    near = difflib.get_close_matches(name, VERBS, n=1)
    hint = f"Did you mean {near[0]}?" if near else f"The commands are: {', '.join(sorted(VERBS))}."
    return UsageError(f"no command is called {name!r}", hint)


def _show_version(ctx: click.Context, _param: click.Parameter, value: bool) -> None:
    if value and not ctx.resilient_parsing:
        from sparkjobs import __version__

        click.echo(f"sparkjob {__version__}")
        ctx.exit()


@click.group(cls=LazyVerbs, context_settings={"help_option_names": ["-h", "--help"]})
@click.option("-C", "folder", metavar="DIR", help="Work as if started in DIR.")
@click.option(
    "--version",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_show_version,
    help="Show the version.",
)
def root(folder: str | None) -> None:
    """Spark jobs on Delta tables, and what they need to run.

    Exit codes: 0 done, 1 failed, 2 wrong usage or a machine that is not ready.
    """
    if folder is not None:
        _enter(Path(folder))


def _enter(folder: Path) -> None:
    if not folder.is_dir():
        raise UsageError(f"-C {folder}: no such folder")
    os.chdir(folder)


def main(argv: Sequence[str] | None = None) -> NoReturn:
    """Run the command line and exit with its code."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    sys.exit(guarded(lambda: _invoke(arguments)))


def _invoke(arguments: list[str]) -> int:
    typed = (_folder(), tuple(arguments))  # as a run remembers it
    code = root.main(args=arguments or ["--help"], prog_name="sparkjob", standalone_mode=False, obj=typed)
    return code if isinstance(code, int) else EXIT_OK


def _folder() -> str:
    try:
        return str(Path.cwd())
    except OSError:  # it was removed
        return "."


def guarded(run: Callable[[], int]) -> int:
    """Call ``run``; report what a user can mend as text, and answer the exit code.

    It ends with its own code whatever has become of stdin, stdout and stderr.
    """
    fill_streams()
    console.hold_any_text()
    heed_termination()
    return _written(_reported(run))


def _written(code: int) -> int:
    """The exit code once all of stdout is written: Python itself would end with 120."""
    try:
        sys.stdout.flush()
    except BrokenPipeError:  # as in `sparkjob ... | head`
        leave_stream(1)
    except OSError as error:
        leave_stream(1)
        console.error(f"stdout cannot be written: {error.strerror}")
        return code or EXIT_FAILED
    return code


def _reported(run: Callable[[], int]) -> int:
    try:
        return run()
    except SparkjobsError as error:
        console.error(error.message, error.hint)
        return error.exit_code
    except click.UsageError as error:
        console.error(error.format_message(), _help_hint(error))
        return EXIT_USAGE
    except click.exceptions.Exit as error:
        return error.exit_code
    except Interrupted as stop:
        console.error(str(stop))
        return stop.exit_code
    except (KeyboardInterrupt, click.Abort):
        console.error("interrupted")
        return EXIT_INTERRUPTED
    except console.ReaderGone:
        return EXIT_OK
    except UnicodeEncodeError as error:
        # Bytes of an argument or a name that are no text in this locale, handed to what takes text alone.
        console.error(f"{ascii(error.object)[:MOST_SHOWN]} is no text in {error.encoding}", LOCALE_HINT)
        return EXIT_USAGE


def _help_hint(error: click.UsageError) -> str:
    path = error.ctx.command_path if error.ctx else "sparkjob"
    hint = f"{path} --help shows what it takes."
    if isinstance(error, click.NoSuchOption) and _has_arguments(error.ctx) and not _misspelt(error):
        return f"{hint} What the job takes stands behind --: {path} JOB -- {error.option_name} ..."
    return hint


def _misspelt(error: click.NoSuchOption) -> bool:
    return bool(difflib.get_close_matches(error.option_name, error.possibilities or (), cutoff=0.85))


def _has_arguments(ctx: click.Context | None) -> bool:
    """Whether the verb hands what stands behind ``--`` to an application."""
    return ctx is not None and any(parameter.name == "arguments" for parameter in ctx.command.params)
