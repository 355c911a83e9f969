"""``sparkjob run JOB|SCRIPT.py``: plan, lock, submit, follow, explain, record."""

from __future__ import annotations

import os
import shlex
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from launcher.cli import console
from launcher.cli.planning_options import invocation, planning_options
from launcher.cli.support import output_option
from sparkjobs.errors import SparkjobsError
from sparkjobs.exits import EXIT_OK
from sparkjobs.standard_streams import leave_stream

if TYPE_CHECKING:
    from launcher.records.record import Record
    from launcher.runs.begin import Ready


@click.command(name="run")
@planning_options
@click.option(
    "--dry-run",
    is_flag=True,
    help="Print the spark-submit command, and its variables on stderr; start nothing.",
)
@click.option("--no-wait", is_flag=True, help="Print the run's id once it is submitted, and go.")
@click.option("--lock-wait", "lock_wait_s", type=click.FloatRange(min=0), default=0.0, metavar="SECONDS",
              help="How long to wait for a table that another run writes.")  # fmt: skip
@click.option("--skip-exit-code", type=click.IntRange(1, 255), metavar="N",
              help="End with N when the work was done before (Airflow: 99).")  # fmt: skip
@click.option("--env", "env", multiple=True, metavar="NAME[=VALUE]",
              help="A variable for the driver, repeatable; NAME alone takes its value here.")  # fmt: skip
@click.option("--restart", metavar="on-failure:N",
              help="Start a stream again after failures that a restart mends, N times an hour.")  # fmt: skip
@click.option("-q", "--quiet", is_flag=True, help="No progress, and no board at the end.")
@output_option
def command(
    dry_run: bool, no_wait: bool, lock_wait_s: float, skip_exit_code: int | None, env: tuple[str, ...],
    restart: str | None, quiet: bool, output: str, **given: Any,
) -> int:  # fmt: skip
    """Run JOB, a job file or any PySpark script: size it, lock its tables, submit, follow to the end.

    The last line of stdout is the result as JSON. Exit codes: 0 done, 1 failed, 2 usage, 3 ended before a
    driver started, 4 lost, 5 the table is locked, 129, 130, 143 hung up, interrupted, terminated.
    """
    from launcher.host.java.find import required_java
    from launcher.intake.gather_request import gather
    from launcher.runs.begin import ready
    from launcher.runs.stream_request import restarts_of
    from launcher.spec.driver_variables import name_and_value, variables

    sys.path.insert(0, str(Path.cwd()))
    try:
        own = variables(map(name_and_value, env), os.environ)
        intake = gather(invocation(given), os.environ)
        java = required_java(os.environ)
        prepared = ready(
            intake, os.environ, java, lock_wait_s, not no_wait,
            variables=own, restarts=restarts_of(restart),
        ).with_archive().typed(*click.get_current_context().find_root().obj)  # fmt: skip
    except SparkjobsError as error:
        if output == "json":
            console.document(_refusal(error))
        raise
    for warning in prepared.warnings:
        console.note(f"warning: {warning}")
    if dry_run:
        return _show(prepared, output)
    if no_wait:
        return _leave(prepared, output)
    return follow_to_end(prepared, output, quiet, skip_exit_code)


def _refusal(error: SparkjobsError) -> dict[str, Any]:
    """What stands for a result when nothing was started."""
    fault = {"class": type(error).__name__, "message": error.message, "hint": error.hint}
    return {"v": 1, "outcome": "FAILED", "state": None, "error": fault, "exit_code": error.exit_code}


def _show(prepared: Ready, output: str) -> int:
    from launcher.redact import MASK, masked_argv
    from launcher.runs.run_settings import added_environment

    shown, environment = masked_argv(prepared.argv()), added_environment(prepared.environ, os.environ)
    environment |= dict.fromkeys(prepared.request.variables, MASK)
    if output == "json":
        console.document({"v": 1, "argv": shown, "environment": environment})
        return EXIT_OK
    for name, value in environment.items():
        console.note(f"export {name}={shlex.quote(value)}")
    console.line(shlex.join(shown))
    return EXIT_OK


def _leave(prepared: Ready, output: str) -> int:
    from launcher.runs.following import until_submitted

    handle = prepared.start("none")
    until_submitted(handle, prepared.launch.lock_wait_s)
    record = handle.status()
    if (record.state.final and record.exit_code) or (handle.ended and not record.state.final):
        return _end(_result(handle.result), output, shown=False)
    if output == "json":
        console.document({"v": 1, "run_id": handle.run_id, "state": record.state.value})
    else:
        console.line(handle.run_id)
    return EXIT_OK


def follow_to_end(prepared: Ready, output: str, quiet: bool, skip_exit_code: int | None) -> int:
    """Start a run, follow it, print its result; answers the exit code."""
    from launcher.cli.board import follow_on_board

    console.note(f"run {prepared.request.run_id}")
    result = _result(lambda: follow_on_board(prepared, silent=output == "json", quiet=quiet))
    if skip_exit_code is not None and result["outcome"] == "SKIPPED":
        result["exit_code"] = skip_exit_code
    for_people = output == "text" and not quiet and sys.stderr.isatty()
    # A driver on the cluster wrote its traceback there.
    shown = output != "json" and prepared.request.deploy_mode == "client"
    return _end(result, output, shown=shown, for_people=for_people)


def _result(wait: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """What ``wait`` answers, or what stands for the result of a run whose end nobody can tell."""
    from launcher.runs.handle import LostRun

    try:
        return wait()
    except LostRun as lost:
        return lost.document


def _end(result: dict[str, Any], output: str, shown: bool, for_people: bool = False) -> int:
    from launcher.cli.run_page import write_run_page
    from launcher.records.store import RunFolder

    folder = RunFolder(Path(result["record"]).parent)
    record = folder.read()
    if not for_people:
        _say_how_it_ended(result, record, shown)
    _show_phases(result)
    _print_result(result, output)
    report = write_run_page(folder, record)  # whoever waits for the result need not wait for it
    if for_people:  # last, where they look
        from launcher.cli.end_board import show_end

        show_end(result, record, report)
    return int(result["exit_code"] or 0)


def _show_phases(result: dict[str, Any]) -> None:
    from sparkjobs.phases import Phase, table

    for line in table([Phase(**found) for found in result.get("phases") or ()]):
        console.note(line)


def _say_how_it_ended(result: dict[str, Any], record: Record, shown: bool) -> None:
    for warning in record.warnings:
        console.note(f"warning: {warning}")
    error = result["error"]
    if error is not None:
        if not shown:  # else its traceback stands on stderr already, where the application wrote it
            _where_it_failed(record)
        console.error(error["message"], error["hint"])


def _print_result(result: dict[str, Any], output: str) -> None:
    try:
        print(console.json_text(result, indent=2 if output == "json" else None), flush=True)
    except OSError as problem:  # a reader that left, a full disk: the run is what it is
        leave_stream(1)
        console.note(
            f"warning: the result cannot be written to stdout: {problem.strerror}; {result['record']} has it"
        )


def _where_it_failed(record: Record) -> None:
    explanation = record.explanation
    for line in (*explanation.traceback, *explanation.task) if explanation else ():
        console.note(line)
