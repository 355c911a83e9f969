"""Start the part inside Spark, wait for its answer, and leave nothing behind."""

from __future__ import annotations

import os
import signal
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

import msgspec

from launcher.planning.submit.command import argv
from launcher.qualify.launch import IMPORTS, Explaining, submission
from sparkjobs.errors import EnvironmentProblem, SparkjobsError
from sparkjobs.interrupts import raising_on_signals
from sparkjobs.qualify.answer import Answer

_GRACE_S = 5
_SHOWN_LINES = 8
_QUICK_JVM = "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC"


def ask(request: Explaining, environ: Mapping[str, str], timeout_s: float) -> Answer:
    """Explain an application.

    Args:
        request: what to explain and with what.
        environ: of the child; says where Python and Java are.
        timeout_s: after so many seconds the child is ended.

    Raises:
        SparkjobsError: it was not finished in time, or Spark ended without an answer.
        EnvironmentProblem: spark-submit cannot be started.
    """
    output = request.scratch / "output.log"
    with raising_on_signals():
        code = _run(argv(submission(request)), _environment(request, environ), output, timeout_s)
    try:
        return msgspec.json.decode(request.answer.read_bytes(), type=Answer)
    except (OSError, msgspec.DecodeError) as error:
        lines = output.read_text(encoding="utf-8", errors="replace").strip().splitlines()
        tail = "\n".join(f"  {line}" for line in lines[-_SHOWN_LINES:])
        raise SparkjobsError(f"Spark ended with exit code {code} and without an answer:\n{tail}") from error


def scratch_folder() -> tempfile.TemporaryDirectory[str]:
    """An empty folder that goes when it is closed."""
    return tempfile.TemporaryDirectory(prefix="sparkjobs-qualify-", ignore_cleanup_errors=True)


def _environment(request: Explaining, environ: Mapping[str, str]) -> dict[str, str]:
    paths = [str(IMPORTS), environ.get("PYTHONPATH", "")]
    child = {**environ, "TMPDIR": str(request.scratch), "PYTHONPATH": os.pathsep.join(filter(None, paths))}
    child.setdefault("SPARK_LAUNCHER_OPTS", _QUICK_JVM)
    return child


def _run(command: Sequence[str], environ: Mapping[str, str], output: Path, timeout_s: float) -> int:
    with output.open("wb") as stream:
        try:
            # A group of its own: the JVM and its Python end with it.
            child = subprocess.Popen(
                list(command), env=dict(environ), stdin=subprocess.DEVNULL, stdout=stream,
                stderr=subprocess.STDOUT, start_new_session=True,
            )  # fmt: skip
        except OSError as error:
            raise EnvironmentProblem(
                f"{command[0]} cannot be started: {error}", "See sparkjob doctor."
            ) from error
        try:
            return child.wait(timeout_s)
        except subprocess.TimeoutExpired as error:
            raise SparkjobsError(
                f"not finished after {timeout_s:g} seconds",
                "Give it more time by --timeout SECONDS; a script that waits for something never ends.",
            ) from error
        finally:
            _end(child)


def _end(child: subprocess.Popen[bytes]) -> None:
    for number in (signal.SIGTERM, signal.SIGKILL):
        try:
            os.killpg(child.pid, number)
        except ProcessLookupError:
            return
        try:
            child.wait(_GRACE_S)
        except subprocess.TimeoutExpired:
            continue
