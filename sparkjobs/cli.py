"""The command that spark-submit runs: ``JOB --flag value ...``. The only place here that prints."""

from __future__ import annotations

import json
import logging
import os
import sys
import time
import uuid
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timezone

from sparkjobs import catalogue, identity, params
from sparkjobs.compiled import prefer_compiled
from sparkjobs.errors import SparkjobsError, UsageError, joined
from sparkjobs.exits import EXIT_FAILED, EXIT_OK, EXIT_USAGE
from sparkjobs.help import catalogue_page, job_page
from sparkjobs.ingest.listing import refuse_missing
from sparkjobs.ingest.storage import S3Settings
from sparkjobs.interrupts import Interrupted, raising_on_signals, stop_behind
from sparkjobs.phases import Profile, phase, profiling, table
from sparkjobs.prepare import RUN_ID_VARIABLE, prepare
from sparkjobs.result import LAUNCHED_VARIABLE, RunResult, error_result
from sparkjobs.run import Run
from sparkjobs.runner import execute, failed, skip_without_spark
from sparkjobs.standard_streams import fill_streams, leave_stream


def main(argv: Sequence[str] | None = None) -> int:
    """Run one job and print its result as the last line.

    Args:
        argv: the arguments after the program's name; those of the process by default.

    Returns:
        The exit code.
    """
    # Before anything imports pyspark: a module that came from the zip stays in sys.modules.
    prefer_compiled()
    fill_streams()
    arguments = list(sys.argv[1:] if argv is None else argv)
    logging.basicConfig(
        stream=sys.stderr,
        level=logging.INFO,
        # On a terminal a progress line may stand there unfinished: it gives way.
        format=("\r\033[K" if sys.stderr.isatty() else "") + "%(asctime)s %(levelname)s %(message)s",
        datefmt="%H:%M:%S",
    )
    # py4j tells of every closed connection at INFO (py4j/clientserver.py), the root logger's level here.
    logging.getLogger("py4j").setLevel(logging.WARNING)
    if not arguments or arguments[0] in ("-h", "--help"):
        print(catalogue_page(catalogue.load(_complain).values()))
        return EXIT_OK if arguments else EXIT_USAGE
    if any(argument in ("-h", "--help") for argument in arguments[1:]):
        return _help(arguments[0])
    result, code = _run(arguments[0], arguments[1:])
    try:
        print(_writable(result.to_json()), flush=True)
    except OSError as error:  # a reader that left, a full disk: what was written is written
        leave_stream(1)
        logging.getLogger("sparkjobs").error("the result cannot be written to stdout: %s", error)
    return code


def _writable(document: str) -> str:
    """A name that is not UTF-8, or an output in ASCII, must not cost the result: JSON can escape it."""
    try:
        document.encode(getattr(sys.stdout, "encoding", None) or "utf-8")
    except UnicodeEncodeError:
        return json.dumps(json.loads(document))
    return document


def _help(name: str) -> int:
    try:
        print(job_page(catalogue.get(name)))
    except UsageError as error:
        _complain(error)
        return error.exit_code
    return EXIT_OK


def _run(name: str, arguments: Sequence[str]) -> tuple[RunResult, int]:
    started, begun_s = datetime.now(timezone.utc), time.monotonic()
    target: str | None = None
    try:
        job = catalogue.get(name)
        given = params.parse(job.params, arguments)
        target = given.result
        with profiling(Profile(begun_s=begun_s)) as profile:
            with phase("prepare"):
                run = prepare(job, given, started)
            result, code = _in_session(run)
        if given.profile:
            result = replace(result, phases=profile.phases())
            _show_phases(result)
    except Exception as error:
        _complain(error)
        run_id = os.environ.get(RUN_ID_VARIABLE) or identity.run_id("none", started, uuid.uuid4().hex)
        result = RunResult(name, run_id, None, None, "FAILED", error=error_result(error))
        code = getattr(error, "exit_code", EXIT_FAILED)
    return (_write_result(target, result) if target else result), code


def _in_session(run: Run) -> tuple[RunResult, int]:
    from sparkjobs.progress import reporting
    from sparkjobs.session import closing_session

    started = time.monotonic()
    try:
        result = skip_without_spark(run)
        if result is not None:
            return replace(result, seconds=round(time.monotonic() - started, 3)), EXIT_OK
        if not run.job.streaming:  # a stream may have read the file before it was removed
            refuse_missing(run.source.inputs, glob=run.source.glob)
        with raising_on_signals(), closing_session(run.job.name, run.params.timezone) as spark:
            with reporting(spark):
                result = execute(spark, run)
            return result, result.exit_code
    except (Interrupted, Exception) as error:
        cause = stop_behind(error) or error
        if isinstance(cause, Exception):
            _complain(cause)
        return failed(run, cause, round(time.monotonic() - started, 3))


def _show_phases(result: RunResult) -> None:
    if result.phases is not None and not os.environ.get(LAUNCHED_VARIABLE):
        print(*table(result.phases), sep="\n", file=sys.stderr)


def _complain(error: Exception) -> None:
    if isinstance(error, SparkjobsError):
        if os.environ.get(LAUNCHED_VARIABLE):
            return  # it says so at the end, where people look
        print(f"error: {joined(error.message)}", file=sys.stderr)
        if error.hint:
            print(f"hint: {error.hint}", file=sys.stderr)
    else:
        logging.getLogger("sparkjobs").error("the run failed", exc_info=error)


def _write_result(path: str, result: RunResult) -> RunResult:
    """Write the JSON to a file too; what the run did stands even when that fails."""
    from sparkjobs.ingest.storage import write_text

    try:
        write_text(path, result.to_json() + "\n", S3Settings.from_environment(os.environ))
    except Exception as error:
        warning = f"the result could not be written to {path}: {error}"
        logging.getLogger("sparkjobs").error(warning)
        return replace(result, warnings=(*result.warnings, warning))
    return result
